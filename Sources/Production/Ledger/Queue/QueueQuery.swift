public import Ground

/// Which records are meant: those of the names, of the batch, or all.
public struct QueueSelection: Sendable, Hashable {
    /// Production ids, or the authority's request ids.
    public var names: [String]
    public var batch: BatchID?

    public init(names: [String] = [], batch: BatchID? = nil) {
        self.names = names
        self.batch = batch
    }

    /// A request id has no index: all records are looked through for it, unless a batch is named too.
    var condition: (sql: String, arguments: [SQLValue]) {
        var words: [String] = []
        var arguments: [SQLValue] = []
        if !names.isEmpty {
            let places = names.map { _ in "?" }.joined(separator: ", ")
            words.append("(production IN (\(places)) OR request IN (\(places)))")
            arguments += (names + names).map(SQLValue.text)
        }
        if let batch {
            words.append("batch = ?")
            arguments.append(.text(batch.rawValue))
        }
        return (words.isEmpty ? "1 = 1" : words.joined(separator: " AND "), arguments)
    }
}

/// A record as it stands in the queue or beside it.
public struct QueuedRecord: Sendable, Hashable {
    public let production: ProductionID
    public let requestID: String
    public let batch: BatchID
    public let product: String
    public let priorityClass: String
    public let state: RecordState
    public let reason: String?
    public let isRemake: Bool
    public let approved: WallTime
    /// Since when it is in this state.
    public let since: WallTime

    init(_ row: SQLRow) throws {
        production = ProductionID(try row.text("production"))
        requestID = try row.text("request")
        batch = BatchID(try row.text("batch"))
        product = try row.text("product")
        priorityClass = try row.text("class")
        state = RecordState(rawValue: try row.text("state")) ?? .held
        reason = row.optionalText("reason")
        isRemake = try row.integer("remake") == 1
        approved = WallTime(microseconds: try row.integer("approved"))
        since = WallTime(microseconds: try row.integer("since"))
    }

    static let columns = "production, request, batch, product, class, state, reason, remake, approved, since"
}

/// Records in the order in which they are due, remakes first: what waits, what is held and why.
public struct QueueQuery: LedgerQuery {
    public let selection: QueueSelection
    public let states: [RecordState]
    public let limit: Int

    public init(_ selection: QueueSelection, states: [RecordState], limit: Int) {
        self.selection = selection
        self.states = states
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [QueuedRecord] {
        let (condition, arguments) = selection.condition
        let words = states.map { _ in "?" }.joined(separator: ", ")
        return try books.rows(
            """
            SELECT \(QueuedRecord.columns) FROM production WHERE state IN (\(words)) AND \(condition)
            ORDER BY remake DESC, due, production LIMIT ?
            """, states.map { .text($0.rawValue) } + arguments + [.count(limit)]
        ).map(QueuedRecord.init)
    }
}
