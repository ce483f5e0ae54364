public import DocumentWriter
public import Ground
import LDS
public import Stations

/// Makes an identity card (TD1) from a record: machine readable zone, chip files with a fresh EF.SOD, artwork.
public struct IDCardPreparation: DocumentPreparation {
    /// Decodes the approved portrait; its bytes go to the chip unchanged.
    public typealias PortraitDecoder = @Sendable (ApprovedRecord.Image) throws(SakkError) -> Picture

    private let artwork: any ArtworkStation
    private let writer: DocumentWriter
    private let decode: PortraitDecoder
    private let time: any TimeSource

    public init(
        artwork: any ArtworkStation, signer: DocumentSigner, decode: @escaping PortraitDecoder, time: any TimeSource
    ) {
        self.artwork = artwork
        writer = DocumentWriter(signer: signer)
        self.decode = decode
        self.time = time
    }

    public func prepare(
        _ record: ApprovedRecord, for attempt: AttemptID
    ) async throws(SakkError) -> PreparedDocument {
        let mrz = try IDCardPreparation.mrz(of: record)
        let portrait = try decode(record.portrait)
        let content = DocumentContent(
            mrz: mrz, face: IDCardPreparation.face(of: record, portrait),
            details: IDCardPreparation.details(of: record))
        let written = try writer.write(content, at: time.wall())
        let job = ChipJob(
            attempt: attempt, files: written.files.map { ChipFile(fileID: $0.file.fileID, bytes: $0.bytes) },
            access: IDCardPreparation.access(to: record), sodHash: written.securityObjectHash)
        return PreparedDocument(
            attempt: attempt, record: record, mrz: mrz, chip: job, rendered: try artwork.render(record, mrz: mrz),
            portrait: portrait)
    }

    /// The record's machine readable zone (TD1), as chip and print bear it.
    public static func mrz(of record: ApprovedRecord) throws(SakkError) -> [String] {
        try MRZWriter.td1(zone(of: record))
    }

    /// Primary identifier is the surname; given, father's and grandfather's names are the secondary ones (9303-3, 4.6). A
    /// person without surname has the grandfather's name as primary.
    static func zone(of record: ApprovedRecord) -> MRZContent {
        let names = record.names.latin
        let secondary =
            names.surname.isEmpty ? [names.given, names.father] : [names.given, names.father, names.grandfather]
        return MRZContent(
            documentCode: record.documentType, issuer: record.issuingState, documentNumber: record.documentNumber,
            nationality: record.nationality, dateOfBirth: record.dateOfBirth,
            sex: record.sex.rawValue.first ?? "X", dateOfExpiry: record.dateOfExpiry,
            optional1: record.nationalNumber, optional2: "",
            primary: names.surname.isEmpty ? names.grandfather : names.surname,
            secondary: secondary.filter { !$0.isEmpty }.joined(separator: " "))
    }

    static func access(to record: ApprovedRecord) -> MRZAccess {
        MRZAccess(
            documentNumber: record.documentNumber, dateOfBirth: record.dateOfBirth.yymmdd,
            dateOfExpiry: record.dateOfExpiry.yymmdd)
    }

    private static func face(of record: ApprovedRecord, _ portrait: Picture) -> FaceImage {
        let gender: FaceImage.Gender =
            switch record.sex {
            case .female: .female
            case .male: .male
            case .unspecified: .unspecified
            }
        return FaceImage(
            format: record.portrait.format == .jpeg ? .jpeg : .jpeg2000, bytes: record.portrait.bytes,
            width: portrait.width, height: portrait.height, gender: gender)
    }

    private static func details(of record: ApprovedRecord) -> PersonalDetails {
        let names = record.names.arabic
        return PersonalDetails(
            primaryName: names.surname.isEmpty ? names.grandfather : names.surname,
            secondaryNames: [names.given, names.father, names.grandfather].filter { !$0.isEmpty },
            personalNumber: record.nationalNumber, dateOfBirth: record.dateOfBirth,
            placeOfBirth: [record.placeOfBirth.latin])
    }
}
