import Ground

/// When a run ends by itself.
public enum RunEnd: Sendable, Hashable {
    /// When nothing moves any more: the queue is empty, or a person or the outside is waited for.
    case idle
    /// When the queue is empty or the target reached at every cell. A suspended cell goes on when its cause has ended,
    /// a held one when a person says so.
    case complete
    /// Never: a cell that is complete goes on as soon as the queue has a record for it.
    case asked
}

/// What a cell was asked for and has not done yet.
struct CellOrders: Sendable {
    /// The process ends.
    var ends = false
    /// Stopped after the card that is in the machine.
    var stops = false
    /// Held after the card that is in the machine: the words.
    var holds: String?
    /// Aborted before the next act: the words.
    var aborts: String?
    /// What a cell that waits does next.
    var next: Next?
    /// Nothing moves: an order is carried out at once.
    var isWaiting = false

    struct Next: Sendable, Hashable {
        /// Who looked after the hold.
        var person: String?
        /// Only looks at the machine (PackML Clearing).
        var clears = false
    }
}
