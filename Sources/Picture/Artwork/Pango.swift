internal import CPangoCairo
internal import CTextLock

/// A Pango context with rendering that does not depend on the desktop: no hinting, no rounded metrics, no fallback.
final class Pango {
    /// One line of text, laid out; lengths in pixels, `ink` relative to the line's start on its baseline.
    final class Line {
        let layout: OpaquePointer
        let width: Double
        let ascent: Double
        let descent: Double
        let ink: (x: Double, y: Double, width: Double, height: Double)
        let unknownGlyphs: Int

        init(owning layout: OpaquePointer) {
            sakk_text_begin()
            defer { sakk_text_end() }
            self.layout = layout
            var ink = PangoRectangle()
            var logical = PangoRectangle()
            pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), &ink, &logical)
            let scale = Double(PANGO_SCALE)
            width = Double(logical.width) / scale
            ascent = -Double(logical.y) / scale
            descent = Double(logical.y + logical.height) / scale
            self.ink = (
                Double(ink.x) / scale, Double(ink.y) / scale, Double(ink.width) / scale, Double(ink.height) / scale
            )
            unknownGlyphs = Int(pango_layout_get_unknown_glyphs_count(layout))
        }

        deinit {
            sakk_text_begin()
            defer { sakk_text_end() }
            g_object_unref(UnsafeMutableRawPointer(layout))
        }
    }

    private let map: UnsafeMutablePointer<PangoFontMap>
    private let context: OpaquePointer

    init() {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let map = pango_cairo_font_map_new(), let context = pango_font_map_create_context(map) else {
            preconditionFailure("Pango without memory")
        }
        self.map = map
        self.context = context
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        pango_cairo_context_set_resolution(context, 72)
        pango_context_set_round_glyph_positions(context, 0)
    }

    deinit {
        sakk_text_begin()
        defer { sakk_text_end() }
        g_object_unref(UnsafeMutableRawPointer(context))
        g_object_unref(UnsafeMutableRawPointer(map))
    }

    func line(
        _ text: String, family: String, bold: Bool, sizePixels: Double, direction: Placeholder.Direction
    ) -> Line {
        sakk_text_begin()
        defer { sakk_text_end() }
        pango_context_set_base_dir(context, direction == .rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR)
        guard let layout = pango_layout_new(context) else { preconditionFailure("Pango without memory") }
        let font = pango_font_description_new()
        pango_font_description_set_family(font, family)
        pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_font_description_set_absolute_size(font, sizePixels * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        let attributes = pango_attr_list_new()
        pango_attr_list_insert(attributes, pango_attr_fallback_new(0))
        pango_layout_set_attributes(layout, attributes)
        pango_attr_list_unref(attributes)
        pango_layout_set_auto_dir(layout, 0)
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_text(layout, text, Int32(text.utf8.count))
        return Line(owning: layout)
    }
}
