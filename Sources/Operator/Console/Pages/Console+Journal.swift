import Ground
import Ledger

extension Console {
    func journalRoutes() -> [Route] {
        let readers: Access = .roles([.auditor, .supervisor])
        return [
            Route(
                "GET", "/journal", readers, "Who did or looked at what, the newest first; `person` or `item` narrows it"
            ) {
                [unowned self] visit throws(SakkError) in
                let person = visit.ask.query["person"].flatMap { $0.isEmpty ? nil : PersonID($0) }
                let item = visit.ask.query["item"].flatMap { $0.isEmpty ? nil : $0 }
                let choice: PersonActsQuery.Choice = person.map { .person($0) } ?? item.map { .item($0) } ?? .all
                let rows = try await books.read(PersonActsQuery(choice, limit: 200))
                return .page(
                    "journal",
                    [
                        "person": .string(person?.rawValue ?? ""), "item": .string(item ?? ""),
                        "rows": .array(
                            rows.map { row in
                                [
                                    "at": .integer(row.at.microseconds), "act": .string(row.act.act),
                                    "person": row.act.person.map { .string($0.rawValue) } ?? .null,
                                    "item": .string(row.act.item), "station": .string(row.act.station),
                                    "refusal": row.act.refusal.map { .string($0.rawValue) } ?? .null,
                                ]
                            }),
                    ])
            },
            Route("GET", "/journal/rows", readers, "The last rows of the journal itself, of all logs") {
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
