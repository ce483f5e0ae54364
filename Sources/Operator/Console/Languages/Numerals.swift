/// The digits that counts and times are written with. Serials, numbers of documents and addresses always have Latin ones.
public enum Numerals: String, Sendable, Hashable, CaseIterable {
    case latin
    /// U+0660 and following.
    case arabicIndic = "arabic_indic"

    func write(_ text: String) -> String {
        guard self == .arabicIndic else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (48...57).contains(scalar.value) ? Unicode.Scalar(scalar.value - 48 + 0x660)! : scalar
                }))
    }

    /// Groups of three, parted by a thin space that does not break.
    func write(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits.count > 4 { text.append("\u{202F}") }
            text.append(digit)
        }
        return write((number < 0 ? "\u{2212}" : "") + text)
    }

    /// A number of a thing as it stands on the thing: in Latin digits, whichever a keyboard gave.
    static func latin(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    digit(scalar).flatMap { Unicode.Scalar($0 + 48) } ?? scalar
                }))
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar.value {
        case 48...57: scalar.value - 48
        case 0x660...0x669: scalar.value - 0x660
        case 0x6F0...0x6F9: scalar.value - 0x6F0
        default: nil
        }
    }

    /// A whole number from 0 in any of the digits that a keyboard here may give; nil for anything else.
    static func read(_ text: String) -> Int? {
        var value = 0
        guard !text.isEmpty, text.count <= 12 else { return nil }
        for scalar in text.unicodeScalars {
            guard let digit = digit(scalar) else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
