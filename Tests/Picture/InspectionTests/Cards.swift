import Artwork
import Ground
import Inspection
import LDS
import Pixels
import Seeds
import Stations

/// Invented people with their renderings, and inspections of them.
struct Card: Sendable {
    let record: ApprovedRecord
    let mrz: [String]
    let portrait: Picture
    let rendered: RenderedDocument
}

enum Cards {
    static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    static let attempt = AttemptID(rawValue: "T-1-1")

    static let artwork: Result<CardArtwork, SakkError> = Result { () throws(SakkError) in
        let folder = "\(root)/profiles/iq-national-id/artwork"
        return try CardArtwork(template: .load(front: "\(folder)/front.svg", back: "\(folder)/back.svg"))
    }
    static let stock: Result<[CardSide: Picture], SakkError> = Result { () throws(SakkError) in
        try artwork.get().stockPictures(dpi: 300)
    }
    static let all: Result<[Card], SakkError> = Result { () throws(SakkError) in
        let folder = try SeedFolder(path: "\(root)/seeds")
        var cards: [Card] = []
        for record in try BatchSeeder(seed: 7, folder: folder).makeRecords(product: "iq-national-id", count: 8) {
            cards.append(try make(record))
        }
        return cards
    }

    static func make(_ record: ApprovedRecord, mrz: [String]? = nil) throws(SakkError) -> Card {
        let zone: [String]
        if let mrz {
            zone = mrz
        } else {
            zone = try MRZWriter.td1(
                MRZContent(
                    documentCode: "ID", issuer: record.issuingState, documentNumber: record.documentNumber,
                    nationality: record.nationality, dateOfBirth: record.dateOfBirth,
                    sex: Character(record.sex.rawValue), dateOfExpiry: record.dateOfExpiry, optional1: "",
                    optional2: "", primary: record.names.latin.surname, secondary: record.names.latin.given))
        }
        let image =
            switch record.portrait.format {
            case .jpeg: try JPEG.decode(record.portrait.bytes)
            case .jpeg2000: try JPEG2000.decode(record.portrait.bytes)
            }
        return Card(
            record: record, mrz: zone, portrait: Picture(width: image.width, height: image.height, rgb: image.rgb),
            rendered: try artwork.get().render(record, mrz: zone))
    }

    static func card(_ index: Int) throws(SakkError) -> Card { try all.get()[index] }

    static func frame(_ card: Card, _ side: CardSide, _ capture: Capture, as label: CardSide? = nil) throws(SakkError)
        -> Frame
    {
        guard let stock = try stock.get()[side] else { preconditionFailure("a template has two sides") }
        let frame = capture.take(
            card.rendered, side, stock: stock, attempt: attempt, number: (label ?? side) == .front ? 1 : 2)
        return Frame(
            attempt: attempt, side: label ?? side, number: frame.number, width: frame.width, height: frame.height,
            format: frame.format, pixels: frame.pixels)
    }

    /// A card's captures judged as another's (or its own).
    static func inspect(_ printed: Card, as meant: Card? = nil, front: Capture, back: Capture) async throws
        -> InspectionResult
    {
        try await inspect(
            meant ?? printed,
            frames: [try frame(printed, .front, front), try frame(printed, .back, back)])
    }

    static func inspect(_ card: Card, frames: [Frame]) async throws -> InspectionResult {
        try await CardInspector().inspect(
            InspectionRequest(
                attempt: attempt, rendered: card.rendered, mrz: card.mrz, portrait: card.portrait, frames: frames))
    }
}

extension InspectionResult {
    var findings: [Finding] {
        if case .reject(let findings) = verdict { return findings }
        return []
    }
    var codes: Set<String> { Set(findings.map(\.code)) }
    var doubt: String? {
        if case .cannotJudge(let reason) = verdict { return reason }
        return nil
    }
}
