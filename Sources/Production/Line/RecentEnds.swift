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

    /// How far back is looked: as a rule the last rows of the line are enough; else more than the rows of `limit` cards in
    /// each of eight cells.
    private static let reaches: [Int64] = [1500, 10_000]

    func answer(_ books: BooksReader) throws -> RecentEnds {
        let log = SQLValue.text(line.rawValue)
        let last = try books.row("SELECT seq FROM log WHERE log = ?", [log])?.optionalInteger("seq") ?? 0
        var ends = RecentEnds()
        for reach in RecentEndsQuery.reaches {
            let isEnough: Bool
            (ends, isEnough) = try since(max(0, last - reach), books)
            if isEnough { break }
        }
        ends.window = Array(ends.window.suffix(limit))
        return ends
    }

    /// True when nothing before `start` can change the answer.
    private func since(_ start: Int64, _ books: BooksReader) throws -> (RecentEnds, Bool) {
        var ends = RecentEnds()
        var lost: Set<String> = []
        var isEnough = start == 0
        let rows = try books.rows(
            """
            SELECT kind, subjects, body FROM journal WHERE log = ? AND seq > ?
            AND kind IN ('attempt.state', 'blank.moved', 'machine.acknowledged') ORDER BY seq
            """, [.text(line.rawValue), .integer(start)])
        for row in rows {
            let body = (try? JSONValue(parsing: row.blob("body")))?.object ?? [:]
            switch try row.text("kind") {
            case "machine.acknowledged":
                guard body["cell"]?.string == cell.rawValue else { continue }
                ends = RecentEnds()
                isEnough = true
            case "blank.moved":
                guard body["to"]?.string == Account.spoiled.rawValue, body["reason"]?.string == "chip.mute",
                    try isOurs(body["attempt"]?.string, books)
                else { continue }
                ends.deadInRow += 1
            default:
                guard let state = body["state"]?.string.flatMap(AttemptState.init(rawValue:)),
                    [.unknown, .produced, .spoiled, .held].contains(state),
                    let attempt = (try? JSONValue(parsing: row.blob("subjects")))?.array?.first?.string,
                    try isOurs(attempt, books)
                else { continue }
                switch state {
                case .unknown: lost.insert(attempt)
                case .produced: ends.add(false)
                case .held where body["reason"]?.string == Books.heldByPerson: ends.deadInRow = 0
                // what the desk settled says nothing about the stream of cards
                default: if !lost.contains(attempt) { ends.add(true) }
                }
            }
        }
        return (ends, isEnough || ends.window.count >= limit)
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
