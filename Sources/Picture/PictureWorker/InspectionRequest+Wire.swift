internal import Ground
internal import Stations

extension InspectionRequest {
    func write(_ wire: inout WireWriter) {
        wire.put(attempt.rawValue)
        wire.put(rendered.sides) { (wire, side) in
            wire.put(side.side.rawValue)
            wire.put(side.picture)
        }
        wire.put(rendered.panels) { (wire, panel) in
            wire.put(panel.side.rawValue)
            // which inks there are; a side is judged by its picture, not by its panels: but what glows is in no picture
            wire.put(panel.panel.rawValue)
            let isSent = panel.panel == .fluorescent
            wire.put(isSent ? panel.width : 0)
            wire.put(isSent ? panel.height : 0)
            wire.put(isSent ? panel.pixels : [])
        }
        wire.put(rendered.fields) { (wire, field) in
            wire.put(field.name)
            wire.put(field.kind.rawValue)
            wire.put(field.side.rawValue)
            wire.put(field.rect)
            wire.put(field.text)
        }
        wire.put(rendered.ribbon)
        wire.put(rendered.dpi)
        wire.put(mrz) { (wire, line) in wire.put(line) }
        wire.put(portrait)
        wire.put(frames) { (wire, frame) in
            wire.put(frame.attempt.rawValue)
            wire.put(frame.side.rawValue)
            wire.put(frame.light.rawValue)
            wire.put(Int64(bitPattern: frame.number))
            wire.put(frame.width)
            wire.put(frame.height)
            wire.put(frame.format.rawValue)
            wire.put(frame.pixels)
        }
    }

    init(_ wire: inout WireReader) throws(WireFault) {
        let attempt = AttemptID(rawValue: try wire.text())
        let sides = try wire.list(atMost: 2) { (wire) throws(WireFault) in
            RenderedSide(side: try wire.word(CardSide.self), picture: try wire.picture())
        }
        let panels = try wire.list(atMost: 40) { (wire) throws(WireFault) in
            let (side, panel) = (try wire.word(CardSide.self), try wire.word(Panel.self))
            let (width, height) = try wire.size()
            let pixels = try wire.bytes(atMost: WireReader.most)
            guard pixels.count == width * height else { throw WireFault() }
            return PanelRaster(side: side, panel: panel, width: width, height: height, pixels: pixels)
        }
        let fields = try wire.list(atMost: 1000) { (wire) throws(WireFault) in
            FieldPlace(
                name: try wire.text(), kind: try wire.word(FieldKind.self), side: try wire.word(CardSide.self),
                rect: try wire.rect(), text: try wire.text(atMost: 1 << 20))
        }
        let rendered = RenderedDocument(
            sides: sides, panels: panels, fields: fields, ribbon: try wire.text(), dpi: try wire.number())
        let mrz = try wire.list(atMost: 10) { (wire) throws(WireFault) in try wire.text() }
        let portrait = try wire.picture()
        let frames = try wire.list(atMost: 20) { (wire) throws(WireFault) in
            let (attempt, side) = (AttemptID(rawValue: try wire.text()), try wire.word(CardSide.self))
            let light = try wire.word(CardLight.self)
            let number = UInt64(bitPattern: try wire.integer())
            let (width, height) = try wire.size()
            // its pixels may be too few: that is for the inspection to say
            return Frame(
                attempt: attempt, side: side, light: light, number: number, width: width, height: height,
                format: try wire.word(PixelFormat.self), pixels: try wire.bytes(atMost: WireReader.most))
        }
        self.init(attempt: attempt, rendered: rendered, mrz: mrz, portrait: portrait, frames: frames)
    }
}

extension PortraitRequest {
    func write(_ wire: inout WireWriter) {
        wire.put(attempt.rawValue)
        wire.put(side.rawValue)
        wire.put(seen)
        wire.put(chip)
    }

    init(_ wire: inout WireReader) throws(WireFault) {
        self.init(
            attempt: AttemptID(rawValue: try wire.text()), side: try wire.word(CardSide.self),
            seen: try wire.picture(), chip: try wire.bytes(atMost: 1 << 20))
    }
}

/// What a worker is asked for a picture.
enum PictureQuestion {
    case inspect(InspectionRequest)
    case compare(PortraitRequest)

    func write(_ wire: inout WireWriter) {
        switch self {
        case .inspect(let request):
            wire.put(0)
            request.write(&wire)
        case .compare(let request):
            wire.put(1)
            request.write(&wire)
        }
    }

    init(_ wire: inout WireReader) throws(WireFault) {
        self = try wire.flag() ? .compare(try PortraitRequest(&wire)) : .inspect(try InspectionRequest(&wire))
    }
}

extension WireWriter {
    mutating func put(_ rect: RectMM) {
        for value in [rect.x, rect.y, rect.width, rect.height] { put(value) }
    }

    mutating func put(_ picture: Picture) {
        put(picture.width)
        put(picture.height)
        put(picture.rgb)
    }
}

extension WireReader {
    /// Bytes of a picture, at most.
    static let most = 200_000_000

    mutating func size() throws(WireFault) -> (width: Int, height: Int) {
        (try count(atMost: 20_000), try count(atMost: 20_000))
    }

    mutating func rect() throws(WireFault) -> RectMM {
        RectMM(x: try number(), y: try number(), width: try number(), height: try number())
    }

    mutating func picture() throws(WireFault) -> Picture {
        let (width, height) = try size()
        let rgb = try bytes(atMost: Self.most)
        guard rgb.count == width * height * 3 else { throw WireFault() }
        return Picture(width: width, height: height, rgb: rgb)
    }
}
