internal import CPangoCairo
internal import Ground
internal import Stations

/// Draws one document after another on canvases, with fonts and glyphs that stay ready. Not safe to share: `CardArtwork`
/// keeps it behind its lock. Nothing of a record stays on a canvas.
final class DocumentPainter {
    /// What is the same on every document of a template and raster.
    struct Ground: Sendable {
        let stock: Picture
        /// The same as a canvas has it: blue, green, red and nothing of each dot.
        let dots: [UInt32]
        /// Ink of the `uv` layer.
        let uv: Bytes?
        /// Varnish: 255 where it lies.
        let overlay: Bytes

        init(stock: Picture, uv: Bytes?, overlay: Bytes) {
            (self.stock, self.uv, self.overlay) = (stock, uv, overlay)
            dots = stride(from: 0, to: stock.rgb.count, by: 3).map { at in
                UInt32(stock.rgb[at]) << 16 | UInt32(stock.rgb[at + 1]) << 8 | UInt32(stock.rgb[at + 2])
            }
        }
    }

    struct Content {
        let record: ApprovedRecord
        let mrz: [String]
        let portrait: Picture
        let signature: Picture?
        let seal: Bytes?
    }

    private let template: ArtworkTemplate
    private let raster: CardRaster
    private let grounds: [CardSide: Ground]
    private let zone: MRZPainter
    private let text: TextPainter
    private let pictures: PicturePainter
    private let codes: CodePainter
    private let colour: Canvas
    private let black: Canvas
    private let tone: Canvas
    private let uv: Canvas
    /// What composing and separating took for the last document.
    private(set) var separation = Duration.zero

    init(template: ArtworkTemplate, raster: CardRaster, grounds: [CardSide: Ground]) {
        self.template = template
        self.raster = raster
        self.grounds = grounds
        let pango = Pango()
        zone = MRZPainter(raster: raster, pango: pango)
        text = TextPainter(raster: raster, pango: pango)
        pictures = PicturePainter(raster: raster)
        codes = CodePainter(raster: raster)
        colour = Canvas(raster: raster, format: CAIRO_FORMAT_RGB24)
        black = Canvas(raster: raster, format: CAIRO_FORMAT_A8)
        tone = Canvas(raster: raster, format: CAIRO_FORMAT_A8)
        uv = Canvas(raster: raster, format: CAIRO_FORMAT_A8)
        colour.wipe(PixelBox(left: 0, top: 0, right: raster.width, bottom: raster.height), to: 255)
    }

    func document(_ content: Content) throws(SakkError) -> RenderedDocument {
        var sides: [RenderedSide] = []
        var panels: [PanelRaster] = []
        var fields: [FieldPlace] = []
        separation = .zero
        for side in template.sides {
            guard let ground = grounds[side.side] else { continue }
            var boxes = Boxes()
            defer { clean(boxes) }
            var resin = Bytes(repeating: 0, count: raster.width * raster.height)
            for place in side.placeholders {
                guard let said = try draw(place, content, resin: &resin, boxes: &boxes) else { continue }
                fields.append(
                    FieldPlace(name: place.name, kind: place.kind, side: side.side, rect: place.rect, text: said))
            }
            let begun = ContinuousClock.now
            black.withRows { rows, stride in
                for box in boxes.black { InkModel.addResin(rows, stride, box, to: &resin, width: raster.width) }
            }
            tone.withRows { rows, stride in
                for box in boxes.tone { InkModel.addTone(rows, stride, box, to: &resin, width: raster.width) }
            }
            sides.append(
                RenderedSide(side: side.side, picture: composite(ground, resin: resin, boxes: boxes)))
            let wanted = template.ribbon.panels(side.side)
            let dyes = wanted.contains { [.yellow, .magenta, .cyan].contains($0) } ? dyes(boxes) : []
            for panel in wanted {
                panels.append(
                    PanelRaster(
                        side: side.side, panel: panel, width: raster.width, height: raster.height,
                        pixels: plane(panel, ground: ground, resin: resin, dyes: dyes, boxes: boxes)))
            }
            separation += ContinuousClock.now - begun
        }
        return RenderedDocument(
            sides: sides, panels: panels, fields: fields, ribbon: template.ribbon.name, dpi: raster.dpi)
    }

    /// Where something may have been drawn, by canvas.
    private struct Boxes {
        var colour: [PixelBox] = []
        var black: [PixelBox] = []
        var tone: [PixelBox] = []
        var uv: [PixelBox] = []
        /// Set in the plane without a canvas.
        var direct: [PixelBox] = []
    }

    /// A side's stock with these texts alone, by field, and the fields that were drawn: what has no place on the side, or
    /// does not fit its place, is left out.
    func texts(_ texts: [String: String], on side: CardSide) -> (picture: Picture, fields: [FieldPlace])? {
        guard let drawing = template.sides.first(where: { $0.side == side }), let ground = grounds[side] else {
            return nil
        }
        var boxes = Boxes()
        defer { clean(boxes) }
        var fields: [FieldPlace] = []
        for place in drawing.placeholders where place.kind == .text && place.layer != .uv {
            guard let given = texts[place.name] else { continue }
            let said = FieldValues.apply(place.digits, to: given)
            let canvas = canvas(of: place, raster.box(place.rect), &boxes)
            do {
                try text.draw(said, in: place, on: canvas)
            } catch {
                continue
            }
            fields.append(FieldPlace(name: place.name, kind: .text, side: side, rect: place.rect, text: said))
        }
        var resin = Bytes(repeating: 0, count: raster.width * raster.height)
        black.withRows { rows, stride in
            for box in boxes.black { InkModel.addResin(rows, stride, box, to: &resin, width: raster.width) }
        }
        return (composite(ground, resin: resin, boxes: boxes), fields)
    }

