internal import Ground

/// What is really in a card's memory: the plant's truth, never what a controller was told.
/// `dg1MRZ` is personal data (of invented people only).
public struct ChipCensus: Sendable, Equatable, Codable {
    /// CPLC, 42 bytes in hexadecimal.
    public var cplcHex: String
    /// GlobalPlatform card life cycle: `OP_READY`, `INITIALIZED`, `SECURED`, `CARD_LOCKED`, `TERMINATED`.
    public var cardState: String
    /// False for a mute card.
    public var answers: Bool
    /// Whether an instance of the passport applet exists.
    public var instanceInstalled: Bool
    /// Whether the passport instance is locked (personalisation ended).
    public var locked: Bool
    /// Created files: identifier in hexadecimal (`0101`) to size in bytes.
    public var files: [String: Int]
    /// SHA-256 of each file's bytes, in hexadecimal.
    public var fileSHA256: [String: String]
    /// The MRZ of EF.DG1 as stored, lines joined; nil without a readable EF.DG1.
    public var dg1MRZ: String?
    /// EXTERNAL AUTHENTICATEs of a card manager that failed in the card's whole life.
    public var failedAuthentications: Int
}
