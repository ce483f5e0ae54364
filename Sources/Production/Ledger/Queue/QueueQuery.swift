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
    /// Its approval less the head start of its class.
    public let due: WallTime
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
        due = WallTime(microseconds: try row.integer("due"))
        since = WallTime(microseconds: try row.integer("since"))
    }

    static let columns = "production, request, batch, product, class, state, reason, remake, approved, due, since"
}

/// Records that are in work, those that are held, and those that wait, in the order in which they are taken; then what is made
/// and withdrawn.
public struct QueueQuery: LedgerQuery {
    public let selection: QueueSelection
    public let states: [RecordState]
    public let limit: Int
    /// How each product's records are taken; one that is not named here has neither quotas nor deadlines.
    public let orders: [QueueOrder]

    public init(_ selection: QueueSelection, states: [RecordState], limit: Int, orders: [QueueOrder] = []) {
        self.selection = selection
        self.states = states
        self.limit = limit
        self.orders = orders
    }

    public func answer(_ books: BooksReader) throws -> [QueuedRecord] {
        var list: [QueuedRecord] = []
        for state in [RecordState.claimed, .held, .queued, .produced, .withdrawn] where states.contains(state) {
            let left = limit - list.count
            guard left > 0 else { break }
            list += state == .queued ? try waiting(books, left) : try standing(books, state, left)
        }
        return list
    }

    private func standing(_ books: BooksReader, _ state: RecordState, _ limit: Int) throws -> [QueuedRecord] {
        let (condition, arguments) = selection.condition
        return try books.rows(
            """
            SELECT \(QueuedRecord.columns) FROM production WHERE state = '\(state.rawValue)' AND \(condition)
            ORDER BY remake DESC, due, production LIMIT ?
            """, arguments + [.count(limit)]
        ).map(QueuedRecord.init)
    }

    private struct Waiting {
        let record: QueuedRecord
        let head: QueueOrder.Head
    }

    /// Every product has lines of its own: its records come in their own order, and the products one into the other by
    /// what is due.
    private func waiting(_ books: BooksReader, _ limit: Int) throws -> [QueuedRecord] {
        var lists: [ArraySlice<Waiting>] = []
        for row in try books.rows("SELECT DISTINCT product FROM queue_class ORDER BY product") {
            lists.append(try waiting(books, product: try row.text("product"), limit)[...])
        }
        func rank(_ list: ArraySlice<Waiting>) -> (Int, Int64, String) {
            guard let head = list.first?.head else { return (2, 0, "") }
            return (head.isRemake ? 0 : 1, head.due, head.production)
        }
        var merged: [QueuedRecord] = []
        while merged.count < limit,
            let next = lists.indices.filter({ !lists[$0].isEmpty }).min(by: { rank(lists[$0]) < rank(lists[$1]) }),
            let first = lists[next].popFirst()
        {
            merged.append(first.record)
        }
        return merged
    }

    /// As the cells would claim them, one after the other. One look at an index for each class.
    private func waiting(_ books: BooksReader, product: String, _ limit: Int) throws -> [Waiting] {
        let (condition, arguments) = selection.condition
        var classes: [ArraySlice<Waiting>] = []
        for row in try books.rows(
            "SELECT stock, class FROM queue_class WHERE product = ? ORDER BY stock, class", [.text(product)])
        {
            let work = OtherWork(product: product, stock: try row.text("stock"))
            classes.append(
                try books.rows(
                    """
                    SELECT \(QueuedRecord.columns) FROM production
                    WHERE state = 'queued' AND product = ? AND stock = ? AND class = ? AND \(condition)
                    ORDER BY remake DESC, due, production LIMIT ?
                    """,
                    [.text(product), .text(work.stock), .text(try row.text("class"))] + arguments + [.count(limit)]
                ).map { row in
                    let record = try QueuedRecord(row)
                    return Waiting(
                        record: record,
                        head: QueueOrder.Head(
                            production: record.production.rawValue, priorityClass: record.priorityClass, work: work,
                            isRemake: record.isRemake, due: record.due.microseconds,
                            approved: record.approved.microseconds))
                }[...])
        }
        let order =
            orders.first { $0.product == product }
            ?? QueueOrder(
                product: product, stock: classes.lazy.compactMap(\.first).first?.head.work.stock ?? "",
                now: WallTime(microseconds: 0))
        var served = try QueueOrder.counts(books.rows(QueueOrder.served, [.text(product)]))
        var taken: [Waiting] = []
        while taken.count < limit,
            let best = order.first(of: classes.compactMap { $0.first?.head }, served: { served }),
            let index = classes.firstIndex(where: { $0.first?.head.production == best.production })
        {
            taken += classes[index].prefix(1)
            classes[index].removeFirst()
            served[best.priorityClass, default: 0] += 1
        }
        return taken
    }
}
