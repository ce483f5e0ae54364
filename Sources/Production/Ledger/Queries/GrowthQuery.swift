/// How many rows the journal has, of all logs: another number than before when somebody wrote, at whichever controller or
/// console, and only once that is committed.
///
/// Not `meta.tick`, which counts on SQLite alone, nor the highest tick of a row: on PostgreSQL a higher one may be
/// committed before a lower one.
public struct GrowthQuery: LedgerQuery {
    public init() {}

    public func answer(_ books: BooksReader) throws -> Int64 {
        try books.row("SELECT CAST(COALESCE(SUM(seq), 0) AS BIGINT) AS seq FROM log")?.integer("seq") ?? 0
    }
}
