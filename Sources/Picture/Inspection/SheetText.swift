internal import CPangoCairo
internal import CTextLock
internal import Ground
internal import Pixels

/// Words on a sheet, in any of the house's languages, each line in its own direction.
enum SheetText {
    /// One line with its left top there, shortened with an ellipsis where it is wider than `width`. Sizes in pixels.
    static func draw(
        _ text: String, at place: (x: Int, y: Int), width: Int, size: Double, colour: RGBColour,
        isFixed: Bool = false, on sheet: inout RGBImage
    ) {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard !text.isEmpty, width > 0, let map = pango_cairo_font_map_get_default(),
            let context = pango_font_map_create_context(map)
        else { return }
        defer { g_object_unref(UnsafeMutableRawPointer(context)) }
        guard let layout = pango_layout_new(context) else { return }
        defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
        let font = pango_font_description_from_string(
            isFixed ? "Noto Sans Mono, DejaVu Sans Mono" : "Noto Sans, Noto Sans Arabic, DejaVu Sans")
        pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_text(layout, text, Int32(text.utf8.count))
        var box = PangoRectangle()
        pango_layout_get_pixel_extents(layout, nil, &box)
        if Int(box.width) > width {
            pango_layout_set_width(layout, Int32(width) * Int32(PANGO_SCALE))
            pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
            pango_layout_get_pixel_extents(layout, nil, &box)
        }
        let (across, down) = (Int(box.width) + 2, Int(box.height) + 2)
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(across), Int32(down))
        let cairo = cairo_create(surface)
        defer {
            cairo_destroy(cairo)
            cairo_surface_destroy(surface)
        }
        cairo_move_to(cairo, Double(-box.x), Double(-box.y))
        pango_cairo_show_layout(cairo, layout)
        cairo_surface_flush(surface)
        guard let data = cairo_image_surface_get_data(surface) else { return }
        let stride = Int(cairo_image_surface_get_stride(surface))
        for row in 0..<down where (0..<sheet.height).contains(place.y + row) {
            for column in 0..<across where (0..<sheet.width).contains(place.x + column) {
                let share = Int(data[row * stride + column])
                guard share > 0 else { continue }
                let under = sheet[place.x + column, place.y + row]
                func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
                    UInt8((Int(under) * (255 - share) + Int(over) * share) / 255)
                }
                sheet[place.x + column, place.y + row] = RGBColour(
                    mixed(under.red, colour.red), mixed(under.green, colour.green), mixed(under.blue, colour.blue))
            }
        }
    }
}
