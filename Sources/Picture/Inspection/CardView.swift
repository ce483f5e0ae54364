internal import CVision
internal import Ground
internal import Stations

/// A side found in a frame, on the raster of the artwork. Confined to one inspection.
final class CardView {
    enum Opened {
        case view(CardView)
        case unusable(InspectionDoubt)

        /// To the artwork, upright or turned; below every likeness where there is no view.
        func likeness(_ artwork: Bytes) throws(SakkError) -> Double {
            guard case .view(let view) = self else { return -1 }
            let likeness = try view.likeness(artwork)
            return max(likeness.upright, likeness.turned)
        }
    }

    struct Comparison {
        let likeness: Double
        let contrast: Double
        let worst: Double
        let place: RectMM
        /// Share of a row's ink that is missing at most, and that row; of writing.
        var rowLack = 0.0
        var row = 0.0
        /// What nine tenths of the strokes differ by less than; of writing.
        var common = 0.0
        /// How like it is before letters are moved to the pixels; of writing that was drawn anew.
        var asDrawn = 0.0
        /// Where it lies against where it is meant, in millimetres; of writing.
        var offset = (x: 0.0, y: 0.0)
    }

    struct Glyph {
        let best: Int
        let score: Double
        let next: Double
        let expected: Double
    }

    let raster: SideRaster
    private let view: OpaquePointer
    var handle: OpaquePointer { view }
    let info: sakk_view_info
    private var liked: (artwork: Bytes, upright: Double, turned: Double)?

    init(owning view: OpaquePointer, info: sakk_view_info, raster: SideRaster) {
        self.view = view
        self.info = info
        self.raster = raster
    }

    deinit { sakk_view_close(view) }

