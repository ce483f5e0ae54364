public import Ground

/// The date by which the records of a priority class are to be made: a campaign's end.
///
/// Until `at - rise` the class has its own head start and quota. From then on, in equal steps of a thousandth, its records
/// are due earlier by up to `rise`, and what its quota leaves to others goes to it, so that at the deadline there is no
/// quota any more. After the deadline the class is overdue: it goes before every other one, and remakes alone go before
/// it. The wall clock decides here, as with every date; it decides about the order of the queue and nothing else.
public struct ClassDeadline: Sendable, Hashable {
    /// The end of the last day.
    public let at: WallTime
    /// Microseconds.
    public let rise: Int64

    public init(at: WallTime, rise: Int64) {
        self.at = at
        self.rise = rise
    }

    public func isOverdue(_ now: WallTime) -> Bool { now >= at }

    /// In thousandths: 0 until the rise begins, 1000 at the deadline and after it.
    public func nearness(_ now: WallTime) -> Int64 {
        let left = at.microseconds - now.microseconds
        guard left > 0 else { return 1000 }
        guard rise > 0, left < rise else { return 0 }
        // in seconds: microseconds times a thousand are too many for a rise of years
        return 1000 - left / 1_000_000 * 1000 / max(1, rise / 1_000_000)
    }

    /// How much earlier a record of the class is due than its head start says, microseconds.
    public func earlier(_ now: WallTime) -> Int64 { rise / 1000 * nearness(now) }

    /// The share that the class may have now, in percent.
    public func quota(_ percent: Int, _ now: WallTime) -> Int {
        percent + (100 - percent) * Int(nearness(now)) / 1000
    }
}

/// A class with a deadline, and how many of its records are not made.
public struct ClassStanding: Sendable, Hashable {
    public let priorityClass: String
    public let deadline: ClassDeadline
    public let waiting: Int
    public let inWork: Int
    public let held: Int
    public let isOverdue: Bool

    public init(
        priorityClass: String, deadline: ClassDeadline, waiting: Int, inWork: Int, held: Int, isOverdue: Bool
    ) {
        self.priorityClass = priorityClass
        self.deadline = deadline
        self.waiting = waiting
        self.inWork = inWork
        self.held = held
        self.isOverdue = isOverdue
    }
}

/// The classes of a product that have a deadline, the next one first; overdue is one whose day is over while records of
/// it are not made.
public struct ClassDeadlinesQuery: LedgerQuery {
    public let product: String
    public let deadlines: [String: ClassDeadline]
    public let now: WallTime

    public init(product: String, deadlines: [String: ClassDeadline], now: WallTime) {
        self.product = product
        self.deadlines = deadlines
        self.now = now
    }

    public func answer(_ books: BooksReader) throws -> [ClassStanding] {
        guard !deadlines.isEmpty else { return [] }
        let rows = try books.rows(
            """
            SELECT class, state, COUNT(*) AS n FROM production
            WHERE product = ? AND state IN ('queued','claimed','held') GROUP BY class, state
            """, [.text(product)])
        var counts: [String: [RecordState: Int]] = [:]
        for row in rows {
            guard let state = RecordState(rawValue: try row.text("state")) else { continue }
            counts[try row.text("class"), default: [:]][state] = try row.count("n")
        }
        return deadlines.sorted { ($0.value.at, $0.key) < ($1.value.at, $1.key) }.map { name, deadline in
            let open = counts[name] ?? [:]
            return ClassStanding(
                priorityClass: name, deadline: deadline, waiting: open[.queued] ?? 0, inWork: open[.claimed] ?? 0,
                held: open[.held] ?? 0, isOverdue: deadline.isOverdue(now) && open.values.contains { $0 > 0 })
        }
    }
}
