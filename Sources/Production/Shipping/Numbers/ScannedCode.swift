public import Ground

/// What a label says, by its form alone.
public enum ScannedCode: Sendable, Hashable, CustomStringConvertible {
    /// The document's own mark: stock type, ":", serial.
    case document(BlankID)
    case envelope(S10)
    case container(SSCC)

    /// Throws `shipping.scan.check` for a number whose check digit is wrong, and `shipping.scan.unreadable` for what is
    /// no label of this plant. The text itself is not repeated in the error: it may be anything.
    public init(_ text: String) throws(SakkError) {
        let trimmed = text.filter { !$0.isWhitespace }
        if let number = S10(trimmed) {
            self = .envelope(number)
        } else if let number = SSCC(trimmed) {
            self = .container(number)
        } else if ScannedCode.looksLikeNumber(trimmed) {
            throw Refusal.scanCheck.error("scan")
        } else if ScannedCode.isMark(trimmed) {
            self = .document(BlankID(trimmed))
        } else {
            throw Refusal.scanUnreadable.error("scan")
        }
    }

    public var description: String {
        switch self {
        case .document(let blank): blank.rawValue
        case .envelope(let number): number.description
        case .container(let number): number.description
        }
    }

    /// Of the form of S10 or SSCC, so only the check digit can be wrong.
    private static func looksLikeNumber(_ text: String) -> Bool {
        let kinds = text.utf8.map { character -> Character in
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): "9"
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): "A"
            default: "?"
            }
        }
        return String(kinds) == "AA999999999AA" || ([18, 20].contains(kinds.count) && kinds.allSatisfy { $0 == "9" })
    }

    private static func isMark(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.count <= 64 }
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
