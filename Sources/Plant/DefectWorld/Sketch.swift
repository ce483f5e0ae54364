import CPangoCairo
import CTextLock
import Ground

/// A drawing board in mm over cairo: the same strokes at any number of pixels a millimetre.
final class Sketch {
    let width: Int
    let height: Int
    let scale: Double
    let context: OpaquePointer
    private let surface: OpaquePointer
    private let map: UnsafeMutablePointer<PangoFontMap>
    private let pango: OpaquePointer

    /// White; `isCoverage`: one byte a pixel, empty.
    init(width: Int, height: Int, scale: Double, isCoverage: Bool = false) {
        sakk_text_begin()
        defer { sakk_text_end() }
        self.width = width
        self.height = height
        self.scale = scale
        surface = cairo_image_surface_create(
            isCoverage ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        context = cairo_create(surface)
        guard let map = pango_cairo_font_map_new(), let pango = pango_font_map_create_context(map) else {
            preconditionFailure("Pango without memory")
        }
        self.map = map
        self.pango = pango
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(pango, options)
        cairo_font_options_destroy(options)
        pango_cairo_context_set_resolution(pango, 72)
        pango_context_set_round_glyph_positions(pango, 0)
        if !isCoverage {
            cairo_set_source_rgb(context, 1, 1, 1)
            cairo_paint(context)
        }
        cairo_scale(context, scale, scale)
    }

    deinit {
        sakk_text_begin()
        defer { sakk_text_end() }
        g_object_unref(UnsafeMutableRawPointer(pango))
        g_object_unref(UnsafeMutableRawPointer(map))
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    func ink(_ colour: Colour, _ alpha: Double = 1) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, alpha)
    }
    func rectangle(_ box: Box) { cairo_rectangle(context, box.x, box.y, box.width, box.height) }
    func fill(_ box: Box, _ colour: Colour, _ alpha: Double = 1) {
        ink(colour, alpha)
        rectangle(box)
        cairo_fill(context)
    }
    func ellipse(_ x: Double, _ y: Double, _ across: Double, _ down: Double) {
        cairo_save(context)
        cairo_translate(context, x, y)
        cairo_scale(context, across, down)
        cairo_new_sub_path(context)
        cairo_arc(context, 0, 0, 1, 0, 2 * .pi)
        cairo_restore(context)
    }
    func line(_ points: [(Double, Double)], width: Double) {
        cairo_set_line_width(context, width)
        for (index, point) in points.enumerated() {
            if index == 0 {
                cairo_move_to(context, point.0, point.1)
            } else {
                cairo_line_to(context, point.0, point.1)
            }
        }
        cairo_stroke(context)
    }
    func gradient(
        _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ stops: [(Double, Colour, Double)]
    ) {
        let pattern = cairo_pattern_create_linear(x0, y0, x1, y1)
        for (at, colour, alpha) in stops {
            cairo_pattern_add_color_stop_rgba(pattern, at, colour.red, colour.green, colour.blue, alpha)
        }
        cairo_set_source(context, pattern)
        cairo_pattern_destroy(pattern)
    }
    func glow(_ x: Double, _ y: Double, _ radius: Double, _ stops: [(Double, Colour, Double)]) {
        let pattern = cairo_pattern_create_radial(x, y, 0, x, y, radius)
        for (at, colour, alpha) in stops {
            cairo_pattern_add_color_stop_rgba(pattern, at, colour.red, colour.green, colour.blue, alpha)
        }
        cairo_set_source(context, pattern)
        cairo_pattern_destroy(pattern)
    }

