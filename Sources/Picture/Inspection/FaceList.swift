internal import CPangoCairo
internal import CTextLock
internal import Ground

/// The faces installed here that can write a text, by their Pango names (`DejaVu Sans, Bold`).
enum FaceList {
    static func faces(for text: String) -> [String] {
        guard let letters = FcCharSetCreate(), let pattern = FcPatternCreate(), let wanted = FcObjectSetCreate() else {
            return []
        }
        defer {
            FcCharSetDestroy(letters)
            FcPatternDestroy(pattern)
            FcObjectSetDestroy(wanted)
        }
        // A stroke or a point may come from another face, as it does on any desktop.
        let scalars = text.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        // Nor do Latin letters beside others come from a face that is for the others alone.
        let own = scalars.filter { $0.value >= 0x250 }
        for scalar in own.isEmpty ? scalars : own { FcCharSetAddChar(letters, scalar.value) }
        FcPatternAddCharSet(pattern, "charset", letters)
        for object in ["family", "style"] { FcObjectSetAdd(wanted, object) }
        guard let found = FcFontList(nil, pattern, wanted) else { return [] }
        defer { FcFontSetDestroy(found) }
        var names: Set<String> = []
        for index in 0..<Int(found.pointee.nfont) {
            guard let font = found.pointee.fonts[index], let family = name(of: font, "family") else { continue }
            if isLatin(text), isOfOneScript(family) { continue }
            let style = name(of: font, "style") ?? "Regular"
            names.insert("\(family), \(style)")
        }
        return names.sorted()
    }

    static func isLatin(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value < 0x250 } }

    /// Upright, of a weight that documents are set in.
    static func isUsual(_ face: String) -> Bool {
        guard let style = face.split(separator: ",").last?.drop(while: { $0 == " " }) else { return false }
        return ["Regular", "Bold", "Book", "Medium", "Roman", "SemiBold"].contains(String(style))
    }

    /// Faces for one script hold Latin letters of their family's common face.
    private static func isOfOneScript(_ family: String) -> Bool {
        let words = family.split(separator: " ")
        guard words.first == "Noto", words.count > 2 else { return false }
        return !["Display", "Mono", "Condensed", "Arabic"].contains(String(words[words.count - 1]))
    }

    private static func name(of font: OpaquePointer, _ object: String) -> String? {
        var value: UnsafeMutablePointer<FcChar8>?
        guard FcPatternGetString(font, object, 0, &value) == FcResultMatch, let value else { return nil }
        return String(cString: value)
    }
}

/// A line of text as ink, drawn apart from the artwork.
struct DrawnLine {
    let width: Int
    let height: Int
    /// 255 is ink; the ink's own extent, without room around it.
    let ink: Bytes
    /// Where the line begins, on its base line, in pixels from the upper left of the ink.
    let origin: (x: Double, y: Double)

    /// Nil for a face that cannot write it, and for what has no ink. `size` is in pixels, and so is `spacing`, which letters
    /// stand further apart by; `phase` is what it lies further right and down by, less than a pixel.
    init?(
        _ text: String, face: String, size: Double, spacing: Double = 0, phase: (x: Double, y: Double) = (0, 0)
    ) {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard size > 3, size < 400, let layout = Self.layout(text, face: face, size: size, spacing: spacing) else {
            return nil
        }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else { return nil }
        let box = Self.extent(layout, size)
        guard box.width > 0, box.height > 0, box.width < 4000, box.height < 800 else { return nil }
        let width = Int((box.width + phase.x).rounded(.up)) + 1
        let height = Int((box.height + phase.y).rounded(.up)) + 1
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        let context = cairo_create(surface)
        defer {
            cairo_destroy(context)
            cairo_surface_destroy(surface)
        }
        cairo_move_to(context, 0.5 - box.x + phase.x, 0.5 - box.y + phase.y)
        cairo_scale(context, size / Self.laidOut, size / Self.laidOut)
        pango_cairo_show_layout_line(context, pango_layout_get_line_readonly(layout, 0))
        cairo_surface_flush(surface)
        guard let data = cairo_image_surface_get_data(surface) else { return nil }
        let stride = Int(cairo_image_surface_get_stride(surface))
        var ink = Bytes()
        ink.reserveCapacity(width * height)
        for row in 0..<height { ink += UnsafeBufferPointer(start: data + row * stride, count: width) }
        (self.width, self.height, self.ink) = (width, height, ink)
        origin = (0.5 - box.x + phase.x, 0.5 - box.y + phase.y)
    }

