import Ground
import Ledger

extension Console {
    func journalRoutes() -> [Route] {
        let readers: Access = .roles([.auditor, .supervisor])
        return [
            Route(
                "GET", "/journal", readers,
                "Who did or looked at what, the newest first; `person` or `item` narrows it",
                query: ["from", "item", "person"]
            ) {
                [unowned self] visit throws(SakkError) in
                let person = visit.ask.query["person"].flatMap { $0.isEmpty ? nil : PersonID($0) }
                let item = visit.ask.query["item"].flatMap { $0.isEmpty ? nil : $0 }
                let offset = visit.ask.query["from"].flatMap(Numerals.read).map { min($0, 1_000_000) } ?? 0
                let rows = try await books.read(
                    ActsPageQuery(person: person?.rawValue, item: item, limit: 101, offset: offset))
                return .page(
                    "journal",
                    [
                        "person": .string(person?.rawValue ?? ""), "item": .string(item ?? ""),
                        "rows": .array(Array(rows.prefix(100))),
                        "older": rows.count > 100 ? .integer(Int64(offset + 100)) : .null,
                    ])
            },
            Route(
                "GET", "/journal/rows", readers, "The last rows of the journal itself, of all logs", query: ["before"]
            ) {
                [unowned self] visit throws(SakkError) in
                let before = visit.ask.query["before"].flatMap { Int64($0) }
                let rows = try await books.read(JournalRowsQuery(before: before, limit: 100))
                return .page(
                    "rows",
                    [
                        "rows": .array(rows.map(\.json)),
                        "older": rows.count == 100 ? rows.last.map { .integer($0.tick) } ?? .null : .null,
                    ])
            },
        ]
    }
}

/// Who did or looked at what, of all logs, the newest first, a page at a time.
struct ActsPageQuery: LedgerQuery {
    let person: String?
    let item: String?
    let limit: Int
    let offset: Int

    func answer(_ books: BooksReader) throws -> [JSONValue] {
        var (conditions, arguments): ([String], [SQLValue]) = ([], [])
        if let person { (conditions, arguments) = (conditions + ["person = ?"], arguments + [.text(person)]) }
        if let item { (conditions, arguments) = (conditions + ["item = ?"], arguments + [.text(item)]) }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return try books.rows(
            "SELECT * FROM person_act \(condition) ORDER BY wall DESC, log, seq DESC LIMIT ? OFFSET ?",
            arguments + [.count(limit), .count(offset)]
        ).map { row in
            [
                "at": .integer(try row.integer("wall")), "act": .string(try row.text("act")),
                // of what has no number yet, its kind
                "kind": try row.text("act") == "container.open" ? .string(try row.text("item")) : .null,
                "person": row.optionalText("person").map { .string($0) } ?? .null,
                "item": .string(try row.text("item")), "station": .string(try row.text("station")),
                "refusal": row.optionalText("code").map { .string($0) } ?? .null,
            ]
        }
    }
}

/// Rows of the journal as they stand, the newest first.
struct JournalRowsQuery: LedgerQuery {
    struct Row: Sendable {
        let tick: Int64
        let json: JSONValue
    }
    let before: Int64?
    let limit: Int

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            "SELECT log, seq, tick, kind, wall, actor, subjects, body FROM journal WHERE tick < ? ORDER BY tick DESC LIMIT ?",
            [.integer(before ?? Int64.max), .count(limit)]
        ).map { row in
            let subjects = (try? JSONValue(parsing: try row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            let tick = try row.integer("tick")
            return Row(
                tick: tick,
                json: [
                    "log": .string(try row.text("log")), "seq": .integer(try row.integer("seq")),
                    "kind": .string(try row.text("kind")), "at": .integer(try row.integer("wall")),
                    "actor": .string(try row.text("actor")), "subjects": .array(subjects.map { .string($0) }),
                ])
        }
    }
}
