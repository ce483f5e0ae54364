public import Ground

/// How long people waited. Times are microseconds from the approval.
public struct AgeingReport: Sendable, Hashable {
    public struct Waiting: Sendable, Hashable {
        public let production: ProductionID
        public let requestID: String
        public let state: RecordState
        public let reason: String?
        public let approved: WallTime
        public let age: Int64

        public init(
            production: ProductionID, requestID: String, state: RecordState, reason: String?, approved: WallTime,
            age: Int64
        ) {
            self.production = production
            self.requestID = requestID
            self.state = state
            self.reason = reason
            self.approved = approved
            self.age = age
        }
    }

    public let now: WallTime
    /// Of records that are not finished.
    public let open: Percentiles
    /// From approval to the good document.
    public let finished: Percentiles
    public let oldest: [Waiting]
    /// Priority classes that have a deadline, the next one first.
    public let classes: [ClassStanding]

    public init(
        now: WallTime, open: Percentiles, finished: Percentiles, oldest: [Waiting], classes: [ClassStanding] = []
    ) {
        self.now = now
        self.open = open
        self.finished = finished
        self.oldest = oldest
        self.classes = classes
    }
}

/// Percentiles by nearest rank: the smallest value that at least so many percent do not exceed.
public struct Percentiles: Sendable, Hashable {
    public let count: Int
    public let p50: Int64
    public let p90: Int64
    public let p99: Int64
    public let maximum: Int64

    public init(_ values: [Int64]) {
        let sorted = values.sorted()
        func rank(_ percent: Int) -> Int64 {
            sorted.isEmpty ? 0 : sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
        }
        count = sorted.count
        p50 = rank(50)
        p90 = rank(90)
        p99 = rank(99)
        maximum = sorted.last ?? 0
    }
}

/// Ages of records: of the open ones until `now`, of the finished ones until the good document.
public struct AgeingQuery: LedgerQuery {
    public let now: WallTime
    /// Finished ones are those whose document was finished in this time.
    public let from: WallTime?
    public let to: WallTime?
    /// How many of the oldest are named.
    public let limit: Int
    /// Of a product; nil asks for none.
    public let deadlines: ClassDeadlinesQuery?

    public init(
        now: WallTime, from: WallTime? = nil, to: WallTime? = nil, limit: Int = 20,
        deadlines: ClassDeadlinesQuery? = nil
    ) {
        self.now = now
        self.from = from
        self.to = to
        self.limit = limit
        self.deadlines = deadlines
    }

    public func answer(_ books: BooksReader) throws -> AgeingReport {
        let isOpen = "state IN ('queued','claimed','held')"
        var open: [Int64] = []
        try books.forEach("SELECT approved FROM production WHERE \(isOpen)") { row in
            open.append(now.microseconds - (try row.integer("approved")))
        }
        var finished: [Int64] = []
        try books.forEach(
            """
            SELECT p.approved, a.ended FROM attempt a JOIN production p ON p.production = a.production
            WHERE a.state = 'produced' AND a.ended >= ? AND a.ended < ?
            """, [.integer(from?.microseconds ?? .min), .integer(to?.microseconds ?? .max)]
        ) { row in finished.append(try row.integer("ended") - row.integer("approved")) }
        let oldest = try books.rows(
            "SELECT * FROM production WHERE \(isOpen) ORDER BY approved, production LIMIT ?", [.count(limit)]
        ).map { row in
            AgeingReport.Waiting(
                production: ProductionID(try row.text("production")), requestID: try row.text("request"),
                state: RecordState(rawValue: try row.text("state")) ?? .held, reason: row.optionalText("reason"),
                approved: WallTime(microseconds: try row.integer("approved")),
                age: now.microseconds - (try row.integer("approved")))
        }
        return AgeingReport(
            now: now, open: Percentiles(open), finished: Percentiles(finished), oldest: oldest,
            classes: try deadlines?.answer(books) ?? [])
    }
}
