import Ground
import Ledger

/// The head of the queue, in the order in which records are taken: remakes, then what is due first. One look at an index
/// for each class, whatever the length of the queue.
struct WaitingQueueQuery: LedgerQuery {
    let limit: Int

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
        var rows: [Row] = []
        for head in try books.rows("SELECT product, stock, class FROM queue_class ORDER BY product, stock, class") {
            rows += try books.rows(
                """
                SELECT p.*, b.from_class, b.reason AS why, b.first, b.second, b.wall AS at FROM production p
                LEFT JOIN priority_bump b ON b.production = p.production AND b.seq = (SELECT MAX(seq) FROM priority_bump c
                  WHERE c.production = p.production)
                WHERE p.state = 'queued' AND p.product = ? AND p.stock = ? AND p.class = ?
                ORDER BY p.remake DESC, p.due, p.production LIMIT ?
                """,
                [
                    .text(try head.text("product")), .text(try head.text("stock")), .text(try head.text("class")),
                    .count(limit),
                ]
            ).map(WaitingQueueQuery.row)
        }
        rows.sort { ($0.isRemake ? 0 : 1, $0.due, $0.production) < ($1.isRemake ? 0 : 1, $1.due, $1.production) }
        return Array(rows.prefix(limit))
    }

    private static func row(_ row: SQLRow) throws -> Row {
        let bump = try row.optionalText("from_class").map { from in
            Bump(
                from: from, reason: try row.text("why"), people: [try row.text("first"), try row.text("second")],
                at: try row.integer("at"))
        }
        return Row(
            production: try row.text("production"), request: try row.text("request"), batch: try row.text("batch"),
            product: try row.text("product"), priorityClass: try row.text("class"),
            isRemake: try row.integer("remake") == 1, approved: try row.integer("approved"),
            due: try row.integer("due"), bump: bump)
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
