public import Ground

/// Acts without a result on this line, in their order.
public struct OpenIntentsQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> [OpenIntent] {
        let reader = ReportReader(books: books)
        return try books.rows(
            "SELECT * FROM intent WHERE line = ? AND open = 1 ORDER BY seq", [.text(line.rawValue)]
        ).map { row in
            OpenIntent(
                key: try reader.key(row), cell: CellID(try row.text("cell")), epoch: try row.integer("epoch"),
                seq: try row.integer("seq"), facts: .object(reader.object(row, "facts")))
        }
    }
}

public struct AttemptsQuery: LedgerQuery {
    public let selection: Selection
    public init(_ selection: Selection) { self.selection = selection }
    public func answer(_ books: BooksReader) throws -> [AttemptReport] {
        try ReportReader(books: books).attempts(selection)
    }
}

/// In feeding order.
public struct BlanksQuery: LedgerQuery {
    public let selection: BlankSelection
    public init(_ selection: BlankSelection) { self.selection = selection }

    public func answer(_ books: BooksReader) throws -> [BlankReport] {
        let (condition, arguments): (String, [SQLValue]) =
            switch selection {
            case .account(let line, let account, let limit):
                (
                    "line = ? AND account = ? ORDER BY ordinal, blank LIMIT ?",
                    [.text(line.rawValue), .text(account.rawValue), .count(limit)]
                )
            case .hopper(let line, let cell, let limit):
                (
                    "line = ? AND account = 'line' AND hopper = ? ORDER BY ordinal, blank LIMIT ?",
                    [.text(line.rawValue), .text(cell.rawValue), .count(limit)]
                )
            case .chip(let chip): ("chip = ?", [.text(chip.rawValue)])
            case .blank(let blank): ("blank = ?", [.text(blank.rawValue)])
            }
        let reader = ReportReader(books: books)
        return try books.rows("SELECT * FROM blank WHERE \(condition)", arguments).map { try reader.blank($0) }
    }
}

/// Where the cells of a line stand, and nothing that grows with the books.
public struct CellsQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> [CellStatus] {
        try books.rows("SELECT * FROM cell WHERE line = ? ORDER BY cell", [.text(line.rawValue)]).map { row in
            guard let state = PackMLState(word: try row.text("state")),
                let mode = UnitMode(rawValue: try row.text("mode"))
            else { throw SQLFailure.shape("cell state") }
            return CellStatus(
                cell: CellID(try row.text("cell")),
                unit: UnitState(
                    state: state, mode: mode, code: row.optionalText("code"), text: try row.text("text"),
                    remedy: try row.text("remedy"), product: row.optionalText("product"),
                    batch: row.optionalText("batch")), since: WallTime(microseconds: try row.integer("since")))
        }
    }
}

public struct LineStatusQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> LineStatus {
        let reader = ReportReader(books: books)
        let name = SQLValue.text(line.rawValue)
        let epoch = try books.row("SELECT epoch FROM log WHERE log = ?", [name])?.integer("epoch") ?? 0
        let batches = try books.rows("SELECT batch FROM batch ORDER BY received, batch")
        let blanks = try books.rows(
            "SELECT account, COUNT(*) AS n FROM blank WHERE line = ? GROUP BY account", [name])
        let isCounting = try OpenShiftQuery(line: line).answer(books) != nil
        let open = try books.row("SELECT COUNT(*) AS n FROM intent WHERE line = ? AND open = 1", [name])
        return LineStatus(
            line: line, epoch: epoch, cells: try CellsQuery(line: line).answer(books),
            totals: try reader.totals("1 = 1", []), blanks: isCounting ? [:] : try reader.accounts(blanks),
            batches: try batches.map { BatchID(try $0.text("batch")) }, live: try reader.attempts(.live(line)),
            openIntents: try open?.count("n") ?? 0, isCounting: isCounting)
    }
}

/// `ledger.batch.unknown` when there is no such batch.
public struct BatchReportQuery: LedgerQuery {
    public let batch: BatchID
    public init(_ batch: BatchID) { self.batch = batch }

    public func answer(_ books: BooksReader) throws -> BatchReport {
        let reader = ReportReader(books: books)
        let name = SQLValue.text(batch.rawValue)
        guard let row = try books.row("SELECT * FROM batch WHERE batch = ?", [name]) else {
            throw SakkError(
                "ledger.batch.unknown", source: books.source, subject: batch.rawValue,
                text: "There is no such batch in this ledger.", remedy: "See `sakk status` for the batches.")
        }
        let records = try books.rows(
            "SELECT * FROM production WHERE batch = ? ORDER BY due, production", [name]
        ).map { try reader.record($0) }
        let attempts = records.flatMap(\.attempts)
        let blanks = records.flatMap { $0.attempts.compactMap(\.blank) + $0.unboundBlanks }
        return BatchReport(
            batch: batch, authority: try row.text("authority"), product: try row.text("product"),
            receivedAt: WallTime(microseconds: try row.integer("received")),
            startedAt: attempts.map(\.startedAt).min(), endedAt: attempts.compactMap(\.endedAt).max(),
            records: records, totals: try reader.totals("p.batch = ?", [name]),
            blanks: Dictionary(grouping: blanks, by: \.account).mapValues(\.count))
    }
}

