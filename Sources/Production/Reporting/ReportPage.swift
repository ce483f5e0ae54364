import CPangoCairo

/// A4 pages filled from the top; starts a new one when something does not fit.
struct ReportPage {
    let context: OpaquePointer
    let width: Double
    let height: Double
    let margin: Double
    private var y: Double
    private var number = 1

    init(context: OpaquePointer, width: Double, height: Double, margin: Double) {
        self.context = context
        self.width = width
        self.height = height
        self.margin = margin
        y = margin
    }

    mutating func need(_ points: Double) {
        guard y + points > height - margin - 20 else { return }
        footer("page \(number)")
        cairo_show_page(context)
        number += 1
        y = margin
    }

    mutating func gap(_ points: Double) { y += points }

    mutating func rule() {
        cairo_set_source_rgb(context, 0.8, 0.82, 0.84)
        cairo_set_line_width(context, 0.6)
        cairo_move_to(context, margin, y)
        cairo_line_to(context, width - margin, y)
        cairo_stroke(context)
        y += 10
    }

    mutating func text(_ text: String, size: Double, bold: Bool = false, advance: Double) {
        need(advance)
        draw(text, x: margin, y: y, size: size, bold: bold, width: width - 2 * margin)
        y += advance
    }

    /// Rows under a heading that is repeated on every page; the first column is as wide as two others.
    mutating func table(_ rows: [[String]]) {
        guard let head = rows.first, !head.isEmpty else { return }
        let step = (width - 2 * margin) / Double(head.count + 1)
        func row(_ cells: [String], bold: Bool) {
            for (index, cell) in cells.enumerated() {
                let x = index == 0 ? margin : margin + Double(index + 1) * step
                draw(cell, x: x, y: y, size: 7.5, bold: bold, width: (index == 0 ? 2 * step : step) - 4)
            }
        }
        need(40)
        row(head, bold: true)
        y += 14
        rule()
        y -= 4
        for cells in rows.dropFirst() {
            if y + 14 > height - margin - 20 {
                need(14)
                row(head, bold: true)
                y += 14
            }
            row(cells, bold: false)
            y += 13
        }
    }

    /// A row of numbers with captions.
    mutating func tiles(_ tiles: [(String, Int)]) {
        need(52)
        let step = (width - 2 * margin) / Double(tiles.count)
        for (index, tile) in tiles.enumerated() {
            let x = margin + Double(index) * step
            cairo_set_source_rgb(context, 0.945, 0.95, 0.955)
            cairo_rectangle(context, x, y, step - 6, 42)
            cairo_fill(context)
            draw(String(tile.1), x: x + 7, y: y + 4, size: 15, bold: true, width: step - 14)
            draw(tile.0, x: x + 7, y: y + 26, size: 7.5, bold: false, width: step - 14)
        }
        y += 54
    }

    /// PNG files side by side, 104 points wide.
    mutating func thumbnails(_ paths: [String]) {
        let images = paths.compactMap { path -> OpaquePointer? in
            guard let surface = cairo_image_surface_create_from_png(path) else { return nil }
            guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
                cairo_surface_destroy(surface)
                return nil
            }
            return surface
        }
        guard !images.isEmpty else { return }
        let target = 104.0
        need(80)
        var x = margin + 10
        var tallest = 0.0
        for image in images {
            let imageWidth = Double(cairo_image_surface_get_width(image))
            let imageHeight = Double(cairo_image_surface_get_height(image))
            let scale = target / imageWidth
            cairo_save(context)
            cairo_translate(context, x, y)
            // the PDF keeps a thumbnail of three pixels a point, not the whole capture
            let small = cairo_surface_create_similar_image(
                image, CAIRO_FORMAT_RGB24, Int32(target * 3), Int32(imageHeight * scale * 3))
            let painter = cairo_create(small)
            cairo_scale(painter, scale * 3, scale * 3)
            cairo_set_source_surface(painter, image, 0, 0)
            cairo_pattern_set_filter(cairo_get_source(painter), CAIRO_FILTER_GOOD)
            cairo_paint(painter)
            cairo_destroy(painter)
            cairo_scale(context, 1.0 / 3, 1.0 / 3)
            cairo_set_source_surface(context, small, 0, 0)
            cairo_paint(context)
            cairo_restore(context)
            cairo_surface_destroy(small)
            cairo_surface_destroy(image)
            tallest = max(tallest, imageHeight * scale)
            x += target + 8
        }
        y += tallest + 8
    }

    mutating func finish(footer text: String) {
        footer("\(text)   page \(number)")
        cairo_show_page(context)
    }

    private func footer(_ text: String) {
        draw(text, x: margin, y: height - margin, size: 7.5, bold: false, width: width - 2 * margin)
    }

    private func draw(_ text: String, x: Double, y: Double, size: Double, bold: Bool, width: Double) {
        let layout = pango_cairo_create_layout(context)
        let font = pango_font_description_from_string("Noto Sans, Noto Naskh Arabic")
        pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
        if bold { pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD) }
        pango_layout_set_font_description(layout, font)
        pango_layout_set_text(layout, text, -1)
        pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        cairo_set_source_rgb(context, 0.13, 0.15, 0.17)
        cairo_move_to(context, x, y)
        pango_cairo_show_layout(context, layout)
        pango_font_description_free(font)
        g_object_unref(UnsafeMutableRawPointer(layout))
    }
}
