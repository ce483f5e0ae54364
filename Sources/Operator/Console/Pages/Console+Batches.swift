import Foundation
import Ground
import Ledger
import Reporting
import Shipping
import Stations

extension Console {
    private static let readers: Access = .roles([.supervisor, .auditor, .logistics])
    static let seekers: Access = .roles([.supervisor, .auditor, .inspector])
    private static let pageSize = 100

    func batchRoutes() -> [Route] {
        [
            Route("GET", "/batches", Console.readers, "The batches, the newest first", query: ["from"]) {
                [unowned self] visit throws(SakkError) in
                .page("batches", try await batches(visit))
            },
            Route(
                "GET", "/batches/{batch}", Console.readers, "One batch: where each record stands",
                query: ["from", "state"]
            ) {
                [unowned self] visit throws(SakkError) in .page("batch", try await batch(visit))
            },
            Route(
                "GET", "/batches/{batch}/report.pdf", Console.readers, "The batch report on paper",
                type: "application/pdf"
            ) {
                [unowned self] visit throws(SakkError) in .reply(try await report(visit))
            },
            Route("GET", "/documents/{production}", Console.seekers, "What became of one record, attempt by attempt") {
                [unowned self] visit throws(SakkError) in .page("document", try await document(visit))
            },
            Route("GET", "/blanks/{blank}", Console.seekers, "Everything that happened to one blank") {
                [unowned self] visit throws(SakkError) in .page("blank", try await blank(visit))
            },
            Route(
                "GET", "/search", Console.seekers, "The page to search at; `of` is a request, document or blank number",
                query: ["of"]
            ) {
                [unowned self] visit throws(SakkError) in try await search(visit)
            },
        ]
    }

    private func offset(_ visit: Visit) -> Int {
        visit.ask.query["from"].flatMap(Numerals.read).map { min($0, 10_000_000) } ?? 0
    }

    private func batches(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let offset = offset(visit)
        let rows = try await books.read(BatchesQuery(limit: 51, offset: offset))
        let (report, _) = try await figures.ask("batches", ProductionQuery(by: .batch))
        let counts = Dictionary(report.groups.map { ($0.key ?? "", $0.counts) }) { first, _ in first }
        return [
            "batches": .array(
                rows.prefix(50).map { row in
                    let counts = counts[row.batch.rawValue] ?? ProductionCounts()
                    let done = counts.records > 0 ? (counts.good + counts.withdrawn) * 100 / counts.records : 0
                    return [
                        "batch": .string(row.batch.rawValue), "authority": .string(row.authority),
                        "product": .string(row.product), "received": .integer(row.received),
                        "records": .integer(Int64(counts.records)), "good": .integer(Int64(counts.good)),
                        "waiting": .integer(Int64(counts.waiting)), "in_work": .integer(Int64(counts.inWork)),
                        "held": .integer(Int64(counts.held + counts.unknown)),
                        "rejected": .integer(Int64(counts.rejected)),
                        "percent": .integer(Int64(done)), "has_held": .bool(counts.held + counts.unknown > 0),
                        "is_done": .bool(done == 100),
                    ]
                }), "older": rows.count > 50 ? .integer(Int64(offset + 50)) : .null,
            "is_first": .bool(offset == 0),
        ]
    }

