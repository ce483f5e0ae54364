public import Ground

/// All of a document that does not depend on the blank: made while the card before is in the machine.
public struct PreparedDocument: Sendable {
    public let attempt: AttemptID
    public let record: ApprovedRecord
    public let mrz: [String]
    public let chip: ChipJob
    public let rendered: RenderedDocument
    /// The approved portrait, decoded.
    public let portrait: Picture

    public init(
        attempt: AttemptID, record: ApprovedRecord, mrz: [String], chip: ChipJob, rendered: RenderedDocument,
        portrait: Picture
    ) {
        self.attempt = attempt
        self.record = record
        self.mrz = mrz
        self.chip = chip
        self.rendered = rendered
        self.portrait = portrait
    }
}

/// Turns a record into chip files and artwork for one attempt (fresh keys and SOD each time).
public protocol DocumentPreparation: Sendable {
    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument
    /// For a record whose number is that of its booklet.
    func draft(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> any DocumentDraft
}

/// Opens a signed envelope again: the approval is verified at intake and before the first irreversible act.
public protocol RecordVerification: Sendable {
    /// `envelope` is the CMS SignedData, byte for byte as it arrived.
    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord
    /// Signature and chain alone, at the present time: for the very bytes that `verify` has read before.
    func confirm(_ envelope: Bytes) throws(SakkError)
}

extension RecordVerification {
    /// What has nothing cheaper reads all of it again.
    public func confirm(_ envelope: Bytes) throws(SakkError) { _ = try verify(envelope) }
}

/// What one cell works with. Line and drivers meet here and nowhere else.
public struct CellStations: Sendable {
    public let printer: any CardPrinter
    public let chip: any ChipStation
    public let camera: any CardCamera
    public let preparation: any DocumentPreparation
    public let inspection: any InspectionStation
    public let verification: any RecordVerification
    /// Whom the line asks, beside its ledger, whether an approval still stands; nil when the ledger alone knows.
    public let standing: (any RecordStanding)?
    /// Reads the number of what lies in the machine; nil in a cell for cards.
    public let booklets: (any BookletReader)?

    public init(
        printer: any CardPrinter, chip: any ChipStation, camera: any CardCamera, preparation: any DocumentPreparation,
        inspection: any InspectionStation, verification: any RecordVerification, standing: (any RecordStanding)? = nil,
        booklets: (any BookletReader)? = nil
    ) {
        self.printer = printer
        self.chip = chip
        self.camera = camera
        self.preparation = preparation
        self.inspection = inspection
        self.verification = verification
        self.standing = standing
        self.booklets = booklets
    }
}
