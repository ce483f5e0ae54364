public import Ground

/// The journal that a change is written to: a line's own, or one of the plant's.
public struct LogID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ line: LineID) { rawValue = line.rawValue }

    /// Intake, cursors, stop-lists, withdrawals, holds by a person.
    public static let queue = LogID("queue")
    /// Stock, shifts, counts, destruction.
    public static let vault = LogID("vault")
    /// People, what proves them, approvals, and what they did at screens.
    public static let people = LogID("people")
    /// Parcels from the good box to the holder.
    public static let shipping = LogID("shipping")
    /// Logs that no line owns: their rows need no lease.
    var isPlant: Bool { LogID.plant.contains(self) }
    static let plant: Set<LogID> = [.queue, .vault, .people, .shipping]
}