/// Whether the authority took this approval back, as the books know it: nil while it stands.
public struct StoppedQuery: LedgerQuery {
    public let production: ProductionID
    public init(_ production: ProductionID) { self.production = production }
    public func answer(_ books: BooksReader) throws -> String? {
        try books.row("SELECT reason FROM stopped WHERE production = ?", [.text(production.rawValue)])?.text("reason")
    }
}

/// Whether a person holds the record (`Books.hold`).
public struct HeldByPersonQuery: LedgerQuery {
    public let production: ProductionID
    public init(_ production: ProductionID) { self.production = production }
    public func answer(_ books: BooksReader) throws -> Bool {
        try books.row("SELECT 1 AS yes FROM person_hold WHERE production = ?", [.text(production.rawValue)]) != nil
    }
}

/// Number and times of an authority's last stop-list; nil when none was read.
public struct StopListQuery: LedgerQuery {
    public struct StopListState: Sendable, Hashable {
        public let number: Int64
        public let issued: WallTime
        public let nextUpdate: WallTime
    }
    public let authority: String
    public init(authority: String) { self.authority = authority }
    public func answer(_ books: BooksReader) throws -> StopListState? {
        try books.row("SELECT * FROM stop_list WHERE authority = ?", [.text(authority)]).map { row in
            StopListState(
                number: try row.integer("number"), issued: WallTime(microseconds: try row.integer("issued")),
                nextUpdate: WallTime(microseconds: try row.integer("next_update")))
        }
    }
}

/// Where the next page of a source begins; nil before the first.
public struct CursorQuery: LedgerQuery {
    public let source: String
    public init(source: String) { self.source = source }
    public func answer(_ books: BooksReader) throws -> String? {
        try books.row("SELECT cursor FROM source WHERE source = ?", [.text(source)])?.text("cursor")
    }
}

extension LedgerStore {
    public func openIntents(_ line: LineID) async throws(SakkError) -> [OpenIntent] {
        try await read(OpenIntentsQuery(line: line))
    }
    public func attempts(_ selection: Selection) async throws(SakkError) -> [AttemptReport] {
        try await read(AttemptsQuery(selection))
    }
    public func blanks(_ selection: BlankSelection) async throws(SakkError) -> [BlankReport] {
        try await read(BlanksQuery(selection))
    }
    public func status(_ line: LineID) async throws(SakkError) -> LineStatus {
        try await read(LineStatusQuery(line: line))
    }
    public func batchReport(_ batch: BatchID) async throws(SakkError) -> BatchReport {
        try await read(BatchReportQuery(batch))
    }
    /// Registers `count` new blanks of a lot, issues them to the line and lays them into a hopper; returns them in
    /// feeding order.
    public func load(count: Int, stock: String, lot: String, line: LineID, cell: CellID, by actor: String)
        async throws(SakkError) -> [BlankID]
    {
        var last = try await read(LastOrdinalQuery(stock: stock))
        while true {
            let blanks = (last + 1..<last + 1 + max(count, 0)).map { ordinal -> (BlankID, Int) in
                let digits = String(ordinal)
                let serial = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
                return (BlankID(stock: stock, serial: serial), ordinal)
            }
            let changes = blanks.flatMap { blank, ordinal in
                [
                    Change.register(blank, stock: stock, lot: lot, ordinal: ordinal),
                    .move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil),
                    .hopper(blank, line, cell),
                ]
            }
            do {
                try await commit(Transition(plant: .vault, actor: actor, changes: changes))
                return blanks.map(\.0)
            } catch {
                // a number exists once: when somebody else took these in between, the next ones are taken
                let now = error.code == "ledger.rule" ? try await read(LastOrdinalQuery(stock: stock)) : last
                guard now > last else { throw error }
                last = now
            }
        }
    }
}

/// The largest ordinal that a blank of this stock has; 0 for none.
struct LastOrdinalQuery: LedgerQuery {
    let stock: String
    func answer(_ books: BooksReader) throws -> Int {
        Int(
            try books.row("SELECT MAX(ordinal) AS ordinal FROM blank WHERE stock = ?", [.text(stock)])?
                .optionalInteger("ordinal") ?? 0)
    }
}
