internal import CVision
internal import Ground
internal import Stations

/// A side found in a frame, on the raster of the artwork. Confined to one inspection.
final class CardView {
    enum Opened {
        case view(CardView)
        case unusable(String)
    }

    struct Comparison {
        let likeness: Double
        let contrast: Double
        let worst: Double
        let place: RectMM
    }

    struct Glyph {
        let best: Int
        let score: Double
        let next: Double
        let expected: Double
    }

    struct Blob {
        let place: RectMM
        let areaMM2: Double
    }

    static let width = Int(SAKK_RASTER_WIDTH)
    static let height = Int(SAKK_RASTER_HEIGHT)
    static let pixelsPerMM = 300 / 25.4
    static var originX: Double { (Double(width) - CardFormat.widthMM * pixelsPerMM) / 2 }
    static var originY: Double { (Double(height) - CardFormat.heightMM * pixelsPerMM) / 2 }

    private let view: OpaquePointer
    let info: sakk_view_info

    private init(owning view: OpaquePointer, info: sakk_view_info) {
        self.view = view
        self.info = info
    }

    deinit { sakk_view_close(view) }

    static func open(_ frame: Frame) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        let format: sakk_frame_format =
            switch frame.format {
            case .mono8: SAKK_FRAME_MONO
            case .rgb8: SAKK_FRAME_RGB
            case .bayerRG8: SAKK_FRAME_BAYER_RG
            }
        let (width, height) = (Int32(clamping: frame.width), Int32(clamping: frame.height))
        let status = sakk_view_open(frame.pixels, frame.pixels.count, width, height, format, &view, &info)
        switch status {
        case SAKK_VISION_OK:
            guard let view else { throw failure("open") }
            return .view(CardView(owning: view, info: info))
        case SAKK_VISION_BAD_FRAME: return .unusable("frame.incomplete")
        case SAKK_VISION_NO_CARD: return .unusable("card.absent")
        default: throw failure("open")
        }
    }

    static func pixels(_ rect: RectMM) -> sakk_rect {
        sakk_rect(
            x: originX + rect.x * pixelsPerMM, y: originY + rect.y * pixelsPerMM, width: rect.width * pixelsPerMM,
            height: rect.height * pixelsPerMM)
    }

    static func millimetres(_ rect: sakk_rect) -> RectMM {
        RectMM(
            x: (rect.x - originX) / pixelsPerMM, y: (rect.y - originY) / pixelsPerMM, width: rect.width / pixelsPerMM,
            height: rect.height / pixelsPerMM)
    }

    func likeness(_ artwork: Bytes) throws(SakkError) -> (upright: Double, turned: Double) {
        var (upright, turned) = (0.0, 0.0)
        try Self.check(sakk_view_likeness(view, artwork, &upright, &turned), "likeness")
        return (upright, turned)
    }

    func align(_ artwork: Bytes, fields: [RectMM]) throws(SakkError) -> sakk_alignment {
        var result = sakk_alignment()
        try Self.check(sakk_view_align(view, artwork, fields.map(Self.pixels), fields.count, &result), "align")
        return result
    }

    func evenLight(_ artwork: Bytes, fields: [RectMM]) throws(SakkError) -> [Double] {
        var gain = [1.0, 1, 1]
        try Self.check(sakk_view_light(view, artwork, fields.map(Self.pixels), fields.count, &gain), "light")
        return gain
    }

    /// `smoothing` and `reach` are pixels at 300 dpi, `window` millimetres.
    func compare(
        _ reference: Bytes, _ box: RectMM, smoothing: Double, reach: Int32, window: Double
    ) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        let status = sakk_view_compare(
            view, reference, Self.pixels(box), smoothing, reach, window * Self.pixelsPerMM, &result)
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 1, contrast: 1, worst: 0, place: box) }
        try Self.check(status, "compare")
        return Comparison(
            likeness: result.likeness, contrast: result.contrast, worst: result.worst,
            place: Self.millimetres(result.place))
    }

    /// Nil where too little of the ink can be measured: fewer than `least` of the box's pixels, one in four counted.
    func ink(
        _ artwork: Bytes, ink: Bytes, black: Bytes?, in rect: RectMM, channel: Int, least: Int
    ) throws(SakkError) -> Double? {
        let box = Self.pixels(rect)
        var ratio = 1.0
        var pixels = 0
        let status =
            if let black {
                sakk_view_ink(view, artwork, ink, black, box, Int32(channel), &ratio, &pixels)
            } else {
                sakk_view_ink(view, artwork, ink, nil, box, Int32(channel), &ratio, &pixels)
            }
        try Self.check(status, "ink")
        return pixels >= least ? ratio : nil
    }

    func glyph(_ atlas: GlyphAtlas, x: Double, y: Double, expected: Int) throws(SakkError) -> Glyph {
        var result = sakk_glyph()
        let status = sakk_view_glyph(
            view, atlas.handle, Self.originX + x * Self.pixelsPerMM, Self.originY + y * Self.pixelsPerMM,
            Int32(expected), &result)
        if status == SAKK_VISION_BAD_FRAME { return Glyph(best: -1, score: -1, next: -1, expected: -1) }
        try Self.check(status, "glyph")
        return Glyph(best: Int(result.best), score: result.score, next: result.next, expected: result.expected)
    }

    func qr(_ box: RectMM) throws(SakkError) -> String? {
        var text = [CChar](repeating: 0, count: 4096)
        var length = 0
        let status = sakk_view_qr(view, Self.pixels(box), &text, text.count, &length)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        try Self.check(status, "qr")
        return length > 0 ? String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    func blobs(
        _ artwork: Bytes, ignoring places: [RectMM], reachMM: Double, levels: Double, areaMM2: Double
    ) throws(SakkError) -> [Blob] {
        var blobs = [sakk_blob](repeating: sakk_blob(), count: 16)
        var count = 0
        let perMM2 = Self.pixelsPerMM * Self.pixelsPerMM
        let status = sakk_view_blobs(
            view, artwork, places.map(Self.pixels), places.count, Int32((reachMM * Self.pixelsPerMM).rounded()), levels,
            areaMM2 * perMM2, &blobs, blobs.count, &count)
        try Self.check(status, "blobs")
        return blobs[..<count].map { Blob(place: Self.millimetres($0.place), areaMM2: $0.area / perMM2) }
    }

    func picture() throws(SakkError) -> Bytes {
        var status = SAKK_VISION_OK
        let count = Self.width * Self.height * 3
        let rgb = Bytes(unsafeUninitializedCapacity: count) { buffer, filled in
            buffer.initialize(repeating: 0)
            status = sakk_view_picture(view, buffer.baseAddress)
            filled = count
        }
        try Self.check(status, "picture")
        return rgb
    }

    private static func check(_ status: sakk_vision_status, _ act: String) throws(SakkError) {
        guard status == SAKK_VISION_OK else { throw failure(act) }
    }

    private static func failure(_ act: String) -> SakkError {
        SakkError(
            "inspection.failed", source: "inspection", subject: act,
            text: "The picture library failed.", remedy: "Restart the cell; if it comes again, report the version.")
    }
}
