import Artwork
import Ground
import Inspection
import LDS
import Pixels
import Seeds
import Stations

/// Invented people's cards, seen by a camera without faults.
enum Pictures {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    private static let people: Result<[InspectionRequest], SakkError> = Result { () throws(SakkError) in
        let folder = root + "/profiles/iq-national-id/artwork"
        let artwork = try CardArtwork(template: .load(front: folder + "/front.svg", back: folder + "/back.svg"))
        let seeder = BatchSeeder(seed: 99, folder: try SeedFolder(path: root + "/seeds"))
        var requests: [InspectionRequest] = []
        for record in try seeder.makeRecords(product: "iq-national-id", count: 2) {
            let names = record.names.latin
            let mrz = try MRZWriter.td1(
                MRZContent(
                    documentCode: "ID", issuer: record.issuingState, documentNumber: record.documentNumber,
                    nationality: record.nationality, dateOfBirth: record.dateOfBirth,
                    sex: record.sex.rawValue.first ?? "X", dateOfExpiry: record.dateOfExpiry, optional1: "",
                    optional2: "", primary: names.surname, secondary: names.given))
            let rendered = try artwork.render(record, mrz: mrz)
            let portrait =
                record.portrait.format == .jpeg
                ? try JPEG.decode(record.portrait.bytes) : try JPEG2000.decode(record.portrait.bytes)
            let attempt = AttemptID("SPECIMEN-1")
            requests.append(
                InspectionRequest(
                    attempt: attempt, rendered: rendered, mrz: mrz,
                    portrait: Picture(width: portrait.width, height: portrait.height, rgb: portrait.rgb),
                    frames: rendered.sides.enumerated().map { frame($1, number: UInt64($0 + 1), attempt) }))
        }
        return requests
    }

    /// The first person's card; with `meaning` the frames of it and what is meant of another.
    static func request(meaning index: Int = 0) throws(SakkError) -> InspectionRequest {
        let (seen, meant) = (try people.get()[0], try people.get()[index])
        return InspectionRequest(
            attempt: meant.attempt, rendered: meant.rendered, mrz: meant.mrz, portrait: meant.portrait,
            frames: seen.frames)
    }

    /// What the inspection says of the first one in this process.
    static let here = Task { try await CardInspector().inspect(try request()) }

    /// The drawing without its bleed on a dark table, two dots for one.
    private static func frame(_ side: RenderedSide, number: UInt64, _ attempt: AttemptID) -> Frame {
        let picture = RGBImage(width: side.picture.width, height: side.picture.height, rgb: side.picture.rgb)
        let card = picture.cropped(x: 2, y: 5, width: 1012, height: 638).resized(width: 2024, height: 1276)
        var table = RGBImage(width: 2448, height: 2048, filledWith: RGBColour(20, 20, 20))
        for row in 0..<card.height {
            let target = ((386 + row) * table.width + 212) * 3
            let source = row * card.width * 3
            table.rgb.replaceSubrange(
                target..<target + card.width * 3, with: card.rgb[source..<source + card.width * 3])
        }
        return Frame(
            attempt: attempt, side: side.side, number: number, width: table.width, height: table.height, format: .rgb8,
            pixels: table.rgb)
    }
}
