import Ground
import Ledger

/// How the last cards of a cell ended, since a person last looked after it: what the limits count.
struct RecentEnds: Sendable, Hashable {
    /// True for a reject, oldest first.
    var window: [Bool] = []
    /// Blanks with a dead chip in a row, up to now.
    var deadInRow = 0
}

/// Read from the line's journal in its order, so that no clock matters.
struct RecentEndsQuery: LedgerQuery {
    let line: LineID
    let cell: CellID
    /// How many cards are counted.
    let limit: Int

    /// More than the rows of `limit` cards in each of eight cells.
    private static let reach: Int64 = 10_000

    func answer(_ books: BooksReader) throws -> RecentEnds {
        let log = SQLValue.text(line.rawValue)
        let last = try books.row("SELECT seq FROM log WHERE log = ?", [log])?.optionalInteger("seq") ?? 0
        let rows = try books.rows(
            """
            SELECT kind, subjects, body FROM journal WHERE log = ? AND seq > ?
            AND kind IN ('attempt.state', 'blank.moved', 'machine.acknowledged') ORDER BY seq
            """, [log, .integer(last - RecentEndsQuery.reach)])
        var ends = RecentEnds()
        var lost: Set<String> = []
        for row in rows {
            let subjects = (try? JSONValue(parsing: row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            let body = (try? JSONValue(parsing: row.blob("body")))?.object ?? [:]
            switch try row.text("kind") {
            case "machine.acknowledged":
                if body["cell"]?.string == cell.rawValue { ends = RecentEnds() }
            case "blank.moved":
                guard body["to"]?.string == Account.spoiled.rawValue, body["reason"]?.string == "chip.mute",
                    try isOurs(body["attempt"]?.string, books)
                else { continue }
                ends.deadInRow += 1
            default:
                guard let attempt = subjects.first, try isOurs(attempt, books) else { continue }
                switch body["state"]?.string {
                case AttemptState.unknown.rawValue: lost.insert(attempt)
                case AttemptState.produced.rawValue: ends.add(false)
                // what the desk settled says nothing about the stream of cards
                case AttemptState.spoiled.rawValue, AttemptState.held.rawValue:
                    if !lost.contains(attempt) { ends.add(true) }
                default: break
                }
            }
        }
        ends.window = Array(ends.window.suffix(limit))
        return ends
    }

    private func isOurs(_ attempt: String?, _ books: BooksReader) throws -> Bool {
        guard let attempt else { return false }
        return try books.row("SELECT cell FROM attempt WHERE attempt = ?", [.text(attempt)])?.text("cell")
            == cell.rawValue
    }
}

extension RecentEnds {
    fileprivate mutating func add(_ reject: Bool) {
        window.append(reject)
        deadInRow = 0
    }
}
