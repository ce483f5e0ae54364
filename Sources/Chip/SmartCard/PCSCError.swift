import CPCSC
internal import Ground

/// Result codes of PC/SC (pcsclite.h), with the library's own names.
public struct PCSCError: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ code: LONG) { rawValue = UInt32(truncatingIfNeeded: code) }
    private init(_ code: UInt32) { rawValue = code }

    public static let success = PCSCError(UInt32(0))
    public static let cancelled = PCSCError(UInt32(0x8010_0002))
    public static let insufficientBuffer = PCSCError(UInt32(0x8010_0008))
    public static let invalidHandle = PCSCError(UInt32(0x8010_0003))
    public static let unknownReader = PCSCError(UInt32(0x8010_0009))
    public static let timeout = PCSCError(UInt32(0x8010_000A))
    public static let sharingViolation = PCSCError(UInt32(0x8010_000B))
    public static let noSmartcard = PCSCError(UInt32(0x8010_000C))
    public static let protocolMismatch = PCSCError(UInt32(0x8010_000F))
    public static let commError = PCSCError(UInt32(0x8010_0013))
    public static let notTransacted = PCSCError(UInt32(0x8010_0016))
    public static let readerUnavailable = PCSCError(UInt32(0x8010_0017))
    public static let noService = PCSCError(UInt32(0x8010_001D))
    public static let serviceStopped = PCSCError(UInt32(0x8010_001E))
    public static let noReadersAvailable = PCSCError(UInt32(0x8010_002E))
    public static let unresponsiveCard = PCSCError(UInt32(0x8010_0066))
    public static let unpoweredCard = PCSCError(UInt32(0x8010_0067))
    public static let resetCard = PCSCError(UInt32(0x8010_0068))
    public static let removedCard = PCSCError(UInt32(0x8010_0069))

    var native: SakkError.Native {
        SakkError.Native(kind: "PC/SC", value: "0x" + BigEndian.bytes(rawValue).hex)
    }

    /// The error of Sakk for this code. `inFlight` says that a command had left: then the outcome is unknown.
    func error(reader: String, during act: String, inFlight: Bool = false) -> SakkError {
        let (code, text, remedy): (SakkError.Code, String, String) =
            switch self {
            case .noService, .serviceStopped:
                (
                    "reader.service.missing", "The PC/SC service does not answer.",
                    "Start it: systemctl start pcscd.socket (or pcscd --foreground as root), then try again."
                )
            case .unknownReader, .readerUnavailable, .noReadersAvailable:
                ("reader.missing", "The reader is not connected.", "Check its cable and power, then try again.")
            case .noSmartcard: ("chip.absent", "There is no card at the reader.", "Feed the card to the encoder.")
            case .unresponsiveCard, .unpoweredCard, .protocolMismatch:
                (
                    "chip.mute", "The card does not answer to reset.",
                    "Take the card out; look at the contacts or the antenna, then spoil it."
                )
            case .removedCard:
                ("chip.removed", "The card left the reader.", "Find out by its identity what reached the chip.")
            case .resetCard:
                (
                    "chip.reset", "The card was reset under us.",
                    "Find out by its identity what reached the chip."
                )
            case .sharingViolation:
                (
                    "reader.busy", "Another program holds the card.",
                    "Stop the other program that uses this reader."
                )
            case .commError, .notTransacted:
                (
                    "chip.silent", "The card stopped answering.",
                    "Find out by its identity what reached the chip; if it stays silent, spoil it."
                )
            default: ("reader.failed", "The PC/SC service reports a failure.", "Disconnect the reader, start again.")
            }
        return SakkError(
            code, source: "reader \(reader)", native: native, outcome: inFlight ? .unknown : .notDone,
            text: "\(text) It was during \(act).", remedy: remedy)
    }
}
