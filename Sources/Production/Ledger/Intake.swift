public import Ground

/// A record whose signature was verified, on its way into the queue. The envelope is personal data.
public struct IntakeRecord: Sendable, CustomStringConvertible, CustomReflectable {
    public let production: ProductionID
    /// The authority's own id of the application; unique within the authority.
    public let requestID: String
    public let authority: String
    public let product: String
    /// What the number is unique under, for example issuing state and document type.
    public let numberSpace: String
    /// Kept only as a keyed tag, so that no number is used twice and none can be read from the ledger.
    public let documentNumber: String
    /// Smaller goes first; a remake goes before all.
    public let priority: Int
    public let priorityClass: String
    public let approvedAt: WallTime
    /// CMS SignedData, byte for byte as it arrived.
    public let envelope: Bytes

    public init(
        production: ProductionID, requestID: String, authority: String, product: String, numberSpace: String,
        documentNumber: String, priority: Int, priorityClass: String, approvedAt: WallTime, envelope: Bytes
    ) {
        self.production = production
        self.requestID = requestID
        self.authority = authority
        self.product = product
        self.numberSpace = numberSpace
        self.documentNumber = documentNumber
        self.priority = priority
        self.priorityClass = priorityClass
        self.approvedAt = approvedAt
        self.envelope = envelope
    }

    public var description: String { "intake \(production)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What the authority sent together.
public struct BatchHeader: Sendable, Hashable {
    public let batch: BatchID
    public let authority: String
    public let product: String
    public let line: LineID
    public init(batch: BatchID, authority: String, product: String, line: LineID) {
        self.batch = batch
        self.authority = authority
        self.product = product
        self.line = line
    }
}

/// What became of one record at intake.
public enum IntakeOutcome: Sendable, Equatable {
    case taken
    /// The same record was here before: nothing was changed.
    case known
    /// `record.conflict` (known request, other content: alarmed in the journal) or `record.number.used`.
    case refused(SakkError)
}
