import Ground

/// Check digits of the machine readable zone (ICAO Doc 9303-3, 4.9): weights 7 3 1, A is 10, the filler is 0.
public enum CheckDigit {
    /// Value of a character of the MRZ; nil for one that may not stand there.
    public static func value(of character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character - UInt8(ascii: "A")) + 10
        case UInt8(ascii: "<"): 0
        default: nil
        }
    }

    /// The digit as a character, or nil when a character outside A-Z, 0-9 and `<` stands in the text.
    public static func of(_ text: some StringProtocol) -> Character? {
        var sum = 0
        for (index, character) in text.utf8.enumerated() {
            guard let value = value(of: character) else { return nil }
            sum += value * [7, 3, 1][index % 3]
        }
        return Character(String(sum % 10))
    }
}
