public import Ground

/// The lots that were received or held.
public struct LotsQuery: LedgerQuery {
    public struct Lot: Sendable, Hashable {
        public let id: LotID
        public let chipLot: String?
        public let transportKey: String?
        public let category: String?
        public let isEngraved: Bool
        /// Blanks that were registered with it.
        public let count: Int
        /// nil for a lot that is only held by name.
        public let manifest: Bytes?
        public let hold: String?
        public let accounts: [Account: Int]
    }

    public init() {}

    public func answer(_ books: BooksReader) throws -> [Lot] {
        try books.rows("SELECT * FROM lot ORDER BY stock, lot").map { row in
            let id = LotID(stock: try row.text("stock"), lot: try row.text("lot"))
            let accounts = try books.rows(
                "SELECT account, COUNT(*) AS n FROM blank WHERE stock = ? AND lot = ? GROUP BY account",
                [.text(id.stock), .text(id.lot)])
            return Lot(
                id: id, chipLot: row.optionalText("chip_lot"), transportKey: row.optionalText("transport_key"),
                category: row.optionalText("category"), isEngraved: try row.integer("engraved") == 1,
                count: try row.count("count"), manifest: row.optionalBlob("manifest"), hold: row.optionalText("hold"),
                accounts: try ReportReader(books: books).accounts(accounts))
        }
    }
}

/// Whether the books have a blank of the lot.
public struct LotKnownQuery: LedgerQuery {
    public let lot: LotID
    public init(_ lot: LotID) { self.lot = lot }
    public func answer(_ books: BooksReader) throws -> Bool {
        try books.row(
            "SELECT 1 AS n FROM blank WHERE stock = ? AND lot = ? LIMIT 1", [.text(lot.stock), .text(lot.lot)]) != nil
    }
}

/// Why this cell may not feed: the next blank of its hopper is of a held lot. nil when it may. The store refuses the
/// intent of such a feed anyway (`stock.lot.held`).
public struct LotHeldQuery: LedgerQuery {
    public struct LotHold: Sendable, Hashable {
        public let lot: LotID
        public let reason: String
        public let blank: BlankID
    }
    public let line: LineID
    public let cell: CellID
    public init(line: LineID, cell: CellID) {
        self.line = line
        self.cell = cell
    }

    public func answer(_ books: BooksReader) throws -> LotHold? {
        let row = try books.row(
            """
            SELECT b.blank, b.stock, b.lot, l.hold FROM (
              SELECT blank, stock, lot FROM blank WHERE line = ? AND hopper = ? AND account = 'line'
              ORDER BY ordinal, blank LIMIT 1) b
            JOIN lot l ON l.stock = b.stock AND l.lot = b.lot WHERE l.hold IS NOT NULL
            """, [.text(line.rawValue), .text(cell.rawValue)])
        return try row.map {
            LotHold(
                lot: LotID(stock: try $0.text("stock"), lot: try $0.text("lot")), reason: try $0.text("hold"),
                blank: BlankID(try $0.text("blank")))
        }
    }
}

/// How many blanks of each stock type are where. A line whose shift is open is left out: its figures are for the blind
/// count to find.
public struct StockAccountsQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let stock: String
        public let account: Account
        public let line: String?
        public let count: Int
    }
    public init() {}

    public func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT stock, account, place AS line, COUNT(*) AS n FROM (
              SELECT stock, account, CASE WHEN account = 'vault' THEN 'vault' ELSE line END AS place FROM blank) AS each
            WHERE NOT EXISTS (SELECT 1 FROM shift s WHERE s.line = place AND s.closed IS NULL)
            GROUP BY stock, account, place
            ORDER BY stock, account, place
            """
        ).map { row in
            guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
            let line = try row.text("line")
            return Row(
                stock: try row.text("stock"), account: account, line: LogID(line).isPlant ? nil : line,
                count: try row.count("n"))
        }
    }
}

/// Cards that a named person has.
public struct CustodyQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let card: CarriedCard
        public let account: Account
        public let since: WallTime
    }
    public init() {}
    public func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            "SELECT c.*, b.account FROM custody c JOIN blank b ON b.blank = c.blank ORDER BY c.since, c.blank"
        ).map { row in
            guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
            return Row(
                card: CarriedCard(
                    blank: BlankID(try row.text("blank")), person: try row.text("person"), place: try row.text("place")),
                account: account, since: WallTime(microseconds: try row.integer("since")))
        }
    }
}

/// A certificate as the books keep it; nil when there is none of this number.
public struct CertificateQuery: LedgerQuery {
    public struct Certificate: Sendable, Hashable {
        public let paper: DestructionCertificate
        public let at: WallTime
        /// Listed, and not struck off: none after `Books.destroy`.
        public let open: [String]

        public init(paper: DestructionCertificate, at: WallTime, open: [String]) {
            self.paper = paper
            self.at = at
            self.open = open
        }
    }
    public let number: String
    public init(_ number: String) { self.number = number }

    public func answer(_ books: BooksReader) throws -> Certificate? {
        guard let row = try books.row("SELECT * FROM destruction WHERE certificate = ?", [.text(number)]) else {
            return nil
        }
        let rows = try books.rows(
            """
            SELECT d.item, d.done, c.consumable FROM destroyed_item d LEFT JOIN consumable c ON c.consumable = d.item
            WHERE d.certificate = ? ORDER BY d.item
            """, [.text(number)])
        let blanks = try rows.filter { $0.optionalText("consumable") == nil }.map { BlankID(try $0.text("item")) }
        return Certificate(
            paper: DestructionCertificate(
                number: number, blanks: blanks,
                consumables: rows.compactMap { $0.optionalText("consumable").map { ConsumableID($0) } },
                method: try row.text("method"), place: try row.text("place"),
                people: try TwoPeople(try row.text("first"), try row.text("second"))),
            at: WallTime(microseconds: try row.integer("wall")),
            open: try rows.filter { $0.optionalInteger("done") == 0 }.map { try $0.text("item") })
    }
}

public struct ConsumablesQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let supply: Consumable
        public let account: Consumable.Account
        public let line: String?
        public let cell: String?
        /// Attempts that were begun while it was mounted: about as many panels as were used.
        public let attempts: Int
    }
    public init() {}

    public func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT c.*, (SELECT COUNT(*) FROM mounting m JOIN attempt a ON a.line = m.line AND a.cell = m.cell
              AND a.started >= m.since AND (m.ended IS NULL OR a.started < m.ended)
              WHERE m.consumable = c.consumable) AS n
            FROM consumable c ORDER BY c.consumable
            """
        ).map { row in
            let id = try row.text("consumable")
            guard let kind = Consumable.Kind(rawValue: try row.text("kind")),
                let account = Consumable.Account(rawValue: try row.text("account"))
            else { throw SQLFailure.shape("consumable") }
            return Row(
                supply: Consumable(
                    kind: kind, serial: String(id.drop { $0 != ":" }.dropFirst()), part: try row.text("part"),
                    lot: try row.text("lot"), capacity: try row.count("capacity")), account: account,
                line: row.optionalText("line"), cell: row.optionalText("cell"), attempts: try row.count("n"))
        }
    }
}
