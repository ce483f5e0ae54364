/// What goes wrong on the wire at the next transfer; each happens once.
public enum BusFault: Sendable, Equatable {
    /// The OUT endpoint halts after so many bytes of a transfer, until the halt is cleared.
    case stallOut(afterBytes: Int)
    /// The IN endpoint halts, until the halt is cleared.
    case stallIn
    /// The device takes so many bytes of an OUT transfer and then no more: the transfer waits until it is given up.
    case partialOut(bytes: Int)
    /// From now on the device takes no bytes of a program that does not listen: an OUT transfer is stalled while no IN
    /// transfer is posted. Stays.
    case demandReader
    /// Somebody pulls the plug after so many bytes of an OUT transfer.
    case pullOut(afterBytes: Int)

    /// From words such as `stall-out 1000`; nil when they are none.
    public init?(_ kind: String, bytes: Int) {
        guard bytes >= 0 else { return nil }
        switch kind {
        case "stall-out": self = .stallOut(afterBytes: bytes)
        case "demand-reader": self = .demandReader
        case "stall-in": self = .stallIn
        case "partial-out": self = .partialOut(bytes: bytes)
        case "pull-out": self = .pullOut(afterBytes: bytes)
        default: return nil
        }
    }
}
