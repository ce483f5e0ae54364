public import Ground

/// The books of the plant. SQLite today (`SQLiteLedger`); the face is small so that another store can stand behind it.
///
/// Errors: `ledger.unwritable`, `ledger.busy`, `ledger.corrupt` say what to do with the file or disk;
/// `ledger.epoch.stale` that another controller took the line over; `ledger.rule` that a change would break a rule
/// that the store keeps (nothing of the transition is then in the books).
public protocol LedgerStore: Sendable {
    /// Takes records into the queue; the same file twice changes nothing. One outcome per record, in order.
    func intake(_ records: [IntakeRecord], batch: BatchHeader) async throws(SakkError) -> [IntakeOutcome]
    /// Writes `count` new blanks of a lot into the books, vault to line; returns their ids in feeding order.
    func load(count: Int, stock: String, lot: String, line: LineID, by actor: String) async throws(SakkError)
        -> [BlankID]
    /// Takes the line over: raises its epoch, so that whatever an older controller still commits is refused.
    func takeOver(_ line: LineID, by holder: String) async throws(SakkError) -> Int64
    /// The next record for this cell (an attempt it left untouched, else remakes, priority, approval time); nil when
    /// the queue is empty.
    func claim(line: LineID, epoch: Int64, cell: CellID, product: String, by actor: String) async throws(SakkError)
        -> Claim?
    /// All or nothing, on disk when it returns.
    func commit(_ transition: Transition) async throws(SakkError)
    /// The signed envelope of a record, byte for byte. Personal data.
    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes
    func openIntents(_ line: LineID) async throws(SakkError) -> [OpenIntent]
    func attempts(_ selection: Selection) async throws(SakkError) -> [AttemptReport]
    /// In feeding order.
    func blanks(_ selection: BlankSelection) async throws(SakkError) -> [BlankReport]
    func status(_ line: LineID) async throws(SakkError) -> LineStatus
    /// `ledger.batch.unknown` when there is no such batch.
    func batchReport(_ batch: BatchID) async throws(SakkError) -> BatchReport
    /// `ledger.journal.broken` with the first row that is missing or changed.
    func verifyJournal() async throws(SakkError) -> JournalVerification
}