    private func canvas(of place: Placeholder, _ box: PixelBox, _ boxes: inout Boxes) -> Canvas {
        switch place.layer {
        case .color:
            boxes.colour.append(box)
            return colour
        case .k:
            boxes.black.append(box)
            return black
        case .uv:
            boxes.uv.append(box)
            return uv
        }
    }

    /// What the field says; nil when the record has nothing for it.
    private func draw(
        _ place: Placeholder, _ content: Content, resin: inout Bytes, boxes: inout Boxes
    ) throws(SakkError) -> String? {
        let box = raster.box(place.rect)
        func canvas() -> Canvas { self.canvas(of: place, box, &boxes) }
        func toned() -> Canvas {
            if place.layer == .uv { return canvas() }
            boxes.tone.append(box)
            return tone
        }
        switch place.kind {
        case .text:
            let said = FieldValues.apply(
                place.digits, to: FieldValues.text(place.name, of: content.record, date: place.date))
            try text.draw(said, in: place, on: canvas())
            return said
        case .mrz:
            try zone.draw(content.mrz, in: place, on: &resin)
            boxes.direct.append(box)
            return content.mrz.joined(separator: "\n")
        case .qr, .code39, .pdf417, .datamatrix:
            let said = FieldValues.value(place.value, of: content.record, mrz: content.mrz)
            guard !said.isEmpty else { return "" }
            try codes.draw(Array(said.utf8), in: place, on: &resin)
            boxes.direct.append(box)
            return said
        case .vds:
            guard let seal = content.seal else {
                throw .field(
                    "artwork.seal.missing", place.name, "The template has a visible digital seal and none was made.",
                    remedy: "Give the line, or the command, a signer of seals.")
            }
            try codes.draw(seal, in: place, on: &resin)
            boxes.direct.append(box)
            return seal.hex
        case .portrait:
            if template.ribbon.isToned {
                pictures.drawTone(content.portrait, in: place, on: toned(), share: 1, fades: false)
            } else {
                pictures.drawPortrait(content.portrait, in: place, on: canvas())
            }
            return ""
        case .ghost:
            if place.layer == .color {
                pictures.drawGhost(content.portrait, in: place, on: canvas())
            } else {
                let share = place.layer == .uv ? 1 : 0.55
                pictures.drawTone(content.portrait, in: place, on: toned(), share: share, fades: true)
            }
            return ""
        case .signature:
            guard let signature = content.signature else { return nil }
            pictures.drawSignature(signature, in: place, on: canvas())
            return ""
        }
    }

    private func composite(_ ground: Ground, resin: Bytes, boxes: Boxes) -> Picture {
        let stock = ground.stock
        var rgb = stock.rgb
        colour.withRows { rows, stride in
            for box in boxes.colour {
                InkModel.layColour(rows, stride, box, stock: ground.dots, on: &rgb, width: raster.width)
            }
        }
        for box in boxes.tone { InkModel.layTone(resin, box, stock: stock.rgb, on: &rgb, width: raster.width) }
        for box in boxes.black + boxes.direct { InkModel.layResin(resin, box, on: &rgb, width: raster.width) }
        return Picture(width: stock.width, height: stock.height, rgb: rgb)
    }

    /// Yellow, magenta and cyan.
    private func dyes(_ boxes: Boxes) -> [Bytes] {
        var yellow = Bytes(repeating: 0, count: raster.width * raster.height)
        var (magenta, cyan) = (yellow, yellow)
        colour.withRows { rows, stride in
            for box in boxes.colour {
                InkModel.addInk(
                    rows, stride, box, yellow: &yellow, magenta: &magenta, cyan: &cyan, width: raster.width)
            }
        }
        return [yellow, magenta, cyan]
    }

    private func plane(_ panel: Panel, ground: Ground, resin: Bytes, dyes: [Bytes], boxes: Boxes) -> Bytes {
        switch panel {
        case .yellow: return dyes[0]
        case .magenta: return dyes[1]
        case .cyan: return dyes[2]
        case .black: return resin
        case .overlay: return ground.overlay
        case .peelOff: return ground.overlay.map { 255 - $0 }
        case .fluorescent:
            var ink = ground.uv ?? Bytes(repeating: 0, count: raster.width * raster.height)
            uv.withRows { rows, stride in
                for box in boxes.uv { InkModel.addTone(rows, stride, box, to: &ink, width: raster.width) }
            }
            return ink
        }
    }

    private func clean(_ boxes: Boxes) {
        for box in boxes.colour { colour.wipe(box, to: 255) }
        for box in boxes.black { black.wipe(box, to: 0) }
        for box in boxes.tone { tone.wipe(box, to: 0) }
        for box in boxes.uv { uv.wipe(box, to: 0) }
    }
}
