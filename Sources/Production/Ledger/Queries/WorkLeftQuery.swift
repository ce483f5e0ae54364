public import Ground

/// Records that a line's run may make: those that wait, and those of the line that are under way. For display: it counts
/// no further than `limit`, so that a start does not read a queue of millions.
public struct WorkLeftQuery: LedgerQuery {
    public let line: LineID
    public let limit: Int

    public init(line: LineID, limit: Int = 100_000) {
        self.line = line
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> Int {
        let waiting = try books.row(
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM production WHERE state = 'queued' LIMIT ?) AS waiting",
            [.count(limit)])
        let working = try books.row(
            """
            SELECT COUNT(*) AS n FROM attempt WHERE line = ? AND state IN
              ('claimed','bound','encoded','verified','printed','passed','unknown')
            """, [.text(line.rawValue)])
        return min(limit, (try waiting?.count("n") ?? 0) + (try working?.count("n") ?? 0))
    }
}
