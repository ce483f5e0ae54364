public import Ground

/// The shifts of a line, the newest first.
public struct ShiftsQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let shift: ShiftID
        public let openedAt: WallTime
        public let openedBy: String
        /// nil while it is open.
        public let closedAt: WallTime?
        public let closedBy: String?
    }
    public let line: LineID
    public let limit: Int
    public init(line: LineID, limit: Int = 50) {
        self.line = line
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            "SELECT * FROM shift WHERE line = ? ORDER BY factory_day DESC, opened DESC, shift DESC LIMIT ?",
            [.text(line.rawValue), .count(limit)]
        ).map { row in
            Row(
                shift: ShiftID(try row.text("shift")), openedAt: WallTime(microseconds: try row.integer("opened")),
                openedBy: try row.text("opened_by"),
                closedAt: row.optionalInteger("closed").map { WallTime(microseconds: $0) },
                closedBy: row.optionalText("closed_by"))
        }
    }
}

/// From when to when a shift was open, on the time line of its line's log (`PlantClock`) where that knows the boot: a wall
/// clock that jumped in between moves nothing.
public struct ShiftSpanQuery: LedgerQuery {
    public struct Span: Sendable, Hashable {
        public let line: LineID
        public let from: WallTime
        /// nil while it is open.
        public let to: WallTime?
    }
    public let shift: ShiftID
    public init(_ shift: ShiftID) { self.shift = shift }

    public func answer(_ books: BooksReader) throws -> Span {
        let line = try ShiftBooks(books: books).state(shift).line
        let clock = try UnitLogQuery(line: line, cell: CellID("")).log(books).clock
        let subject = SQLValue.blob(JSONValue.array([.string(shift.rawValue)]).canonical)
        let both = SQLValue.blob(JSONValue.array([.string(shift.rawValue), .string(line.rawValue)]).canonical)
        func time(_ kind: String, _ subjects: SQLValue) throws -> WallTime? {
            let row = try books.row(
                "SELECT boot, mono, wall FROM journal WHERE log = ? AND kind = ? AND subjects = ?",
                [.text(LogID.vault.rawValue), .text(kind), subjects])
            return try row.map { row in
                let known = clock.time(boot: try row.text("boot"), mono: try row.integer("mono"))
                return WallTime(microseconds: try known ?? row.integer("wall"))
            }
        }
        guard let from = try time("shift.opened", both) else { throw SQLFailure.shape("shift.opened") }
        return Span(line: line, from: from, to: try time("shift.closed", subject))
    }
}