    /// Lays a picture into a box.
    func lay(_ picture: Sheet, in box: Box, alpha: Double = 1) {
        let stride = Int(cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, Int32(picture.width)))
        var pixels = Bytes(repeating: 0, count: stride * picture.height)
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let from = (y * picture.width + x) * 3
                let to = y * stride + x * 4
                pixels[to] = picture.rgb[from + 2]
                pixels[to + 1] = picture.rgb[from + 1]
                pixels[to + 2] = picture.rgb[from]
            }
        }
        pixels.withUnsafeMutableBufferPointer { buffer in
            let image = cairo_image_surface_create_for_data(
                buffer.baseAddress, CAIRO_FORMAT_RGB24, Int32(picture.width), Int32(picture.height), Int32(stride))
            cairo_save(context)
            rectangle(box)
            cairo_clip(context)
            cairo_translate(context, box.x, box.y)
            cairo_scale(context, box.width / Double(picture.width), box.height / Double(picture.height))
            cairo_set_source_surface(context, image, 0, 0)
            cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_GOOD)
            cairo_pattern_set_extend(cairo_get_source(context), CAIRO_EXTEND_PAD)
            cairo_paint_with_alpha(context, alpha)
            cairo_restore(context)
            cairo_surface_destroy(image)
        }
    }

    struct Face: Sendable {
        var family: String
        var bold = false
        /// Points.
        var size: Double
        var isRightToLeft = false
        var isCentred = false
    }

    /// A line of text in a box, shrunk to its width. False when a glyph is missing.
    @discardableResult
    func text(_ text: String, in box: Box, _ type: Face) -> Bool {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let made = layout(text, type, type.size) else { return false }
        var line = made
        var size = type.size
        while line.width > box.width * scale, size > 2 {
            g_object_unref(UnsafeMutableRawPointer(line.layout))
            size = min(size - 0.1, size * box.width * scale / line.width)
            guard let smaller = layout(text, type, size) else { return false }
            line = smaller
        }
        defer { g_object_unref(UnsafeMutableRawPointer(line.layout)) }
        let free = box.width * scale - line.width
        let x = box.x * scale + (type.isCentred ? free / 2 : type.isRightToLeft ? free : 0)
        let baseline = box.y * scale + (box.height * scale + line.ascent - line.descent) / 2
        draw(line.layout, x, baseline)
        return true
    }

    /// One glyph with its advance centred on a place, its size so that its advance is `advance` mm wide.
    func glyph(_ character: String, family: String, advance: Double, centre: Double, baseline: Double) {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let probe = layout(character, Face(family: family, size: 100), 100) else { return }
        let size = 100 * advance * scale / probe.width
        g_object_unref(UnsafeMutableRawPointer(probe.layout))
        guard let line = layout(character, Face(family: family, size: size), size) else { return }
        defer { g_object_unref(UnsafeMutableRawPointer(line.layout)) }
        draw(line.layout, centre * scale - line.width / 2, baseline * scale)
    }

    private func draw(_ layout: OpaquePointer, _ x: Double, _ baseline: Double) {
        cairo_save(context)
        cairo_identity_matrix(context)
        cairo_move_to(context, x, baseline)
        pango_cairo_show_layout_line(context, pango_layout_get_line_readonly(layout, 0))
        cairo_restore(context)
    }

    private struct Line {
        let layout: OpaquePointer
        let width, ascent, descent: Double
    }

    private func layout(_ text: String, _ type: Face, _ points: Double) -> Line? {
        pango_context_set_base_dir(pango, type.isRightToLeft ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR)
        guard let layout = pango_layout_new(pango) else { preconditionFailure("Pango without memory") }
        let font = pango_font_description_new()
        pango_font_description_set_family(font, type.family)
        pango_font_description_set_weight(font, type.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        // a point is 25.4 / 72 mm
        pango_font_description_set_absolute_size(font, points * 25.4 / 72 * scale * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        let attributes = pango_attr_list_new()
        pango_attr_list_insert(attributes, pango_attr_fallback_new(0))
        pango_layout_set_attributes(layout, attributes)
        pango_attr_list_unref(attributes)
        pango_layout_set_auto_dir(layout, 0)
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_text(layout, text, Int32(text.utf8.count))
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else {
            g_object_unref(UnsafeMutableRawPointer(layout))
            return nil
        }
        var logical = PangoRectangle()
        pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), nil, &logical)
        let unit = Double(PANGO_SCALE)
        return Line(
            layout: layout, width: Double(logical.width) / unit, ascent: -Double(logical.y) / unit,
            descent: Double(logical.y + logical.height) / unit)
    }

    /// What was drawn; little-endian B, G, R, unused.
    func sheet() -> Sheet {
        cairo_surface_flush(surface)
        guard let rows = cairo_image_surface_get_data(surface) else { preconditionFailure("not an image") }
        let stride = Int(cairo_image_surface_get_stride(surface))
        let rgb = Bytes(unsafeUninitializedCapacity: width * height * 3) { pixels, filled in
            for y in 0..<height {
                for x in 0..<width {
                    let from = rows + y * stride + x * 4
                    let to = (y * width + x) * 3
                    pixels[to] = from[2]
                    pixels[to + 1] = from[1]
                    pixels[to + 2] = from[0]
                }
            }
            filled = width * height * 3
        }
        return Sheet(width: width, height: height, rgb: rgb)
    }

    /// The coverage that was drawn, 255 full.
    func coverage() -> Bytes {
        cairo_surface_flush(surface)
        guard let rows = cairo_image_surface_get_data(surface) else { preconditionFailure("not an image") }
        let stride = Int(cairo_image_surface_get_stride(surface))
        return Bytes(unsafeUninitializedCapacity: width * height) { pixels, filled in
            for y in 0..<height {
                (pixels.baseAddress! + y * width).update(from: rows + y * stride, count: width)
            }
            filled = width * height
        }
    }

    /// Names of the fonts that are here.
    static let families: Set<String> = {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let map = pango_cairo_font_map_new() else { return [] }
        defer { g_object_unref(UnsafeMutableRawPointer(map)) }
        var list: UnsafeMutablePointer<UnsafeMutablePointer<PangoFontFamily>?>?
        var count: Int32 = 0
        pango_font_map_list_families(map, &list, &count)
        defer { g_free(list) }
        var names: Set<String> = []
        for index in 0..<Int(count) {
            guard let family = list?[index], let name = pango_font_family_get_name(family) else { continue }
            names.insert(String(cString: name))
        }
        return names
    }()
}

/// Red, green and blue from 0 to 1.
struct Colour: Sendable {
    var red, green, blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    static let black = Colour(0, 0, 0)
    static let white = Colour(1, 1, 1)

    /// Hue in degrees, saturation, value.
    static func hue(_ hue: Double, _ saturation: Double, _ value: Double) -> Colour {
        func part(_ shift: Double) -> Double {
            let k = (shift + hue / 60).truncatingRemainder(dividingBy: 6)
            return value - value * saturation * max(0, min(k, 4 - k, 1))
        }
        return Colour(part(5), part(3), part(1))
    }

    func toward(_ other: Colour, _ share: Double) -> Colour {
        Colour(
            red + (other.red - red) * share, green + (other.green - green) * share,
            blue + (other.blue - blue) * share)
    }
}
