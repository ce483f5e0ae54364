public import Ground

/// What the authority is told of documents after the good box, in the order in which it happened: `active` only when a
/// document is in its holder's hands.
public struct ShippingNoticesQuery: LedgerQuery {
    public struct Notice: Sendable, Hashable {
        public let production: ProductionID
        /// `active`, `suspended`, `lost` or `destroyed`.
        public let notice: String
        public let at: WallTime
        /// Where to go on: give it as `after`.
        public let tick: Int64
    }
    public let after: Int64
    public let limit: Int
    public init(after: Int64 = 0, limit: Int = 10_000) {
        self.after = after
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [Notice] {
        try books.rows(
            """
            SELECT n.production, n.notice, n.wall, j.tick FROM parcel_notice n
            JOIN journal j ON j.log = n.log AND j.seq = n.seq WHERE j.tick > ? ORDER BY j.tick LIMIT ?
            """, [.integer(after), .count(limit)]
        ).map { row in
            Notice(
                production: ProductionID(try row.text("production")), notice: try row.text("notice"),
                at: WallTime(microseconds: try row.integer("wall")), tick: try row.integer("tick"))
        }
    }
}

/// Scans that were refused, the newest first.
public struct RefusedScansQuery: LedgerQuery {
    public struct Refused: Sendable, Hashable {
        public let act: String
        public let code: SakkError.Code
        /// Numbers and marks of the plant; `?` for what is none.
        public let items: [String]
        public let person: String
        public let at: WallTime
    }
    public let limit: Int
    public init(limit: Int = 100) { self.limit = limit }

    public func answer(_ books: BooksReader) throws -> [Refused] {
        try books.rows("SELECT * FROM scan_refused ORDER BY seq DESC LIMIT ?", [.count(limit)]).map { row in
            Refused(
                act: try row.text("act"), code: SakkError.Code(rawValue: try row.text("code")),
                items: try row.text("items").split(separator: " ").map(String.init), person: try row.text("actor"),
                at: WallTime(microseconds: try row.integer("wall")))
        }
    }
}

/// The last number that was given out of each range, and whether it is in doubt since a restore.
public struct NumberRangesQuery: LedgerQuery {
    public struct Range: Sendable, Hashable {
        public let id: String
        public let last: Int
        public let isInDoubt: Bool
    }
    public init() {}

    public func answer(_ books: BooksReader) throws -> [Range] {
        let doubt = try books.row("SELECT MAX(generation) AS n FROM number_doubt")?.optionalInteger("n") ?? 0
        return try books.rows("SELECT * FROM number_range ORDER BY range").map { row in
            Range(
                id: try row.text("range"), last: try row.count("last"),
                isInDoubt: try row.integer("generation") < doubt)
        }
    }
}
