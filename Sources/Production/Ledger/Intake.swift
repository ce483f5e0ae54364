public import Ground

/// A record whose signature was verified, on its way into the queue. The envelope is personal data.
public struct IntakeRecord: Sendable, CustomStringConvertible, CustomReflectable {
    public let production: ProductionID
    /// The authority's own id of the application; unique within the authority.
    public let requestID: String
    public let authority: String
    public let product: String
    /// Stock type of the blank that it needs.
    public let stock: String
    /// What the number is unique under, for example issuing state and document type.
    public let numberSpace: String
    /// Kept only as a keyed tag, so that no number is used twice and none can be read from the ledger; nil when the
    /// number is its booklet's.
    public let documentNumber: String?
    /// From the signed record; its share of the queue is limited by the line's quotas.
    public let priorityClass: String
    /// How much earlier than its approval the record is due, in microseconds: the lead of its class. Waiting time counts
    /// against it, so that nobody starves.
    public let headStart: Int64
    public let approvedAt: WallTime
    /// Where it is collected or delivered from, for reports; codes of `seeds/offices.json`.
    public let office: String?
    public let governorate: String?
    /// CMS SignedData, byte for byte as it arrived.
    public let envelope: Bytes

    public init(
        production: ProductionID, requestID: String, authority: String, product: String, stock: String,
        numberSpace: String, documentNumber: String?, priorityClass: String, headStart: Int64 = 0,
        approvedAt: WallTime, office: String? = nil, governorate: String? = nil, envelope: Bytes
    ) {
        self.production = production
        self.requestID = requestID
        self.authority = authority
        self.product = product
        self.stock = stock
        self.numberSpace = numberSpace
        self.documentNumber = documentNumber
        self.priorityClass = priorityClass
        self.headStart = headStart
        self.approvedAt = approvedAt
        self.office = office
        self.governorate = governorate
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
    public init(batch: BatchID, authority: String, product: String) {
        self.batch = batch
        self.authority = authority
        self.product = product
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
