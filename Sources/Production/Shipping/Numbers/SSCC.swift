/// Serial shipping container code: extension digit, company prefix and serial in 17 digits, check digit (GS1 General
/// Specifications, application identifier 00). Names a box, a bag or a consignment.
public struct SSCC: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Eighteen digits; the last is the check digit.
    public let digits: String

    /// Nil unless the prefix has 4 to 12 digits and the serial fits in what is left of 17.
    public init?(extensionDigit: Int, prefix: String, serial: Int) {
        let places = 16 - prefix.utf8.count
        let serialDigits = String(serial)
        guard (0...9).contains(extensionDigit), (4...12).contains(prefix.utf8.count), serial >= 0,
            serialDigits.utf8.count <= places
        else { return nil }
        let body =
            "\(extensionDigit)" + prefix + String(repeating: "0", count: places - serialDigits.utf8.count)
            + serialDigits
        guard let check = GS1.checkDigit(of: body) else { return nil }
        digits = body + "\(check)"
    }

    /// What a scanner reads or a person types: eighteen digits, after `00`, `(00)` or `]C100` (the symbology identifier
    /// of GS1-128) or alone. Nil when the form or the check digit is wrong.
    public init?(_ text: String) {
        var rest = text.filter { $0 != " " }[...]
        for head in ["]C1", "]d2", "]Q3"] where rest.hasPrefix(head) { rest = rest.dropFirst(head.count) }
        if rest.hasPrefix("(00)") {
            rest = rest.dropFirst(4)
        } else if rest.utf8.count == 20, rest.hasPrefix("00") {
            rest = rest.dropFirst(2)
        }
        guard rest.utf8.count == 18, let check = GS1.checkDigit(of: String(rest.dropLast())),
            rest.hasSuffix("\(check)")
        else { return nil }
        digits = String(rest)
    }

    public var description: String { digits }

    public static func < (left: SSCC, right: SSCC) -> Bool { left.digits < right.digits }
}
