import Artwork
import Ground
import Inspection
import Pixels
import Stations

/// Jobs from outside a line, of invented people's cards.
enum Pictures {
    static let inspector = PictureInspector(format: .td1)

    static func seen(_ card: Card, _ side: CardSide, _ capture: Capture = Capture()) throws -> Picture {
        let frame = try Cards.frame(card, side, capture)
        if frame.format == .rgb8 { return Picture(width: frame.width, height: frame.height, rgb: frame.pixels) }
        let image = BayerMosaic.picture(frame.pixels, width: frame.width, height: frame.height)
        guard let image else { throw InspectionDoubt.frameIncomplete }
        return Picture(width: image.width, height: image.height, rgb: image.rgb)
    }

    static func drawn(_ card: Card, _ side: CardSide) -> Picture {
        guard let drawn = card.rendered.sides.first(where: { $0.side == side }) else {
            preconditionFailure("a card has two sides")
        }
        return drawn.picture
    }

    static func resized(_ picture: Picture, width: Int, height: Int) -> Picture {
        let image = RGBImage(width: picture.width, height: picture.height, rgb: picture.rgb)
            .resized(width: width, height: height)
        return Picture(width: width, height: height, rgb: image.rgb)
    }

    static func fields(_ card: Card, _ side: CardSide) -> [FieldPlace] {
        card.rendered.fields.filter { $0.side == side }.map {
            FieldPlace(name: $0.name, kind: $0.kind, side: side, rect: $0.rect, text: "")
        }
    }

    /// All that is signed of a side.
    static func expected(_ card: Card, _ side: CardSide) throws -> PictureJob.Expected {
        let fields = card.rendered.fields.filter { $0.side == side }
        var texts: [String: String] = [:]
        var codes: [String: Bytes] = [:]
        for field in fields {
            if field.kind == .text { texts[field.name] = field.text }
            if field.kind == .qr { codes[field.name] = Bytes(field.text.utf8) }
        }
        let drawn = try Cards.artwork.get().texts(texts, on: side)
        return PictureJob.Expected(
            texts: texts, mrz: fields.contains { $0.kind == .mrz } ? card.mrz : nil, codes: codes,
            portrait: card.portrait, redrawn: drawn.map { ($0.picture, Set($0.fields.map(\.name))) })
    }

    /// A card judged as what another's pictures and signed data say.
    static func inspect(
        _ printed: Card, _ side: CardSide, reference: Card? = nil, signed: Card? = nil, capture: Capture = Capture()
    ) throws -> PictureResult {
        let meant = reference ?? printed
        return try inspector.inspect(
            PictureJob(
                side: side, reference: drawn(meant, side), capture: try seen(printed, side, capture),
                fields: fields(meant, side), expected: try signed.map { try expected($0, side) } ?? .init()))
    }
}

extension PictureResult {
    var findings: [Finding] {
        if case .reject(let findings) = verdict { return findings }
        return []
    }
    var codes: Set<String> { Set(findings.map(\.code)) }
}
