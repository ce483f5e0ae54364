/// Security level of a secure channel, GPC Amendment D table 7-3.
public struct SecurityLevel: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let cMAC = SecurityLevel(rawValue: 0x01)
    public static let cDecryption = SecurityLevel(rawValue: 0x02)
    public static let rMAC = SecurityLevel(rawValue: 0x10)
    public static let rEncryption = SecurityLevel(rawValue: 0x20)

    /// The highest level of a card's implementation options `i` (bits 20 R-MAC, 40 with it R-ENC).
    public static func highest(options: UInt8) -> SecurityLevel {
        switch options & 0x60 {
        case 0x60: SecurityLevel(rawValue: 0x33)
        case 0x20: SecurityLevel(rawValue: 0x13)
        default: SecurityLevel(rawValue: 0x03)
        }
    }
}