    private func batch(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let id = BatchID(visit.parameter("batch"))
        let state = visit.ask.query["state"].flatMap { RecordState(rawValue: $0) }
        let offset = offset(visit)
        let page = try await books.read(
            BatchRecordsQuery(batch: id, state: state, limit: Console.pageSize, offset: offset))
        let counts = try await figures.ask("batch \(id)", ProductionQuery(batch: id)).0.total
        let path = "/batches/\(Address.escape(id.rawValue))"
        let parts: [(String, Int)] = [
            ("good", counts.good), ("in_work", counts.inWork), ("waiting", counts.waiting), ("held", counts.held),
            ("unknown", counts.unknown), ("withdrawn", counts.withdrawn),
        ]
        return [
            "batch": .string(id.rawValue), "authority": .string(page.row.authority),
            "product": .string(page.row.product),
            "received": .integer(page.row.received), "path": .string(path), "records": .array(page.records),
            "all": .integer(Int64(counts.records)), "rejected": .integer(Int64(counts.rejected)),
            "parts": .array(
                parts.map { name, count in
                    [
                        "name": .string(name), "count": .integer(Int64(count)),
                        "percent": .integer(Int64(counts.records > 0 ? count * 100 / counts.records : 0)),
                        "is_abnormal": .bool(count > 0 && ["held", "unknown"].contains(name)),
                    ]
                }),
            "has_rejected": .bool(!counts.rejectedBy.isEmpty), "has_held": .bool(!counts.heldBy.isEmpty),
            "why_rejected": .array(Console.reasons(counts.rejectedBy)),
            "why_held": .array(Console.reasons(counts.heldBy)),
            "filters": .array(
                RecordState.allCases.map {
                    [
                        "state": .string($0.rawValue), "is_on": .bool($0 == state),
                        "path": .string("\(path)?state=\($0.rawValue)"),
                    ]
                }), "is_all": .bool(state == nil),
            "more": page.hasMore
                ? .string("\(path)?from=\(offset + Console.pageSize)" + (state.map { "&state=\($0.rawValue)" } ?? ""))
                : .null,
        ]
    }