    /// The base line from the upper edge of the ink, in pixels; nil for what has no ink.
    static func top(_ text: String, face: String, size: Double, spacing: Double) -> Double? {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let layout = layout(text, face: face, size: size, spacing: spacing) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        let box = extent(layout, size)
        return box.width > 0 && box.height > 0 ? 0.5 - box.y : nil
    }

    /// How far the next letter stands from the first one's origin, in pixels.
    static func advance(_ text: String, face: String, size: Double) -> Double? {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let layout = layout(text, face: face, size: size) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else { return nil }
        var logical = PangoRectangle()
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), nil, &logical)
        return Double(logical.width) / Double(PANGO_SCALE) * size / laidOut
    }

    /// Width and height of the ink at a size of 100 pixels.
    static func shape(_ text: String, face: String) -> (width: Double, height: Double)? {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let layout = layout(text, face: face, size: 100) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else { return nil }
        let box = extent(layout, 100)
        return box.width > 0 && box.height > 0 ? (box.width, box.height) : nil
    }

    /// Where each character stands, in pixels from the left of the ink; of a ligature each has its part.
    static func columns(_ text: String, face: String, size: Double, spacing: Double = 0) -> [ClosedRange<Double>] {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let layout = layout(text, face: face, size: size, spacing: spacing) else { return [] }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        let (left, scale) = (extent(layout, size).x, size / laidOut / Double(PANGO_SCALE))
        let line = pango_layout_get_line_readonly(layout, 0)
        var (columns, at): ([ClosedRange<Double>], Int32) = ([], 0)
        for character in text {
            let next = at + Int32(character.utf8.count)
            var (from, to): (Int32, Int32) = (0, 0)
            pango_layout_line_index_to_x(line, at, 0, &from)
            pango_layout_line_index_to_x(line, next - 1, 1, &to)
            let (low, high) = (Double(min(from, to)), Double(max(from, to)))
            columns.append(low * scale - left...high * scale - left)
            at = next
        }
        return columns
    }

    /// Everything is laid out at this size and drawn at the one that is asked for: a new size costs a new search for its face.
    private static let laidOut = 100.0

    private static func extent(
        _ layout: OpaquePointer, _ size: Double
    ) -> (x: Double, y: Double, width: Double, height: Double) {
        var (ink, logical) = (PangoRectangle(), PangoRectangle())
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), &ink, &logical)
        let scale = size / laidOut / Double(PANGO_SCALE)
        return (Double(ink.x) * scale, Double(ink.y) * scale, Double(ink.width) * scale, Double(ink.height) * scale)
    }

    private static func layout(_ text: String, face: String, size: Double, spacing: Double = 0) -> OpaquePointer? {
        guard let map = pango_cairo_font_map_get_default(), let context = pango_font_map_create_context(map) else {
            return nil
        }
        defer { g_object_unref(UnsafeMutableRawPointer(context)) }
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        pango_context_set_round_glyph_positions(context, 0)
        guard let layout = pango_layout_new(context) else { return nil }
        let font = pango_font_description_from_string(face)
        pango_font_description_set_absolute_size(font, laidOut * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        if spacing != 0, let attributes = pango_attr_list_new() {
            pango_attr_list_insert(
                attributes, pango_attr_letter_spacing_new(Int32(spacing * laidOut / size * Double(PANGO_SCALE))))
            pango_layout_set_attributes(layout, attributes)
            pango_attr_list_unref(attributes)
        }
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_text(layout, text, Int32(text.utf8.count))
        return layout
    }
}
