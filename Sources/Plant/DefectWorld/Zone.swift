/// A machine readable zone of ICAO Doc 9303-4 or 9303-5, state UTO.
struct Zone {
    static func lines(
        isPassport: Bool, number: String, national: String, birth: String, sex: String, expiry: String, family: String,
        given: String
    ) -> [String] {
        let names = latin(family) + "<<" + latin(given)
        if isPassport {
            let first = fill("P<UTO" + names, 44)
            let personal = fill(national, 14)
            var second = number + check(number) + "UTO" + birth + check(birth) + sex + expiry + check(expiry) + personal
            second += check(personal)
            let whole =
                number + check(number) + birth + check(birth) + expiry + check(expiry) + personal + check(personal)
            return [first, second + check(whole)]
        }
        let first = fill("IDUTO" + number + check(number) + national, 30)
        let middle = birth + check(birth) + sex + expiry + check(expiry) + "UTO" + String(repeating: "<", count: 11)
        let optional = first.dropFirst(15)
        let whole =
            number + check(number) + optional + birth + check(birth) + expiry + check(expiry)
            + String(repeating: "<", count: 11)
        return [first, middle + check(whole), fill(names, 30)]
    }

    private static func latin(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && $0.isLetter ? $0 : "<" })
    }
    private static func fill(_ text: String, _ count: Int) -> String {
        String((text + String(repeating: "<", count: count)).prefix(count))
    }

    /// Doc 9303-3 section 4.9: weights 7, 3, 1, modulo 10.
    static func check(_ text: String) -> String {
        var sum = 0
        for (index, character) in text.utf8.enumerated() {
            let value =
                switch character {
                case 48...57: Int(character) - 48
                case 65...90: Int(character) - 55
                default: 0
                }
            sum += value * [7, 3, 1][index % 3]
        }
        return "\(sum % 10)"
    }
}
