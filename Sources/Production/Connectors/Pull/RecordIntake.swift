public import Ground
public import Ledger
public import Records

/// Records of one batch, authority and product, on their way into the queue.
public struct IntakeGroup: Sendable {
    public let batch: BatchID
    public let authority: String
    public let product: String
    public var records: [AcceptedRecord]

    public init(batch: BatchID, authority: String, product: String, records: [AcceptedRecord]) {
        self.batch = batch
        self.authority = authority
        self.product = product
        self.records = records
    }
}

/// Where a source was read to, in words of `PullPosition`.
public struct SourcePlace: Sendable, Hashable {
    public let source: String
    public let value: String

    public init(source: String, value: String) {
        self.source = source
        self.value = value
    }
}

/// What a puller needs of the books.
public protocol RecordIntake: Sendable {
    /// The value that was last written for this source; nil at the first time.
    func place(of source: String) async throws(SakkError) -> String?
    /// Durable when it returns. One outcome per record, group by group. Groups go in one by one; the place moves in the
    /// transaction of the last of them, or alone when there is none.
    func take(_ groups: [IntakeGroup], place: SourcePlace?) async throws(SakkError) -> [[IntakeOutcome]]
    /// What was refused before the books saw it, for their journal. The same refusal again changes nothing.
    func note(_ refused: [RecordProblem], from source: String) async throws(SakkError)
}
