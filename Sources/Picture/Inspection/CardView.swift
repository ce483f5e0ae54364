internal import CVision
internal import Ground
internal import Stations

/// A side found in a frame, on the raster of the artwork. Confined to one inspection.
final class CardView {
    enum Opened {
        case view(CardView)
        case unusable(InspectionDoubt)
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

    let raster: SideRaster
    private let view: OpaquePointer
    let info: sakk_view_info

    private init(owning view: OpaquePointer, info: sakk_view_info, raster: SideRaster) {
        self.view = view
        self.info = info
        self.raster = raster
    }

    deinit { sakk_view_close(view) }

    /// The side found in a frame by its edges.
    static func open(_ frame: Frame, raster: SideRaster) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        let format: sakk_frame_format =
            switch frame.format {
            case .mono8: SAKK_FRAME_MONO
            case .rgb8: SAKK_FRAME_RGB
            case .bayerRG8: SAKK_FRAME_BAYER_RG
            }
        let (width, height) = (Int32(clamping: frame.width), Int32(clamping: frame.height))
        let status = sakk_view_open(
            frame.pixels, frame.pixels.count, width, height, format, raster.forLibrary, &view, &info)
        return try opened(status, view, info, raster)
    }

    /// A picture in which the document's place is known, in the picture's pixels.
    static func open(_ picture: Picture, at place: RectMM, raster: SideRaster) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        let box = sakk_rect(x: place.x, y: place.y, width: place.width, height: place.height)
        let status = sakk_view_open_flat(
            picture.rgb, picture.rgb.count, Int32(clamping: picture.width), Int32(clamping: picture.height), box,
            raster.forLibrary, &view, &info)
        return try opened(status, view, info, raster)
    }

    private static func opened(
        _ status: sakk_vision_status, _ view: OpaquePointer?, _ info: sakk_view_info, _ raster: SideRaster
    ) throws(SakkError) -> Opened {
        switch status {
        case SAKK_VISION_OK:
            guard let view else { throw failure("open") }
            return .view(CardView(owning: view, info: info, raster: raster))
        case SAKK_VISION_BAD_FRAME: return .unusable(.frameIncomplete)
        case SAKK_VISION_NO_CARD: return .unusable(.cardAbsent)
        default: throw failure("open")
        }
    }

    /// An artwork on its own raster.
    static func open(artwork: Bytes, raster: SideRaster) throws(SakkError) -> CardView {
        let picture = Picture(width: raster.width, height: raster.height, rgb: artwork)
        let perMM = SideRaster.pixelsPerMM
        let place = RectMM(
            x: raster.originX, y: raster.originY, width: raster.widthMM * perMM, height: raster.heightMM * perMM)
        guard case .view(let view) = try open(picture, at: place, raster: raster) else { throw failure("artwork") }
        _ = try view.align(artwork, fields: [])
        return view
    }

    func likeness(_ artwork: Bytes) throws(SakkError) -> (upright: Double, turned: Double) {
        var (upright, turned) = (0.0, 0.0)
        try Self.check(sakk_view_likeness(view, artwork, &upright, &turned), "likeness")
        return (upright, turned)
    }

    func align(_ artwork: Bytes, fields: [RectMM]) throws(SakkError) -> sakk_alignment {
        var result = sakk_alignment()
        try Self.check(sakk_view_align(view, artwork, fields.map(raster.pixels), fields.count, &result), "align")
        return result
    }

    func evenLight(_ artwork: Bytes, fields: [RectMM]) throws(SakkError) -> [Double] {
        var gain = [1.0, 1, 1]
        try Self.check(sakk_view_light(view, artwork, fields.map(raster.pixels), fields.count, &gain), "light")
        return gain
    }

    /// `smoothing` and `reach` are pixels at 300 dpi, `window` millimetres.
    func compare(
        _ reference: Bytes, _ box: RectMM, smoothing: Double, reach: Int32, window: Double
    ) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        let status = sakk_view_compare(
            view, reference, raster.pixels(box), smoothing, reach, window * SideRaster.pixelsPerMM, &result)
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 1, contrast: 1, worst: 0, place: box) }
        try Self.check(status, "compare")
        return Comparison(
            likeness: result.likeness, contrast: result.contrast, worst: result.worst,
            place: raster.millimetres(result.place))
    }

    /// Nil where too little of the ink can be measured: fewer than `least` of the box's pixels, one in four counted.
    func ink(
        _ artwork: Bytes, ink: Bytes, black: Bytes?, in rect: RectMM, channel: Int, least: Int
    ) throws(SakkError) -> Double? {
        let box = raster.pixels(rect)
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
            view, atlas.handle, raster.originX + x * SideRaster.pixelsPerMM,
            raster.originY + y * SideRaster.pixelsPerMM,
            Int32(expected), &result)
        if status == SAKK_VISION_BAD_FRAME { return Glyph(best: -1, score: -1, next: -1, expected: -1) }
        try Self.check(status, "glyph")
        return Glyph(best: Int(result.best), score: result.score, next: result.next, expected: result.expected)
    }

    /// The bytes that a code carries; nil when it cannot be read.
    func code(_ box: RectMM, _ kind: FieldKind) throws(SakkError) -> Bytes? {
        let symbology: sakk_symbology
        switch kind {
        case .qr: symbology = SAKK_CODE_QR
        case .code39: symbology = SAKK_CODE_39
        case .pdf417: symbology = SAKK_CODE_PDF417
        case .datamatrix, .vds: symbology = SAKK_CODE_DATAMATRIX
        case .text, .mrz, .portrait, .ghost, .signature: return nil
        }
        var content = Bytes(repeating: 0, count: 4096)
        var length = 0
        let status = sakk_view_code(view, raster.pixels(box), symbology, &content, content.count, &length)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        try Self.check(status, "code")
        return length > 0 ? Bytes(content[..<length]) : nil
    }

    /// How far a colour of the whole side follows the artwork's, outside `places`: 1 is as meant, 0 not at all. Nil
    /// where the artwork has too little of it to say.
    func slope(_ artwork: Bytes, channel: Int, ignoring places: [RectMM]) throws(SakkError) -> Double? {
        var (slope, spread) = (1.0, 0.0)
        let status = sakk_view_slope(
            view, artwork, places.map(raster.pixels), places.count, Int32(channel), &slope, &spread)
        try Self.check(status, "slope")
        return spread >= 8 ? slope : nil
    }

    func blobs(
        _ artwork: Bytes, ignoring places: [RectMM], reachMM: Double, levels: Double, areaMM2: Double
    ) throws(SakkError) -> [Blob] {
        var blobs = [sakk_blob](repeating: sakk_blob(), count: 16)
        var count = 0
        let perMM2 = SideRaster.pixelsPerMM * SideRaster.pixelsPerMM
        let status = sakk_view_blobs(
            view, artwork, places.map(raster.pixels), places.count, Int32((reachMM * SideRaster.pixelsPerMM).rounded()),
            levels,
            areaMM2 * perMM2, &blobs, blobs.count, &count)
        try Self.check(status, "blobs")
        return blobs[..<count].map { Blob(place: raster.millimetres($0.place), areaMM2: $0.area / perMM2) }
    }

    func picture() throws(SakkError) -> Bytes {
        var status = SAKK_VISION_OK
        let count = raster.width * raster.height * 3
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

extension SideRaster {
    var forLibrary: sakk_raster {
        sakk_raster(width: Int32(width), height: Int32(height), width_mm: widthMM, height_mm: heightMM)
    }

    func pixels(_ rect: RectMM) -> sakk_rect {
        sakk_rect(
            x: originX + rect.x * Self.pixelsPerMM, y: originY + rect.y * Self.pixelsPerMM,
            width: rect.width * Self.pixelsPerMM, height: rect.height * Self.pixelsPerMM)
    }

    func millimetres(_ rect: sakk_rect) -> RectMM {
        RectMM(
            x: (rect.x - originX) / Self.pixelsPerMM, y: (rect.y - originY) / Self.pixelsPerMM,
            width: rect.width / Self.pixelsPerMM, height: rect.height / Self.pixelsPerMM)
    }
}
