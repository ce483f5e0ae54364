public import Catalog
internal import DocumentWriter
public import Ground
public import LDS
public import Stations

/// Makes a card (TD1) or a passport (TD3) from a record: machine readable zone, chip files with fresh keys and a fresh
/// EF.SOD, artwork.
public struct TravelDocumentPreparation: DocumentPreparation {
    /// Decodes the approved portrait; its bytes go to the chip unchanged.
    public typealias PortraitDecoder = @Sendable (ApprovedRecord.Image) throws(SakkError) -> Picture

    /// How many attempts each document signer was taken for, by its name, as the books count them now.
    public typealias SignerCounts = @Sendable () async throws(SakkError) -> [String: Int]

    private let format: MachineReadableZone.Format
    private let document: ChipDocument
    private let artwork: (any ArtworkStation)?
    private let signers: SignerRing
    private let signed: SignerCounts?
    private let decode: PortraitDecoder
    private let time: any TimeSource
    private let fingerAuthority: Bytes?

    /// `artwork`: nil for a chip alone, as at a desk. `signed`: nil where nobody else signs with the same signers.
    /// `fingerAuthority`: card verifiable certificate of the authority that fingers open to, for a document that has them.
    public init(
        format: MachineReadableZone.Format, document: ChipDocument, artwork: (any ArtworkStation)?,
        signers: SignerRing, signed: SignerCounts? = nil, decode: @escaping PortraitDecoder, time: any TimeSource,
        fingerAuthority: Bytes? = nil
    ) {
        self.format = format
        self.document = document
        self.artwork = artwork
        self.signers = signers
        self.signed = signed
        self.decode = decode
        self.time = time
        self.fingerAuthority = fingerAuthority
    }

    public func prepare(
        _ record: ApprovedRecord, for attempt: AttemptID
    ) async throws(SakkError) -> PreparedDocument {
        if let signed, signers.comesAgain(attempt) { signers.learn(try await signed()) }
        let mrz = try TravelDocumentPreparation.mrz(of: record, format: format)
        let portrait = try decode(record.portrait)
        let job = try chip(record, mrz: mrz, portrait: portrait, for: attempt)
        let rendered =
            try artwork?.render(record, mrz: mrz)
            ?? RenderedDocument(sides: [], panels: [], fields: [], ribbon: "", dpi: 0)
        return PreparedDocument(
            attempt: attempt, record: record, mrz: mrz, chip: job, rendered: rendered, portrait: portrait)
    }

    private func chip(
        _ record: ApprovedRecord, mrz: [String], portrait: Picture, for attempt: AttemptID
    ) throws(SakkError) -> ChipJob {
        guard !document.hasFingers || fingerAuthority != nil else {
            throw SakkError(
                "chip.authority.missing", source: "preparation", subject: attempt.rawValue,
                text: "The document holds fingers, and nobody said which authority they open to.",
                remedy: "Name the authority's certificate (`trust.terminal_authority` of the line).")
        }
        let now = time.wall()
        let (signer, name) = try signers.take(
            at: now, documentCode: record.documentType, state: record.issuingState, expires: record.dateOfExpiry)
        let making = try ChipKeyMaking(document)
        let writer = DocumentWriter(
            signer: signer,
            version: document.ldsVersion == "0108" ? .v1(ldsVersion: "0108", unicodeVersion: "040000") : .v0)
        let content = try RecordContent.content(of: record, mrz: mrz, portrait: portrait, document)
        let cardAccess = try making.cardAccess().map { (set) throws(SakkError) in
            ChipFile(fileID: 0x011C, isInMasterFile: true, bytes: set.encoded)
        }
        let further = content.furtherGroups
        @Sendable func complete(
            _ born: [ChipKeys.Use: Bytes]
        ) throws(SakkError) -> ChipKeys.Completed {
            var content = content
            content.furtherGroups = further.merging(try making.groups(born: born)) { $1 }
            let written = try writer.write(content, at: now)
            let files = written.files.map { ChipFile(fileID: $0.file.fileID, bytes: $0.bytes) }
            // EF.CardAccess last: with it the applet answers for the master file
            let cardSecurity = try making.cardSecurity(born: born).map { (set) throws(SakkError) in
                ChipFile(
                    fileID: 0x011D, isInMasterFile: true, bytes: try set.cardSecurity(signer: signer, at: now))
            }
            return ChipKeys.Completed(
                files: files + [cardSecurity, cardAccess].compactMap(\.self), sodHash: written.securityObjectHash)
        }
        let access = TravelDocumentPreparation.access(to: record)
        let authority = document.hasFingers ? fingerAuthority : nil
        let born = document.keys(madeBy: .chip)
        guard born.isEmpty else {
            let keys = ChipKeys(secrets: making.secrets, born: born) { (keys) throws(SakkError) in try complete(keys) }
            let known = DocumentWriter.groups(of: content).map { group in
                ChipFile(fileID: 0x0100 + UInt16(group.number), bytes: group.bytes)
            }
            return ChipJob(
                attempt: attempt, files: known, access: access, keys: keys, fingerAuthority: authority, signer: name,
                sodHash: [])
        }
        let whole = try complete([:])
        return ChipJob(
            attempt: attempt, files: whole.files, access: access,
            keys: making.secrets.isEmpty ? nil : ChipKeys(secrets: making.secrets), fingerAuthority: authority,
            signer: name, sodHash: whole.sodHash)
    }

    /// The record's machine readable zone, as chip and print bear it.
    public static func mrz(
        of record: ApprovedRecord, format: MachineReadableZone.Format
    ) throws(SakkError) -> [String] {
        let zone = RecordContent.zone(of: record)
        return switch format {
        case .td1: try MRZWriter.td1(zone)
        case .td2: try MRZWriter.td2(zone)
        case .td3: try MRZWriter.td3(zone)
        }
    }

    static func access(to record: ApprovedRecord) -> MRZAccess {
        MRZAccess(
            documentNumber: record.documentNumber, dateOfBirth: record.dateOfBirth.yymmdd,
            dateOfExpiry: record.dateOfExpiry.yymmdd)
    }
}
