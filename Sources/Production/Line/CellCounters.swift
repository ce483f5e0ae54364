public import Ground
public import Ledger

/// PackML's production counters of one cell, over its whole life, as the ledger has them.
public struct CellCounters: Sendable, Hashable {
    /// Cards that ended here, good or not.
    public let processed: Int
    /// Of these, cards that are no good documents: spoiled, or waiting for an inspector.
    public let defective: Int
    /// Blanks taken from the hopper, dead ones among them.
    public let consumed: Int
}

public struct CellCountersQuery: LedgerQuery {
    public let line: LineID
    public let cell: CellID

    public init(line: LineID, cell: CellID) {
        self.line = line
        self.cell = cell
    }

    public func answer(_ books: BooksReader) throws -> CellCounters {
        let place: [SQLValue] = [.text(line.rawValue), .text(cell.rawValue)]
        var counts: [String: Int] = [:]
        for row in try books.rows(
            "SELECT state, COUNT(*) AS n FROM attempt WHERE line = ? AND cell = ? GROUP BY state", place)
        {
            counts[try row.text("state")] = try row.count("n")
        }
        let good = (counts["produced"] ?? 0) + (counts["voided"] ?? 0)
        let defective = (counts["spoiled"] ?? 0) + (counts["held"] ?? 0)
        let consumed = try books.row(
            "SELECT COUNT(*) AS n FROM blank WHERE line = ? AND hopper = ? AND account <> 'line'", place)
        return CellCounters(
            processed: good + defective, defective: defective, consumed: try consumed?.count("n") ?? 0)
    }
}
