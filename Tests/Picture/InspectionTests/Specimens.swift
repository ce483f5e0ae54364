import Artwork
import Ground
import Inspection
import LDS
import Pixels
import Seeds
import Stations

/// One invented person's card: what is signed and what is rendered.
struct Specimen: Sendable {
    let record: ApprovedRecord
    let mrz: [String]
    let portrait: Picture
    let rendered: RenderedDocument
}

/// Invented people of the seeds, drawn with the artwork of the national card.
enum Specimens {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    static let artwork: Result<CardArtwork, SakkError> = Result { () throws(SakkError) in
        let folder = root + "/profiles/iq-national-id/artwork"
        return try CardArtwork(template: .load(front: folder + "/front.svg", back: folder + "/back.svg"))
    }

    static let stock: Result<[CardSide: Picture], SakkError> = Result { () throws(SakkError) in
        try artwork.get().stockPictures(dpi: 300)
    }

    static let people: Result<[Specimen], SakkError> = Result { () throws(SakkError) in
        let seeder = BatchSeeder(seed: 4711, folder: try SeedFolder(path: root + "/seeds"))
        var people: [Specimen] = []
        for record in try seeder.makeRecords(product: "iq-national-id", count: 10) { people.append(try make(record)) }
        return people
    }

    static func make(_ record: ApprovedRecord, mrz: [String]? = nil) throws(SakkError) -> Specimen {
        let names = record.names.latin
        var lines = mrz ?? []
        if mrz == nil {
            lines = try MRZWriter.td1(
                MRZContent(
                    documentCode: record.documentType, issuer: record.issuingState,
                    documentNumber: record.documentNumber, nationality: record.nationality,
                    dateOfBirth: record.dateOfBirth, sex: record.sex.rawValue.first ?? "X",
                    dateOfExpiry: record.dateOfExpiry, optional1: record.nationalNumber, optional2: "",
                    primary: names.surname, secondary: names.given + " " + names.father))
        }
        return Specimen(
            record: record, mrz: lines, portrait: try picture(record.portrait),
            rendered: try artwork.get().render(record, mrz: lines))
    }

    static func picture(_ image: ApprovedRecord.Image) throws(SakkError) -> Picture {
        let decoded =
            switch image.format {
            case .jpeg: try JPEG.decode(image.bytes)
            case .jpeg2000: try JPEG2000.decode(image.bytes)
            }
        return Picture(width: decoded.width, height: decoded.height, rgb: decoded.rgb)
    }

    static let attempt = AttemptID("SPECIMEN-1")

    /// Both sides as a good station sees them; `front` and `back` say how each was printed.
    static func frames(
        of specimen: Specimen, front: PrintModel = PrintModel(), back: PrintModel = PrintModel(), day: UInt64
    ) throws(SakkError) -> [Frame] {
        [
            try frame(of: specimen, .front, printed: front, camera: CaptureModel(day: day), number: 1),
            try frame(of: specimen, .back, printed: back, camera: CaptureModel(day: day + 1), number: 2),
        ]
    }

    static func frame(
        of specimen: Specimen, _ side: CardSide, printed: PrintModel = PrintModel(),
        camera: CaptureModel, number: UInt64
    ) throws(SakkError) -> Frame {
        guard let blank = try stock.get()[side] else { preconditionFailure("a template has two sides") }
        return camera.frame(
            printed.print(specimen.rendered, side, on: blank), side: side, number: number)
    }

    static func inspect(_ specimen: Specimen, _ frames: [Frame]) async throws(SakkError) -> InspectionResult {
        try await CardInspector().inspect(request(specimen, frames))
    }

    static func request(_ specimen: Specimen, _ frames: [Frame]) -> InspectionRequest {
        InspectionRequest(
            attempt: attempt, rendered: specimen.rendered, mrz: specimen.mrz, portrait: specimen.portrait,
            frames: frames)
    }
}
