import CPangoCairo

/// A line of text on a page of any size.
struct PaperText {
    enum Alignment { case left, centre, right }

    let context: OpaquePointer

    func draw(
        _ text: String, x: Double, y: Double, size: Double, bold: Bool, width: Double, align: Alignment
    ) {
        let layout = pango_cairo_create_layout(context)
        let font = pango_font_description_from_string("Noto Sans, Noto Naskh Arabic")
        pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
        if bold { pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD) }
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_text(layout, text, -1)
        pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
        pango_layout_set_height(layout, -1)
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        // a paragraph that is written from the right takes "left" for its beginning
        let isReversed = sakk_from_right(text) == 1
        let alignment: PangoAlignment =
            switch align {
            case .centre: PANGO_ALIGN_CENTER
            case .left: isReversed ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT
            case .right: isReversed ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT
            }
        pango_layout_set_alignment(layout, alignment)
        cairo_set_source_rgb(context, 0, 0, 0)
        cairo_move_to(context, x, y)
        pango_cairo_show_layout(context, layout)
        g_object_unref(layout.map { UnsafeMutableRawPointer($0) })
    }
}
