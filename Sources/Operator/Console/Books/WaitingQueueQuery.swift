import Ground
import Ledger

/// The head of the queue, in the order in which records are taken (`QueueOrder`), and who let one go before its turn.
struct WaitingQueueQuery: LedgerQuery {
    let limit: Int
    let orders: [QueueOrder]

    struct Row: Sendable {
        let production: String
        let request: String
        let batch: String
        let product: String
        let priorityClass: String
        let isRemake: Bool
        let approved: Int64
        let due: Int64
        /// Who let it go before its turn.
        let bump: Bump?
    }

    struct Bump: Sendable {
        let from: String
        let reason: String
        let people: [String]
        let at: Int64
    }

    func answer(_ books: BooksReader) throws -> [Row] {
        let waiting = QueueQuery(QueueSelection(), states: [.queued], limit: limit, orders: orders)
        return try waiting.answer(books).map { record in
            let bump = try books.row(
                """
                SELECT from_class, reason, first, second, wall FROM priority_bump
                WHERE production = ? ORDER BY seq DESC LIMIT 1
                """, [.text(record.production.rawValue)]
            ).map { row in
                Bump(
                    from: try row.text("from_class"), reason: try row.text("reason"),
                    people: [try row.text("first"), try row.text("second")], at: try row.integer("wall"))
            }
            return Row(
                production: record.production.rawValue, request: record.requestID, batch: record.batch.rawValue,
                product: record.product, priorityClass: record.priorityClass, isRemake: record.isRemake,
                approved: record.approved.microseconds, due: record.due.microseconds, bump: bump)
        }
    }
}

/// How many records wait in each class.
struct WaitingCountsQuery: LedgerQuery {
    func answer(_ books: BooksReader) throws -> [(product: String, priorityClass: String, count: Int)] {
        try books.rows(
            """
            SELECT c.product, c.class, SUM((SELECT COUNT(*) FROM production p WHERE p.state = 'queued'
              AND p.product = c.product AND p.stock = c.stock AND p.class = c.class)) AS n
            FROM queue_class c GROUP BY c.product, c.class ORDER BY c.product, c.class
            """
        ).map { (try $0.text("product"), try $0.text("class"), try $0.count("n")) }
    }
}
