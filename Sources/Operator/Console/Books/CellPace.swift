import Ground
import Ledger

/// What the cells of a line made lately: for rates, trends and how long supplies last.
struct LinePaceQuery: LedgerQuery {
    struct Ended: Sendable {
        let cell: CellID
        let state: AttemptState
        let number: Int
        let started: Int64
        let ended: Int64
    }

    let line: LineID
    let since: WallTime

    /// In the order of their ends.
    func answer(_ books: BooksReader) throws -> [Ended] {
        try books.rows(
            """
            SELECT cell, state, number, started, ended FROM attempt
            WHERE line = ? AND ended >= ? AND state IN ('produced','voided','spoiled') ORDER BY ended
            """, [.text(line.rawValue), .integer(since.microseconds)]
        ).compactMap { row in
            guard let state = AttemptState(rawValue: try row.text("state")) else { return nil }
            return Ended(
                cell: CellID(try row.text("cell")), state: state, number: try row.count("number"),
                started: try row.integer("started"), ended: try row.integer("ended"))
        }
    }
}

/// The pace of one cell, or of a line.
struct Pace: Sendable {
    let good: Int
    let rejects: Int
    /// Middle of the times between two ends, in microseconds; nil for fewer than three ends.
    let perCard: Int64?
    /// Good with the first blank, of all that were tried the first time, in percent.
    let firstPass: Int?

    init(_ ended: [LinePaceQuery.Ended]) {
        let good = ended.filter { $0.state != .spoiled }
        self.good = good.count
        rejects = ended.count - good.count
        let gaps = zip(ended, ended.dropFirst()).map { $1.ended - $0.ended }.sorted()
        perCard = gaps.count >= 2 ? gaps[gaps.count / 2] : nil
        let first = ended.filter { $0.number == 1 }
        firstPass = first.isEmpty ? nil : first.count(where: { $0.state != .spoiled }) * 100 / first.count
    }
}

/// Blanks in the hoppers of a line, by cell.
struct HopperQuery: LedgerQuery {
    let line: LineID
    func answer(_ books: BooksReader) throws -> [CellID: Int] {
        var found: [CellID: Int] = [:]
        for row in try books.rows(
            """
            SELECT hopper, COUNT(*) AS n FROM blank
            WHERE line = ? AND account = 'line' AND hopper IS NOT NULL GROUP BY hopper
            """, [.text(line.rawValue)])
        {
            found[CellID(try row.text("hopper"))] = try row.count("n")
        }
        return found
    }
}
