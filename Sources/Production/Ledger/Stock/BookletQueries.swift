public import Ground

/// What the books know about the booklet of this number; nil when it was never received.
public struct BookletQuery: LedgerQuery {
    public struct Booklet: Sendable, Hashable {
        public let blank: BlankID
        public let number: String
        public let lot: LotID
        /// As the manufacturer's manifest says, for example `diplomatic`.
        public let category: String?
        /// Why its lot is held; nil when it is not.
        public let lotHold: String?
        public let account: Account
        /// Whose hopper it lies in, while `account` is `line`.
        public let line: LineID
        public let cell: CellID?
        public let chip: ChipIdentity?
        /// The attempt that it was bound to.
        public let attempt: AttemptID?
        /// Its number is void.
        public let isVoid: Bool
        /// Why it is where it is.
        public let reason: String
    }

    public let number: String
    public init(_ number: String) { self.number = number }

    public func answer(_ books: BooksReader) throws -> Booklet? {
        let row = try books.row(
            """
            SELECT b.*, l.category, l.hold, a.attempt AS owner, v.number AS void FROM blank b
            JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
            LEFT JOIN attempt a ON a.blank = b.blank LEFT JOIN void_number v ON v.blank = b.blank
            WHERE b.number = ?
            """, [.text(number)])
        return try row.map { row in
            guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
            return Booklet(
                blank: BlankID(try row.text("blank")), number: number,
                lot: LotID(stock: try row.text("stock"), lot: try row.text("lot")),
                category: row.optionalText("category"), lotHold: row.optionalText("hold"), account: account,
                line: LineID(try row.text("line")), cell: row.optionalText("hopper").map { CellID($0) },
                chip: row.optionalText("chip").map { ChipIdentity($0) },
                attempt: row.optionalText("owner").map { AttemptID($0) }, isVoid: row.optionalText("void") != nil,
                reason: try row.text("reason"))
        }
    }
}

/// Everything that happened to one blank, by its id or by the number that is engraved on it; nil when it is not known.
public struct BlankLifeQuery: LedgerQuery {
    public struct Movement: Sendable, Hashable {
        /// nil for its first row.
        public let from: Account?
        public let to: Account
        public let reason: String
        public let attempt: AttemptID?
        public let at: WallTime
    }

    public struct Life: Sendable {
        public let blank: BlankReport
        public let lot: LotID
        public let category: String?
        /// Engraved, and the number of its document.
        public let number: String?
        public let movements: [Movement]
        /// Attempts that it was bound to, with their states: one at most.
        public let attempts: [AttemptReport]
        /// Why and since when its number is void.
        public let void: Void?
    }

    public struct Void: Sendable, Hashable {
        public let reason: String
        public let at: WallTime
    }

    public let name: String
    public init(_ name: String) { self.name = name }

    public func answer(_ books: BooksReader) throws -> Life? {
        guard
            let row = try books.row(
                "SELECT * FROM blank WHERE blank = ? OR number = ?", [.text(name), .text(name)])
        else { return nil }
        let reader = ReportReader(books: books)
        let blank = try reader.blank(row)
        let id = SQLValue.text(blank.blank.rawValue)
        let lot = LotID(stock: try row.text("stock"), lot: try row.text("lot"))
        let movements = try books.rows(
            """
            SELECT m.* FROM movement m JOIN journal j ON j.log = m.log AND j.seq = m.seq
            WHERE m.blank = ? ORDER BY j.tick
            """, [id]
        ).map { row in
            guard let to = Account(rawValue: try row.text("to_account")) else { throw SQLFailure.shape("account") }
            return Movement(
                from: row.optionalText("from_account").flatMap { Account(rawValue: $0) }, to: to,
                reason: try row.text("reason"), attempt: row.optionalText("attempt").map { AttemptID($0) },
                at: WallTime(microseconds: try row.integer("wall")))
        }
        let attempts = try books.rows("SELECT * FROM attempt WHERE blank = ?", [id]).map { try reader.attempt($0) }
        let category = try books.row(
            "SELECT category FROM lot WHERE stock = ? AND lot = ?", [.text(lot.stock), .text(lot.lot)]
        )?.optionalText("category")
        let void = try books.row("SELECT reason, wall FROM void_number WHERE blank = ?", [id]).map { row in
            Void(reason: try row.text("reason"), at: WallTime(microseconds: try row.integer("wall")))
        }
        return Life(
            blank: blank, lot: lot, category: category, number: row.optionalText("number"), movements: movements,
            attempts: attempts, void: void)
    }
}

/// Booklets whose engraved number is on no good document and never will be: spoiled, destroyed, missing, or the document
/// was taken back. Each once, in the order in which they became void.
public struct VoidNumbersQuery: LedgerQuery {
    public struct VoidBooklet: Sendable, Hashable {
        public let blank: BlankID
        public let stock: String
        public let number: String
        public let category: String?
        public let attempt: AttemptID?
        public let reason: String
        public let voidedAt: WallTime
        /// Where to go on: give it as `after`.
        public let tick: Int64
    }
    public let after: Int64
    public let limit: Int
    public init(after: Int64 = 0, limit: Int = 10_000) {
        self.after = after
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [VoidBooklet] {
        try books.rows(
            """
            SELECT v.blank, v.number, b.stock, l.category, v.attempt, v.reason, v.wall, j.tick FROM void_number v
            JOIN journal j ON j.log = v.log AND j.seq = v.seq JOIN blank b ON b.blank = v.blank
            JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
            WHERE j.tick > ? ORDER BY j.tick LIMIT ?
            """, [.integer(after), .count(limit)]
        ).map { row in
            VoidBooklet(
                blank: BlankID(try row.text("blank")), stock: try row.text("stock"),
                number: try row.text("number"), category: row.optionalText("category"),
                attempt: row.optionalText("attempt").map { AttemptID($0) }, reason: try row.text("reason"),
                voidedAt: WallTime(microseconds: try row.integer("wall")), tick: try row.integer("tick"))
        }
    }
}