    private static func reasons(_ counts: [String: Int]) -> [JSONValue] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(8).map {
            ["reason": .string($0.key), "count": .integer(Int64($0.value))]
        }
    }

    /// In the reader's language; without pictures, but for SPECIMEN documents.
    private func report(_ visit: Visit) async throws(SakkError) -> Reply {
        let id = BatchID(visit.parameter("batch"))
        let report = try await books.batchReport(id)
        try await did("report.batch", id.rawValue, visit.person, visit.ask)
        let pdf = BatchReportPDF(report, words: catalogue.batchWords(visit.look.language)) { _ in [] }
        return try paper("batch-\(id)") { path throws(SakkError) in try pdf.write(to: path) }
    }

    private func document(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let name = visit.parameter("production")
        guard var record = try await books.read(RecordQuery(name: name))?.object, let id = record["production"]?.string
        else { throw Console.unknown("document", name) }
        try await did("document.look", id, visit.person, visit.ask)
        let attempts = try await books.attempts(.production(ProductionID(id)))
        record["attempts"] = .array(attempts.map(Console.attempt))
        let office = record["office"]?.string.flatMap { shipping?.plan.places[PlaceID($0)] }
        record["office_name"] = office.map { .string(Console.name($0.names, visit.look.language)) } ?? .null
        record["batch_path"] = .string("/batches/\(Address.escape(record["batch"]?.string ?? ""))")
        record["may_batch"] = .bool(Console.readers.admits(visit.roles))
        let isHere = attempts.contains { attempt in
            attempt.state == .produced && attempt.blank.map { [.good, .sample, .held].contains($0.account) } == true
        }
        record["may_void"] = .bool(isHere && Console.inspectors.admits(visit.roles))
        record["void_path"] = .string("/documents/\(Address.escape(id))/void")
        record["void_reasons"] = .array(settings.rejects.map { .string($0) })
        record["looks"] = .array(
            try await books.read(PersonActsQuery(.item(id), limit: 12)).map { row in
                [
                    "person": row.act.person.map { .string($0.rawValue) } ?? .null, "act": .string(row.act.act),
                    "at": .integer(row.at.microseconds),
                ]
            })
        return .object(record)
    }

    static func attempt(_ attempt: AttemptReport) -> JSONValue {
        [
            "attempt": .string(attempt.attempt.rawValue), "number": .integer(Int64(attempt.number)),
            "state": .string(attempt.state.rawValue), "reason": attempt.reason.map(JSONValue.string) ?? .null,
            "line": .string(attempt.line.rawValue), "cell": .string(attempt.cell.rawValue),
            "started": .integer(attempt.startedAt.microseconds),
            "ended": attempt.endedAt.map { .integer($0.microseconds) } ?? .null,
            "blank": attempt.blank.map { .string($0.blank.rawValue) } ?? .null,
            "blank_path": attempt.blank.map { .string("/blanks/\(Address.escape($0.blank.rawValue))") } ?? .null,
            "account": attempt.blank.map { .string($0.account.rawValue) } ?? .null,
            "exit": attempt.blank?.exit.map { .string($0.rawValue) } ?? .null,
            "place": attempt.blank?.place.map { .integer(Int64($0)) } ?? .null,
            "death": attempt.death.map { .string($0.rawValue) } ?? .null,
            "is_abnormal": .bool([.held, .unknown].contains(attempt.state)),
            "steps": .array(
                attempt.steps.map { step in
                    [
                        "step": .string(step.key.step.rawValue), "at": .integer(step.intendedAt.microseconds),
                        "outcome": .string(step.outcome?.rawValue ?? "open"),
                        "number": .integer(Int64(step.key.number)),
                    ]
                }),
        ]
    }

    private func blank(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let name = visit.parameter("blank")
        guard let life = try await books.read(BlankLifeQuery(name)) else { throw Console.unknown("blank", name) }
        try await did("blank.look", life.blank.blank.rawValue, visit.person, visit.ask)
        return [
            "blank": .string(life.blank.blank.rawValue), "account": .string(life.blank.account.rawValue),
            "reason": .string(life.blank.reason), "lot": .string(life.lot.description),
            "chip": life.blank.chip.map { .string(String($0.rawValue.prefix(16))) } ?? .null,
            "exit": life.blank.exit.map { .string($0.rawValue) } ?? .null,
            "place": life.blank.place.map { .integer(Int64($0)) } ?? .null,
            "void": life.void.map { ["reason": .string($0.reason), "at": .integer($0.at.microseconds)] } ?? .null,
            "movements": .array(
                life.movements.map {
                    [
                        "from": $0.from.map { .string($0.rawValue) } ?? .null, "to": .string($0.to.rawValue),
                        "reason": .string($0.reason), "at": .integer($0.at.microseconds),
                    ]
                }), "attempts": .array(life.attempts.map(Console.attempt)),
            "production": life.attempts.first.map { .string($0.production.rawValue) } ?? .null,
        ]
    }

    /// By whole numbers only: nobody is looked for by name. Each search is a row in the journal.
    private func search(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        guard let wanted = visit.ask.query["of"]?.trimmingCharacters(in: .whitespaces), !wanted.isEmpty else {
            return .page("search", ["wanted": .null, "found": []])
        }
        guard wanted.count <= 100 else { throw Visit.wrong("of") }
        var found: [JSONValue] = []
        if let record = try await books.read(RecordQuery(name: wanted)), let id = record["production"]?.string {
            found.append([
                "kind": "document", "name": .string(id), "record": record["state"] ?? .null, "account": .null,
                "path": .string("/documents/\(Address.escape(id))"),
            ])
        }
        // a serial without its stock type, as a scanner reads it off the blank
        let names = [wanted] + lines.map { BlankID(stock: $0.stock, serial: wanted).rawValue }
        for name in Set(names).sorted() {
            guard let life = try await books.read(BlankLifeQuery(name)) else { continue }
            found.append([
                "kind": "blank", "name": .string(life.blank.blank.rawValue),
                "record": .null, "account": .string(life.blank.account.rawValue),
                "path": .string("/blanks/\(Address.escape(life.blank.blank.rawValue))"),
            ])
        }
        // what was typed may be somebody's number: only what the books know by it is kept
        for item in found { try await did("search", item["name"]?.string ?? "", visit.person, visit.ask) }
        if found.isEmpty { try await did("search", "nothing", visit.person, visit.ask) }
        return .page("search", ["wanted": .string(wanted), "found": .array(found), "is_none": .bool(found.isEmpty)])
    }
}
