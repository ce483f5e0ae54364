public import Ground

/// The books of the plant. `Books` keeps them in SQLite or PostgreSQL; the face is small and the same for both.
///
/// Errors: `ledger.unwritable`, `ledger.busy`, `ledger.corrupt`, `ledger.away` say what to do with the file, disk or
/// server; `ledger.epoch.stale` that another controller took the line over; `ledger.rule` that a change would break a
/// rule that the store keeps (nothing of the transition is then in the books).
public protocol LedgerStore: Sendable {
    /// Takes records into the queue; the same record twice changes nothing. One outcome per record, in order. The
    /// cursor moves in the same transaction.
    func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor?) async throws(SakkError)
        -> [IntakeOutcome]
    /// Takes the line over: raises its epoch, so that whatever an older controller still commits is refused.
    /// `ledger.line.leased` while a controller on another host holds it.
    func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease
    /// The heartbeat.
    func extend(_ lease: Lease) async throws(SakkError) -> Lease
    /// Gives the line back at an orderly end: the next controller takes over at once.
    func release(_ lease: Lease) async throws(SakkError)
    /// The next record for this cell (an attempt it left untouched, else remakes, then what is due first); nil when
    /// there is nothing for it.
    func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim?
    /// All or nothing, on disk when it returns.
    func commit(_ transition: Transition) async throws(SakkError)
    /// The signed envelope of a record, byte for byte. Personal data. `ledger.payload.gone` once it was forgotten.
    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes
    /// A keyed tag of a machine readable zone: so two readings of one card are compared, and neither is written down.
    func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes
    /// One report from one snapshot.
    func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer
}

/// A question to the books. Each report is one; it runs inside one snapshot and changes nothing.
public protocol LedgerQuery: Sendable {
    associatedtype Answer: Sendable
    func answer(_ books: BooksReader) throws -> Answer
}

/// What a query reads with.
public struct BooksReader {
    let session: any SQLSession
    /// Names the store in errors.
    public let source: String

    /// Rows of any table, by SQL that both stores understand.
    public func rows(_ sql: String, _ arguments: [SQLValue] = []) throws -> [SQLRow] {
        try session.rows(sql, arguments)
    }
    public func row(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLRow? { try rows(sql, arguments).first }
    public func forEach(_ sql: String, _ arguments: [SQLValue] = [], _ body: (SQLRow) throws -> Void) throws {
        try session.forEach(sql, arguments, body)
    }
}
