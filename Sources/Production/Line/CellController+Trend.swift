import Ground
import Ledger
import Stations

/// What the inspection's measures tell before cards are lost (`TrendWatch`). Measures and rejects are rows of the journal,
/// out of which the watch is made again after a restart. Without limits in the configuration nothing is read or written.
extension CellController {
    /// The card's row, and a row for each warning.
    func trended(_ end: CardEnd, _ result: InspectionResult, _ attempt: AttemptID) async throws(SakkError) -> [Change] {
        guard configuration.trends != nil else { return [] }
        let fact: TrendFact
        switch (end, result.verdict) {
        case (.produced, .pass): fact = .passed(result.measures.filter { isWatched($0.key) })
        case (.spoiled, .reject(let findings)): fact = .rejected(findings)
        default: return []
        }
        try await readTrend()
        let warnings = trend?.handle(fact.event) ?? []
        return [.note(kind: fact.kind, subjects: [attempt.rawValue, configuration.cell.rawValue], facts: fact.facts)]
            + warnings.map { tell($0) }
    }

    /// Somebody cleaned or changed a part: its warnings begin anew.
    func attended(_ part: String, by person: String) async throws(SakkError) -> String {
        guard let known = TrendWatch.Part(rawValue: part) else {
            throw hold(
                "line.trend.part", "There is no such part.",
                "Name one of: \(TrendWatch.Part.allCases.map(\.rawValue).joined(separator: ", ")).", subject: part)
        }
        try await readTrend()
        _ = trend?.handle(.attended(known))
        try await commit([
            .note(
                kind: TrendFact.attendedKind, subjects: [person, configuration.cell.rawValue],
                facts: ["part": .string(part)])
        ])
        return "\(part): its warnings begin anew."
    }

    private func isWatched(_ measure: String) -> Bool {
        configuration.trends?.atLeast[measure] != nil || configuration.trends?.atMost[measure] != nil
    }

    private func readTrend() async throws(SakkError) {
        guard trend == nil, let limits = configuration.trends else { return }
        var watch = TrendWatch(limits: limits.limits)
        for fact in try await store.read(TrendFactsQuery(line: configuration.line, cell: configuration.cell)) {
            // what it says again was said before
            _ = watch.handle(fact.event)
        }
        trend = watch
    }

    /// In the journal, and at once to whoever watches the run.
    private func tell(_ warning: TrendWatch.Action) -> Change {
        let (facts, text, part): ([String: JSONValue], String, TrendWatch.Part?) =
            switch warning {
            case .announce(let measure, let cards, let part):
                (
                    ["measure": .string(measure), "cards": .integer(Int64(cards))],
                    "\(measure) will leave its limits in about \(cards) cards.", part
                )
            case .name(let part, let reason, let times):
                (
                    ["reason": .string(reason), "times": .integer(Int64(times))],
                    "\(reason) came \(times) times at one place.", part
                )
            }
        report(nil, nil, "line.trend", text, part.map { "Look at: \($0.rawValue)." } ?? "Look at the machine.")
        return .note(
            kind: "line.trend", subjects: [configuration.cell.rawValue],
            facts: facts.merging(["part": part.map { .string($0.rawValue) } ?? .null, "text": .string(text)]) { $1 })
    }
}

/// One row that a trend is made of.
enum TrendFact: Sendable, Hashable {
    case passed([String: Int64])
    case rejected([Finding])
    case attended(TrendWatch.Part)

    static let passedKind = "inspect.measures"
    static let rejectedKind = "inspect.findings"
    static let attendedKind = "machine.attended"

    var event: TrendWatch.Event {
        switch self {
        case .passed(let measures): .passed(measures)
        case .rejected(let findings): .rejected(findings)
        case .attended(let part): .attended(part)
        }
    }

    var kind: String {
        switch self {
        case .passed: TrendFact.passedKind
        case .rejected: TrendFact.rejectedKind
        case .attended: TrendFact.attendedKind
        }
    }

    /// Places in micrometres; no text of a finding, which may say what stands on the card.
    var facts: [String: JSONValue] {
        switch self {
        case .passed(let measures): measures.mapValues { .integer($0) }
        case .rejected(let findings):
            [
                "findings": .array(
                    findings.map { finding in
                        [
                            "code": .string(finding.code), "side": .string(finding.side.rawValue),
                            "box_um": .array(
                                [finding.place.x, finding.place.y, finding.place.width, finding.place.height].map {
                                    .integer(Int64(($0 * 1000).rounded()))
                                }),
                        ]
                    })
            ]
        case .attended(let part): ["part": .string(part.rawValue)]
        }
    }

    init?(kind: String, _ facts: [String: JSONValue]) {
        switch kind {
        case TrendFact.passedKind: self = .passed(facts.compactMapValues(\.integer))
        case TrendFact.rejectedKind:
            self = .rejected(
                (facts["findings"]?.array ?? []).compactMap { value -> Finding? in
                    let box = value["box_um"]?.array?.compactMap(\.integer).map { Double($0) / 1000 } ?? []
                    guard let code = value["code"]?.string, box.count == 4,
                        let side = value["side"]?.string.flatMap(CardSide.init(rawValue:))
                    else { return nil }
                    return Finding(
                        code: code, side: side, place: RectMM(x: box[0], y: box[1], width: box[2], height: box[3]),
                        text: "")
                })
        default:
            guard let part = facts["part"]?.string.flatMap(TrendWatch.Part.init(rawValue:)) else { return nil }
            self = .attended(part)
        }
    }
}

/// The last rows of a cell that its trend is made of, oldest first.
struct TrendFactsQuery: LedgerQuery {
    let line: LineID
    let cell: CellID

    /// Rows of the line's journal: more than eight cells write for the documents that a trend is taken over.
    private static let reach: Int64 = 20_000

    func answer(_ books: BooksReader) throws -> [TrendFact] {
        let log = SQLValue.text(line.rawValue)
        let last = try books.row("SELECT seq FROM log WHERE log = ?", [log])?.optionalInteger("seq") ?? 0
        return try books.rows(
            """
            SELECT kind, subjects, body FROM journal WHERE log = ? AND seq > ?
            AND kind IN ('inspect.measures', 'inspect.findings', 'machine.attended') ORDER BY seq
            """, [log, .integer(max(0, last - TrendFactsQuery.reach))]
        ).compactMap { row in
            let subjects = (try? JSONValue(parsing: row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            guard subjects.count == 2, subjects[1] == cell.rawValue else { return nil }
            return TrendFact(kind: try row.text("kind"), (try? JSONValue(parsing: row.blob("body")))?.object ?? [:])
        }
    }
}