    /// The side found in a frame by its edges.
    static func open(_ frame: FramePixels, raster: SideRaster) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        return try opened(sakk_view_open(frame.handle, raster.forLibrary, &view, &info), view, info, raster)
    }

    /// The side found by what is drawn on it, which is `artwork`'s.
    static func seek(_ artwork: Bytes, in frame: FramePixels, raster: SideRaster) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        return try opened(
            sakk_view_seek(frame.handle, raster.forLibrary, artwork, &view, &info), view, info, raster)
    }

    /// The side in a frame: by its edges, and where what they enclose does not look like the artwork, by what is drawn on
    /// it.
    static func find(_ artwork: Bytes, in frame: FramePixels, raster: SideRaster) throws(SakkError) -> Opened {
        let byEdges = try open(frame, raster: raster)
        if case .unusable(.frameIncomplete) = byEdges { return byEdges }
        let likeness = try byEdges.likeness(artwork)
        guard likeness < sureLikeness else { return byEdges }
        let sought = try seek(artwork, in: frame, raster: raster)
        return try sought.likeness(artwork) > likeness + 0.05 ? sought : byEdges
    }

    /// Of a side that needs not be looked for further.
    static let sureLikeness = 0.6

    /// A picture in which the document's place is known, in the picture's pixels.
    static func open(_ frame: FramePixels, at place: RectMM, raster: SideRaster) throws(SakkError) -> Opened {
        var view: OpaquePointer?
        var info = sakk_view_info()
        let box = sakk_rect(x: place.x, y: place.y, width: place.width, height: place.height)
        let status = sakk_view_open_flat(frame.handle, box, raster.forLibrary, &view, &info)
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
        guard artwork.count == raster.width * raster.height * 3 else { throw failure("artwork") }
        var view: OpaquePointer?
        try check(sakk_view_open_artwork(artwork, raster.forLibrary, &view), "artwork")
        guard let view else { throw failure("artwork") }
        return CardView(owning: view, info: sakk_view_info(), raster: raster)
    }

    func likeness(_ artwork: Bytes) throws(SakkError) -> (upright: Double, turned: Double) {
        // Asked once more after the side was found by it.
        if let liked, liked.artwork == artwork { return (liked.upright, liked.turned) }
        var (upright, turned) = (0.0, 0.0)
        try Self.check(sakk_view_likeness(view, artwork, &upright, &turned), "likeness")
        liked = (artwork, upright, turned)
        return (upright, turned)
    }

    func align(_ artwork: Bytes, fields: [FieldPlace]) throws(SakkError) -> sakk_alignment {
        var result = sakk_alignment()
        try Self.check(sakk_view_align(view, artwork, fields.map(forLibrary), fields.count, &result), "align")
        return result
    }

    private func forLibrary(_ field: FieldPlace) -> sakk_field {
        sakk_field(
            place: raster.pixels(field.rect), coloured: field.kind == .portrait || field.kind == .ghost ? 1 : 0)
    }

    /// Of a view that is the artwork: tells what is printed in the fields from the stock under it.
    func layer(_ fields: [FieldPlace]) throws(SakkError) {
        try Self.check(sakk_view_layers(view, fields.map(forLibrary), fields.count), "layers")
    }

    /// Evens the light out and makes the artwork, which is a view with the layers of these fields, ready for what looks for
    /// marks.
    func evenLight(_ artwork: CardView, fields: [FieldPlace]) throws(SakkError) -> sakk_tones {
        var tones = sakk_tones()
        let status = sakk_view_light(view, artwork.view, fields.map(forLibrary), fields.count, &tones)
        try Self.check(status, "light")
        return tones
    }

    /// A box that holds writing, against a reference, or (nil) what the light was evened out with.
    func writing(_ reference: Bytes?, _ box: RectMM) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        let status =
            if let reference {
                sakk_view_writing(view, reference, raster.pixels(box), &result)
            } else {
                sakk_view_writing(view, nil, raster.pixels(box), &result)
            }
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 1, contrast: 1, worst: 0, place: box) }
        try Self.check(status, "writing")
        return Comparison(
            likeness: result.likeness, contrast: result.contrast, worst: result.worst,
            place: raster.millimetres(result.place), rowLack: result.row_lack,
            row: (result.row - raster.originY) / SideRaster.pixelsPerMM, common: result.common,
            offset: (result.dx / SideRaster.pixelsPerMM, result.dy / SideRaster.pixelsPerMM))
    }

    /// A box's writing, on a view that is the artwork, against a line drawn; `common` is the share of its length that
    /// differs. `profile` gets by how much each column of the drawing differs.
    func spelling(_ line: DrawnLine, _ box: RectMM, profile: inout [Float]) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        profile = [Float](repeating: 1, count: line.width)
        let status = sakk_view_spelling(
            view, raster.pixels(box), line.ink, Int32(line.width), Int32(line.height), &profile, &result)
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 0, contrast: 0, worst: 1, place: box) }
        try Self.check(status, "spelling")
        return Comparison(
            likeness: result.likeness, contrast: result.contrast, worst: result.worst,
            place: raster.millimetres(result.place), common: result.common, asDrawn: result.as_drawn)
    }

    /// How alike a line drawn and a box's writing are, as `spelling` says it.
    func spelled(_ line: DrawnLine, _ box: RectMM) throws(SakkError) -> Double {
        var likeness = 0.0
        let status = sakk_view_spelled(
            view, raster.pixels(box), line.ink, Int32(line.width), Int32(line.height), &likeness)
        try Self.check(status, "spelled")
        return likeness
    }

    /// Which of two drawings the ink of such a box shows in columns of the first, where the other lies at `offset` from it:
    /// -1 is the first one, 1 the other; and by how much they differ there, in squares of ink a pixel.
    func rivalry(
        of own: DrawnLine, _ other: DrawnLine, at offset: (x: Int, y: Int), _ columns: ClosedRange<Int>, _ box: RectMM
    ) throws(SakkError) -> (lead: Double, apart: Double) {
        var (lead, apart) = (-1.0, 0.0)
        let status = own.ink.withUnsafeBufferPointer { first in
            other.ink.withUnsafeBufferPointer { second in
                var first = sakk_drawn_ink(
                    ink: first.baseAddress, width: Int32(own.width), height: Int32(own.height), x: 0, y: 0)
                var second = sakk_drawn_ink(
                    ink: second.baseAddress, width: Int32(other.width), height: Int32(other.height),
                    x: Int32(offset.x), y: Int32(offset.y))
                return sakk_view_rival(
                    view, raster.pixels(box), &first, &second, Int32(columns.lowerBound), Int32(columns.upperBound),
                    &lead, &apart)
            }
        }
        if status != SAKK_VISION_BAD_FRAME { try Self.check(status, "rival") }
        return (lead, apart)
    }

    /// The approved portrait against a box of such a view, however it was cut: correlation and the greatest residual of a
    /// part.
    func portrait(_ portrait: Picture, _ box: RectMM) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        let status = sakk_view_portrait(
            view, raster.pixels(box), portrait.rgb, Int32(clamping: portrait.width), Int32(clamping: portrait.height),
            &result)
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 0, contrast: 0, worst: 1, place: box) }
        try Self.check(status, "portrait")
        return Comparison(likeness: result.likeness, contrast: 1, worst: result.worst, place: box)
    }

    /// Cyan, magenta and yellow in a box over what is meant; nil where there is too little to say.
    func density(_ artwork: Bytes, _ box: RectMM) throws(SakkError) -> [Double?] {
        var ratios = [-1.0, -1, -1]
        try Self.check(sakk_view_density(view, artwork, raster.pixels(box), &ratios), "density")
        return ratios.map { $0 < 0 ? nil : $0 }
    }

    /// Where the inks of the side lie.
    func registration(_ fields: [FieldPlace]) throws(SakkError) -> sakk_registration {
        var result = sakk_registration()
        try Self.check(sakk_view_registration(view, fields.map(forLibrary), fields.count, &result), "registration")
        return result
    }

    /// Moves them back to where they belong.
    func unite(_ registration: sakk_registration, _ fields: [FieldPlace]) throws(SakkError) {
        var found = registration
        try Self.check(sakk_view_unite(view, fields.map(forLibrary), fields.count, &found), "unite")
    }

    /// Lines across a box along the raster's rows, then those along its columns.
    func lines(_ box: RectMM, ignoring places: [RectMM], levels: Double) throws(SakkError) -> [sakk_line] {
        var lines = [sakk_line](repeating: sakk_line(), count: 32)
        var count = 0
        let status = sakk_view_lines(
            view, raster.pixels(box), places.map(raster.pixels), places.count, levels, &lines,
            lines.count, &count)
        try Self.check(status, "lines")
        return Array(lines[..<count])
    }

    func marks(_ search: MarkSearch) throws(SakkError) -> [sakk_mark] {
        var marks = [sakk_mark](repeating: sakk_mark(), count: 256)
        var count = 0
        let (writing, ignored) = (search.writing.map(raster.pixels), search.ignored.map(raster.pixels))
        let perMM2 = SideRaster.pixelsPerMM * SideRaster.pixelsPerMM
        let status = writing.withUnsafeBufferPointer { writing in
            ignored.withUnsafeBufferPointer { ignored in
                var asked = sakk_mark_search(
                    writing: writing.baseAddress, writing_count: writing.count, ignored: ignored.baseAddress,
                    ignored_count: ignored.count, sharp_levels: search.sharpLevels,
                    sharp_weight: search.sharpWeight * perMM2, smooth_levels: search.smoothLevels,
                    smooth_area: search.smoothMM2 * perMM2)
                return sakk_view_marks(view, &asked, &marks, marks.count, &count)
            }
        }
        try Self.check(status, "marks")
        return Array(marks[..<count])
    }

    /// Share of the even stock that is darker than its surroundings by so many levels, less the share that is lighter.
    func faintShare(ignoring places: [RectMM], levels: Double) throws(SakkError) -> Double {
        var share = 0.0
        try Self.check(
            sakk_view_faint(view, places.map(raster.pixels), places.count, levels, &share), "faint")
        return share
    }

    /// The largest place of a code whose light modules are more than so many levels darker or lighter than the others, and
    /// its area in square millimetres.
    func shade(of box: RectMM, levels: Double) throws(SakkError) -> (areaMM2: Double, place: RectMM) {
        var (area, place) = (0.0, sakk_rect())
        let status = sakk_view_shade(view, raster.pixels(box), levels, &area, &place)
        if status == SAKK_VISION_BAD_FRAME { return (0, box) }
        try Self.check(status, "shade")
        return (area / (SideRaster.pixelsPerMM * SideRaster.pixelsPerMM), raster.millimetres(place))
    }

    struct MarkSearch {
        /// Judged apart: only strong marks count there.
        var writing: [RectMM] = []
        var ignored: [RectMM] = []
        var sharpLevels = 0.0
        /// Levels times square millimetres.
        var sharpWeight = 0.0
        var smoothLevels = 0.0
        var smoothMM2 = 0.0
    }

    /// `smoothing` and `reach` are pixels at 300 dpi, `window` millimetres; without one nothing is said of parts.
    func compare(
        _ reference: Bytes?, _ box: RectMM, smoothing: Double, reach: Int32, window: Double = 0
    ) throws(SakkError) -> Comparison {
        var result = sakk_comparison()
        let (place, wide) = (raster.pixels(box), window * SideRaster.pixelsPerMM)
        let status =
            if let reference {
                sakk_view_compare(view, reference, place, smoothing, reach, wide, &result)
            } else {
                sakk_view_compare(view, nil, place, smoothing, reach, wide, &result)
            }
        if status == SAKK_VISION_BAD_FRAME { return Comparison(likeness: 1, contrast: 1, worst: 0, place: box) }
        try Self.check(status, "compare")
        return Comparison(
            likeness: result.likeness, contrast: result.contrast, worst: result.worst,
            place: raster.millimetres(result.place))
    }

    /// The place of a printed picture that differs most in detail.
    func detail(_ box: RectMM) throws(SakkError) -> Comparison? {
        var result = sakk_comparison()
        let status = sakk_view_detail(view, raster.pixels(box), &result)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        try Self.check(status, "detail")
        return Comparison(
            likeness: 1, contrast: 1, worst: result.worst, place: raster.millimetres(result.place))
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

    static func check(_ status: sakk_vision_status, _ act: String) throws(SakkError) {
        guard status == SAKK_VISION_OK else { throw failure(act) }
    }

    static func failure(_ act: String) -> SakkError {
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
