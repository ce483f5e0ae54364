public import Ground

/// Which documents are looked for: all that is given must hold.
public struct RecallFilter: Sendable, Hashable {
    public var production: ProductionID?
    public var batch: BatchID?
    public var lot: String?
    public var chipLot: String?
    public var line: LineID?
    public var cell: CellID?
    public var since: WallTime?
    public var until: WallTime?
    /// Serial of a ribbon that was mounted in the cell when the document was made.
    public var ribbon: String?
    public var genealogy: [GenealogyKey: String] = [:]
    public init() {}

    public var isEmpty: Bool { self == RecallFilter() }
}

/// One attempt that a recall concerns.
public struct RecalledAttempt: Sendable, Hashable {
    public let attempt: AttemptID
    public let production: ProductionID
    public let state: String
    public let blank: BlankID?
    public let account: Account?
    public let lot: String?
    public let chipLot: String?
    public let line: LineID
    public let cell: CellID
    public let startedAt: WallTime
    public let genealogy: [String: String]
}

/// Attempts by what they were made with, in the order of their beginning; one whose blank is being fed too.
public struct RecallQuery: LedgerQuery {
    public let filter: RecallFilter
    public init(_ filter: RecallFilter) { self.filter = filter }

    public func answer(_ books: BooksReader) throws -> [RecalledAttempt] {
        let (condition, arguments) = try conditions(fed: feeding(books))
        return try books.rows(
            """
            SELECT a.attempt, a.production, a.state, a.blank, a.line, a.cell, a.started, b.account, b.lot, l.chip_lot
            FROM attempt a LEFT JOIN blank b ON b.blank = a.blank
            LEFT JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
            WHERE \(condition) ORDER BY a.started, a.attempt
            """, arguments
        ).map { row in
            let facts = try books.rows(
                "SELECT key, value FROM genealogy WHERE attempt = ?", [.text(try row.text("attempt"))])
            return RecalledAttempt(
                attempt: AttemptID(try row.text("attempt")), production: ProductionID(try row.text("production")),
                state: try row.text("state"), blank: row.optionalText("blank").map { BlankID($0) },
                account: row.optionalText("account").flatMap(Account.init(rawValue:)), lot: row.optionalText("lot"),
                chipLot: row.optionalText("chip_lot"), line: LineID(try row.text("line")),
                cell: CellID(try row.text("cell")), startedAt: WallTime(microseconds: try row.integer("started")),
                genealogy: Dictionary(
                    uniqueKeysWithValues: try facts.map { (try $0.text("key"), try $0.text("value")) }))
        }
    }

    /// Attempts whose blank is on its way from the hopper and is bound to them in a moment.
    private func feeding(_ books: BooksReader) throws -> [String] {
        guard filter.lot != nil || filter.chipLot != nil else { return [] }
        return try books.rows("SELECT attempt, facts FROM intent WHERE open = 1 AND step = 'feed'").compactMap { row in
            guard let blank = try JSONValue(parsing: row.blob("facts"))["blank"]?.string,
                let lot = try books.row(
                    """
                    SELECT b.lot, l.chip_lot FROM blank b LEFT JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
                    WHERE b.blank = ?
                    """, [.text(blank)]),
                filter.lot == nil || filter.lot == lot.optionalText("lot"),
                filter.chipLot == nil || filter.chipLot == lot.optionalText("chip_lot")
            else { return nil }
            return try row.text("attempt")
        }
    }

    private func conditions(fed: [String]) -> (String, [SQLValue]) {
        var words: [String] = ["1 = 1"]
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: String?) {
            guard let value else { return }
            words.append(condition)
            arguments.append(.text(value))
        }
        add("a.production = ?", filter.production?.rawValue)
        add(
            "EXISTS (SELECT 1 FROM production p WHERE p.production = a.production AND p.batch = ?)",
            filter.batch?.rawValue)
        func made(of condition: String, _ value: String?) {
            let places = fed.isEmpty ? "" : " OR a.attempt IN (\(fed.map { _ in "?" }.joined(separator: ", ")))"
            add("(\(condition)\(places))", value)
            if value != nil { arguments += fed.map(SQLValue.text) }
        }
        made(of: "b.lot = ?", filter.lot)
        made(of: "l.chip_lot = ?", filter.chipLot)
        add("a.line = ?", filter.line?.rawValue)
        add("a.cell = ?", filter.cell?.rawValue)
        add(
            """
            EXISTS (SELECT 1 FROM mounting m WHERE m.consumable = ? AND m.line = a.line AND m.cell = a.cell
              AND m.since <= COALESCE(a.ended, a.started) AND (m.ended IS NULL OR m.ended >= a.started))
            """, filter.ribbon.map { "ribbon:\($0)" })
        if let since = filter.since {
            words.append("COALESCE(a.ended, a.started) >= ?")
            arguments.append(.integer(since.microseconds))
        }
        if let until = filter.until {
            words.append("a.started <= ?")
            arguments.append(.integer(until.microseconds))
        }
        for (key, value) in filter.genealogy.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            words.append("EXISTS (SELECT 1 FROM genealogy g WHERE g.attempt = a.attempt AND g.key = ? AND g.value = ?)")
            arguments += [.text(key.rawValue), .text(value)]
        }
        return (words.joined(separator: " AND "), arguments)
    }
}

extension Books {
    /// Holds the good documents among them that are still here, boxed or not: into the held account, with the person who
    /// has them. A recall by lot or chip lot holds the lots too: nothing more of them is fed. Returns the blanks held;
    /// the rest (spoiled, dispatched, in the making) is in the list and stays as it is.
    public func recall(_ filter: RecallFilter, reason: String, custodian: String, place: String, by person: String)
        async throws(SakkError) -> [BlankID]
    {
        guard !filter.isEmpty else {
            throw SakkError(
                "stock.recall.all", source: store.source, text: "A recall needs a condition.",
                remedy: "Say which documents are meant (--where lot=...).")
        }
        let held = try await read(RecallQuery(filter)).filter { $0.account == .good }.compactMap(\.blank)
        let lots = try await read(RecalledLotsQuery(filter: filter))
        try await act(
            lots.map { .stock(.holdLot($0, reason: reason)) }
                + held.map { .stock(.recall($0, reason: reason, person: custodian, place: place)) }, by: person)
        return held
    }
}

/// Lots of a recall by lot or chip lot that are not held yet.
struct RecalledLotsQuery: LedgerQuery {
    let filter: RecallFilter

    func answer(_ books: BooksReader) throws -> [LotID] {
        guard filter.lot != nil || filter.chipLot != nil else { return [] }
        var words = ["l.hold IS NULL"]
        var arguments: [SQLValue] = []
        if let lot = filter.lot {
            words.append("b.lot = ?")
            arguments.append(.text(lot))
        }
        if let chipLot = filter.chipLot {
            words.append("l.chip_lot = ?")
            arguments.append(.text(chipLot))
        }
        return try books.rows(
            """
            SELECT DISTINCT b.stock, b.lot FROM blank b LEFT JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
            WHERE \(words.joined(separator: " AND ")) ORDER BY b.stock, b.lot
            """, arguments
        ).map { LotID(stock: try $0.text("stock"), lot: try $0.text("lot")) }
    }
}
