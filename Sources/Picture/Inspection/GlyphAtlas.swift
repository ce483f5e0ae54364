internal import CPangoCairo
internal import CTextLock
internal import CVision
internal import Ground

/// The 37 characters of a machine readable zone (ICAO Doc 9303-3 section 4) in OCR-B, drawn for reading: each in a cell
/// of 2.54 mm at 300 dpi with its capital height in the middle. Drawn apart from the artwork on purpose.
struct GlyphAtlas: @unchecked Sendable {
    static let standard = GlyphAtlas()

    let classes = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
    let width = 30
    let height = 40
    /// Never changed once it is made, and kept as long as the process.
    let handle: OpaquePointer?
    /// The font was there and draws every class otherwise than the others.
    let isUsable: Bool

    private init() {
        sakk_text_begin()
        defer { sakk_text_end() }
        let finer = 4
        var ink = Bytes()
        var cells: Set<Bytes> = []
        var family = true
        for character in classes {
            let cell = Self.draw(character, width: width * finer, height: height * finer, known: &family)
            let small = Self.reduced(cell, width: width, height: height, by: finer)
            cells.insert(small)
            ink += small
        }
        var atlas: OpaquePointer?
        let made = sakk_atlas_make(ink, Int32(classes.count), Int32(width), Int32(height), &atlas)
        handle = atlas
        isUsable = made == SAKK_VISION_OK && family && cells.count == classes.count
    }

    func index(of character: Character) -> Int { classes.firstIndex(of: character) ?? -1 }

    private static func draw(_ character: Character, width: Int, height: Int, known: inout Bool) -> Bytes {
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        let context = cairo_create(surface)
        let layout = pango_cairo_create_layout(context)
        let font = pango_font_description_new()
        defer {
            pango_font_description_free(font)
            g_object_unref(layout.map(UnsafeMutableRawPointer.init))
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(pango_layout_get_context(layout), options)
        cairo_font_options_destroy(options)
        pango_font_description_set_family(font, "OCR B")
        // OCR-B has one advance for all: the size at which it fills a cell comes from one large glyph.
        let large = 1000.0
        pango_font_description_set_absolute_size(font, large * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_layout_set_text(layout, "H", 1)
        var (inkBox, logical) = (PangoRectangle(), PangoRectangle())
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), &inkBox, &logical)
        guard logical.width > 0 else {
            known = false
            return Bytes(repeating: 0, count: width * height)
        }
        let size = large * Double(width) * Double(PANGO_SCALE) / Double(logical.width)
        let capital = -Double(inkBox.y) / Double(PANGO_SCALE) * size / large
        pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_layout_set_text(layout, String(character), -1)
        known = known && pango_layout_get_unknown_glyphs_count(layout) == 0
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), &inkBox, &logical)
        cairo_move_to(
            context, (Double(width) - Double(logical.width) / Double(PANGO_SCALE)) / 2,
            (Double(height) + capital) / 2)
        pango_cairo_show_layout_line(context, pango_layout_get_line_readonly(layout, 0))
        cairo_surface_flush(surface)
        let stride = Int(cairo_image_surface_get_stride(surface))
        guard let data = cairo_image_surface_get_data(surface) else {
            return Bytes(repeating: 0, count: width * height)
        }
        var ink = Bytes()
        for y in 0..<height { ink += UnsafeBufferPointer(start: data + y * stride, count: width) }
        return ink
    }

    /// Area average: a capture is soft.
    private static func reduced(_ ink: Bytes, width: Int, height: Int, by factor: Int) -> Bytes {
        var small = Bytes()
        for y in 0..<height {
            for x in 0..<width {
                var sum = 0
                for row in 0..<factor {
                    for column in 0..<factor {
                        sum += Int(ink[(y * factor + row) * width * factor + x * factor + column])
                    }
                }
                small.append(UInt8(sum / (factor * factor)))
            }
        }
        return small
    }
}
