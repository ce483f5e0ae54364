/// Identifier of a postal item: service indicator, eight digits, check digit, country (UPU standard S10).
public struct S10: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Two capital letters, for example `RR` for registered items.
    public let service: String
    /// 0 to 99,999,999.
    public let serial: Int
    /// ISO 3166-1 code of the post that gave the number out.
    public let country: String

    /// Nil when a part has another form than S10 gives it.
    public init?(service: String, serial: Int, country: String) {
        guard S10.isPair(service), S10.isPair(country), (0...99_999_999).contains(serial) else { return nil }
        self.service = service
        self.serial = serial
        self.country = country
    }

    /// What a scanner reads or a person types: thirteen characters, spaces between groups allowed. Nil when the form or
    /// the check digit is wrong.
    public init?(_ text: String) {
        let characters = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })
        guard characters.count == 13 else { return nil }
        let digits = characters[2..<11]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let serial = Int(String(decoding: digits.prefix(8), as: UTF8.self))
        else { return nil }
        self.init(
            service: String(decoding: characters[..<2], as: UTF8.self), serial: serial,
            country: String(decoding: characters[11...], as: UTF8.self))
        guard Int(digits[10] - UInt8(ascii: "0")) == checkDigit else { return nil }
    }

    /// Weights 8 6 4 2 3 5 9 7; 11 less the remainder by 11, where 10 becomes 0 and 11 becomes 5.
    public var checkDigit: Int {
        var rest = serial
        var sum = 0
        for weight in [7, 9, 5, 3, 2, 4, 6, 8] {
            sum += rest % 10 * weight
            rest /= 10
        }
        switch 11 - sum % 11 {
        case 10: return 0
        case 11: return 5
        case let digit: return digit
        }
    }

    public var description: String {
        let digits = String(serial)
        return service + String(repeating: "0", count: 8 - digits.count) + digits + "\(checkDigit)" + country
    }

    public static func < (left: S10, right: S10) -> Bool { left.description < right.description }

    private static func isPair(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
