import Ground
import Ledger

/// The batches, the newest first, with their sizes.
struct BatchesQuery: LedgerQuery {
    let limit: Int
    let offset: Int

    struct Row: Sendable {
        let batch: BatchID
        let authority: String
        let product: String
        let received: Int64
    }

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            "SELECT * FROM batch ORDER BY received DESC, batch LIMIT ? OFFSET ?", [.count(limit), .count(offset)]
        ).map { row in
            Row(
                batch: BatchID(try row.text("batch")), authority: try row.text("authority"),
                product: try row.text("product"), received: try row.integer("received"))
        }
    }
}

/// One page of a batch's records in the order of the queue, each with its last attempt.
struct BatchRecordsQuery: LedgerQuery {
    let batch: BatchID
    /// Nil for all.
    let state: RecordState?
    let limit: Int
    let offset: Int

    struct Batch: Sendable {
        let row: BatchesQuery.Row
        let records: [JSONValue]
        let hasMore: Bool
    }

    /// `ledger.batch.unknown`
    func answer(_ books: BooksReader) throws -> Batch {
        guard let row = try books.row("SELECT * FROM batch WHERE batch = ?", [.text(batch.rawValue)]) else {
            throw SakkError(
                "ledger.batch.unknown", source: books.source, subject: batch.rawValue,
                text: "There is no such batch in this ledger.", remedy: "Choose one of the list.")
        }
        var arguments: [SQLValue] = [.text(batch.rawValue)]
        if let state { arguments.append(.text(state.rawValue)) }
        arguments += [.count(limit + 1), .count(offset)]
        let found = try books.rows(
            """
            SELECT p.production, p.request, p.state, p.reason, p.class, p.since, a.number AS tries, a.state AS live,
              a.reason AS why, a.cell, a.line
            FROM (SELECT * FROM production WHERE batch = ?\(state == nil ? "" : " AND state = ?")
              ORDER BY due, production LIMIT ? OFFSET ?) AS p
            LEFT JOIN attempt a ON a.production = p.production
              AND a.number = (SELECT MAX(number) FROM attempt m WHERE m.production = p.production)
            ORDER BY p.due, p.production
            """, arguments)
        return Batch(
            row: BatchesQuery.Row(
                batch: batch, authority: try row.text("authority"), product: try row.text("product"),
                received: try row.integer("received")),
            records: try found.prefix(limit).map(BatchRecordsQuery.record), hasMore: found.count > limit)
    }

    private static func record(_ row: SQLRow) throws -> JSONValue {
        let live = row.optionalText("live")
        let state = try row.text("state")
        // a doubt about the card weighs more than where the record is
        let shown = live == "unknown" || live == "held" ? live ?? state : state
        return [
            "production": .string(try row.text("production")), "request": .string(try row.text("request")),
            "state": .string(shown), "class": .string(try row.text("class")),
            "since": .integer(try row.integer("since")),
            "reason": (row.optionalText("reason") ?? (shown == "held" ? row.optionalText("why") : nil)).map(
                JSONValue.string)
                ?? .null,
            "tries": row.optionalInteger("tries").map(JSONValue.integer) ?? .null,
            "is_remade": .bool((row.optionalInteger("tries") ?? 0) > 1),
            "place": row.optionalText("cell").map { .string("\(row.optionalText("line") ?? "")/\($0)") } ?? .null,
            "is_abnormal": .bool(["held", "unknown"].contains(shown)),
        ]
    }
}

/// Where one record stands, without its attempts.
struct RecordQuery: LedgerQuery {
    /// The production id, or the authority's request id.
    let name: String

    func answer(_ books: BooksReader) throws -> JSONValue? {
        try books.row(
            "SELECT * FROM production WHERE production = ? OR request = ? ORDER BY production LIMIT 1",
            [.text(name), .text(name)]
        ).map { row in
            [
                "production": .string(try row.text("production")), "request": .string(try row.text("request")),
                "batch": .string(try row.text("batch")), "product": .string(try row.text("product")),
                "class": .string(try row.text("class")), "state": .string(try row.text("state")),
                "reason": row.optionalText("reason").map(JSONValue.string) ?? .null,
                "since": .integer(try row.integer("since")), "approved": .integer(try row.integer("approved")),
                "due": .integer(try row.integer("due")),
                "office": row.optionalText("office").map(JSONValue.string) ?? .null,
                "governorate": row.optionalText("governorate").map(JSONValue.string) ?? .null,
            ]
        }
    }
}
