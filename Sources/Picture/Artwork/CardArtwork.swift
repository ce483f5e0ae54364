internal import CPangoCairo
public import Ground
internal import Pixels
public import Stations
internal import Synchronization

/// Draws cards of one template for a `ymckok` ribbon: front y, m, c, k, o; back k.
///
/// Safe to use from several tasks: drawing is serial (one lock), and no Pango or cairo object outlives a call.
public final class CardArtwork: ArtworkStation {
    /// Turns the approved bytes of a picture into pixels; throws when they are not one whole picture.
    public typealias Decoder = @Sendable (ApprovedRecord.Image) throws(SakkError) -> Picture

    private let template: ArtworkTemplate
    private let decode: Decoder
    private let stock: [CardSide: Picture]
    private let drawing = Mutex(())

    /// Draws the stock once. Throws `artwork.template.render`.
    public init(template: ArtworkTemplate, decode: @escaping Decoder) throws(SakkError) {
        self.template = template
        self.decode = decode
        stock = try Self.draw(template, raster: .printer)
    }

    /// The same with the strict decoders of Pixels (JPEG and JPEG 2000); their errors are the record's.
    public convenience init(template: ArtworkTemplate) throws(SakkError) {
        try self.init(
            template: template,
            decode: { (image) throws(SakkError) in
                let picture =
                    switch image.format {
                    case .jpeg: try JPEG.decode(image.bytes)
                    case .jpeg2000: try JPEG2000.decode(image.bytes)
                    }
                return Picture(width: picture.width, height: picture.height, rgb: picture.rgb)
            })
    }

    public func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
        let portrait = try decode(record.portrait)
        var signature: Picture?
        if let image = record.signature { signature = try decode(image) }
        let content = Content(record: record, mrz: mrz, portrait: portrait, signature: signature)
        return try drawing.withLock { (_) throws(SakkError) in try self.document(content) }
    }

    /// The pre-printed layer alone at any resolution, for the printing house and for the virtual plant; the raster
    /// reaches over the card's edge as `CardRaster` says.
    public func stockPictures(dpi: Double) throws(SakkError) -> [CardSide: Picture] {
        if dpi == CardRaster.printer.dpi { return stock }
        return try drawing.withLock { (_) throws(SakkError) in
            try Self.draw(self.template, raster: CardRaster(dpi: dpi))
        }
    }

    /// Both sides under each other on white, for eyes.
    public static func preview(_ document: RenderedDocument, margin: Int = 24) -> Picture {
        let width = (document.sides.map(\.picture.width).max() ?? 0) + 2 * margin
        let height = document.sides.reduce(margin) { $0 + $1.picture.height + margin }
        var rgb = Bytes(repeating: 255, count: width * height * 3)
        var top = margin
        for picture in document.sides.map(\.picture) {
            for y in 0..<picture.height {
                let from = y * picture.width * 3
                let to = ((top + y) * width + margin) * 3
                rgb.replaceSubrange(to..<to + picture.width * 3, with: picture.rgb[from..<from + picture.width * 3])
            }
            top += picture.height + margin
        }
        return Picture(width: width, height: height, rgb: rgb)
    }

    private struct Content {
        let record: ApprovedRecord
        let mrz: [String]
        let portrait: Picture
        let signature: Picture?
    }

    private static func draw(_ template: ArtworkTemplate, raster: CardRaster) throws(SakkError) -> [CardSide: Picture] {
        var pictures: [CardSide: Picture] = [:]
        for side in template.sides { pictures[side.side] = try StockPainter.draw(side, raster: raster) }
        return pictures
    }

    private func document(_ content: Content) throws(SakkError) -> RenderedDocument {
        var sides: [RenderedSide] = []
        var panels: [PanelRaster] = []
        var fields: [FieldPlace] = []
        for side in template.sides {
            guard let stock = stock[side.side] else { continue }
            let layers = try draw(side, content: content, fields: &fields)
            sides.append(
                RenderedSide(
                    side: side.side,
                    picture: InkModel.composite(stock: stock, colour: layers.colour, black: layers.black)))
            panels += separate(side.side, layers)
        }
        return RenderedDocument(
            sides: sides, panels: panels, fields: fields, ribbon: "ymckok", dpi: CardRaster.printer.dpi)
    }

    private struct Layers {
        /// Nil on a side without colour.
        var colour: Picture?
        var black: Bytes
    }

    private func separate(_ side: CardSide, _ layers: Layers) -> [PanelRaster] {
        let raster = CardRaster.printer
        func panel(_ panel: Panel, _ pixels: Bytes) -> PanelRaster {
            PanelRaster(side: side, panel: panel, width: raster.width, height: raster.height, pixels: pixels)
        }
        guard let colour = layers.colour else { return [panel(.black, layers.black)] }
        return [
            panel(.yellow, InkModel.ink(of: colour, channel: 2)),
            panel(.magenta, InkModel.ink(of: colour, channel: 1)),
            panel(.cyan, InkModel.ink(of: colour, channel: 0)),
            panel(.black, layers.black),
            // The card is contactless: no contacts to keep free of varnish.
            panel(.overlay, Bytes(repeating: 255, count: raster.width * raster.height)),
        ]
    }

    private func draw(
        _ side: ArtworkTemplate.Side, content: Content, fields: inout [FieldPlace]
    ) throws(SakkError) -> Layers {
        let raster = CardRaster.printer
        let colour = Canvas(raster: raster, format: CAIRO_FORMAT_RGB24)
        colour.fillWhite()
        let black = Canvas(raster: raster, format: CAIRO_FORMAT_A8)
        let text = TextPainter(raster: raster)
        let pictures = PicturePainter(raster: raster)
        var codes: [(Placeholder, String)] = []
        for place in side.placeholders {
            let canvas = place.layer == .k ? black : colour
            var said = ""
            switch place.kind {
            case .text:
                said = FieldValues.apply(place.digits, to: FieldValues.text(place.name, of: content.record))
                try text.draw(said, in: place, on: canvas)
            case .mrz:
                said = content.mrz.joined(separator: "\n")
                try MRZPainter(raster: raster).draw(content.mrz, in: place, on: canvas)
            case .qr:
                said = content.mrz.joined()
                codes.append((place, said))
            case .portrait: pictures.drawPortrait(content.portrait, in: place, on: canvas)
            case .ghost: pictures.drawGhost(content.portrait, in: place, on: canvas)
            case .signature:
                guard let signature = content.signature else { continue }
                pictures.drawSignature(signature, in: place, on: canvas)
            }
            fields.append(
                FieldPlace(name: place.name, kind: place.kind, side: place.side, rect: place.rect, text: said))
        }
        var resin = black.resin()
        for (place, payload) in codes { try QRPainter(raster: raster).draw(payload, in: place, on: &resin) }
        return Layers(colour: side.side == .front ? colour.picture() : nil, black: resin)
    }
}
