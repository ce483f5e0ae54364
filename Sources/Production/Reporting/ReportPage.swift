import CPangoCairo

/// A4 pages filled from the top; starts a new one when something does not fit. In a language that is written from the
/// right, columns and tiles begin at the right edge.
struct ReportPage {
    static let pageWidth = 595.0
    static let pageHeight = 842.0
    static let margin = 42.0

    let context: OpaquePointer
    let language: ReportLanguage
    let width = ReportPage.pageWidth
    let height = ReportPage.pageHeight
    let margin = ReportPage.margin
    private var y = ReportPage.margin
    private var number = 1

    private static let headSize = 7.0
    private static let cellSize = 7.5

    init(context: OpaquePointer, language: ReportLanguage = .english) {
        self.context = context
        self.language = language
    }

    private var inner: Double { width - 2 * margin }
    private var isRightToLeft: Bool { language.isRightToLeft }

    mutating func need(_ points: Double) {
        guard y + points > height - margin - 20 else { return }
        footer("")
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

    /// One paragraph; a long one goes on in the next line.
    mutating func text(_ text: String, size: Double, bold: Bool = false, advance: Double) {
        let lines = measure(text, size: size, bold: bold, width: inner)
        let more = max(0, lines.height - size * 1.7)
        need(advance + more)
        draw(text, x: margin, y: y, size: size, bold: bold, width: inner, align: isRightToLeft ? .right : .left)
        y += advance + more
    }

    /// Rows under a heading that is repeated on every page. Columns are as wide as their words; headings of several words
    /// take several lines; the first column keeps what is left over.
    mutating func table(_ rows: [[String]]) {
        guard let head = rows.first, !head.isEmpty else { return }
        let widths = columns(rows)
        let headHeight =
            zip(head, widths).map { measure($0, size: Self.headSize, bold: true, width: $1).height }.max() ?? 0
        need(headHeight + 30)
        row(head, widths, bold: true)
        y += headHeight + 3
        rule()
        y -= 6
        for cells in rows.dropFirst() {
            if y + 14 > height - margin - 20 {
                need(14)
                row(head, widths, bold: true)
                y += headHeight + 3
            }
            row(cells, widths, bold: false)
            y += 13
        }
    }

    private func row(_ cells: [String], _ widths: [Double], bold: Bool) {
        var x = isRightToLeft ? width - margin : margin
        for (index, cell) in cells.enumerated() {
            let column = widths[index]
            if isRightToLeft { x -= column }
            let isText = index == 0
            let align: Alignment = isText == isRightToLeft || !isText ? .right : .left
            draw(
                cell, x: x, y: y, size: bold ? Self.headSize : Self.cellSize, bold: bold, width: column - 5,
                align: align, lines: bold ? 4 : 1)
            if !isRightToLeft { x += column }
        }
    }

    /// No word of a heading and no number is cut; the first column gives way.
    private func columns(_ rows: [[String]]) -> [Double] {
        guard let head = rows.first else { return [] }
        var widths = head.indices.map { column -> Double in
            let words = head[column].split(separator: " ").map {
                measure(String($0), size: Self.headSize, bold: true, width: nil).width
            }
            let cells = rows.dropFirst().prefix(500).map {
                measure($0[column], size: Self.cellSize, bold: false, width: nil).width
            }
            return (words + cells).reduce(24) { max($0, $1) } + 8
        }
        let rest = inner - widths.dropFirst().reduce(0, +)
        let first = min(widths[0], max(60, rest))
        let spare = max(0, rest - first)
        widths[0] = first + spare / Double(widths.count)
        for column in widths.indices.dropFirst() { widths[column] += spare / Double(widths.count) }
        let total = widths.reduce(0, +)
        return total > inner ? widths.map { $0 * inner / total } : widths
    }

    /// A row of numbers with captions.
    mutating func tiles(_ tiles: [(String, Int)]) {
        need(52)
        let step = inner / Double(tiles.count)
        for (index, tile) in tiles.enumerated() {
            let place = isRightToLeft ? tiles.count - 1 - index : index
            let x = margin + Double(place) * step
            cairo_set_source_rgb(context, 0.945, 0.95, 0.955)
            cairo_rectangle(context, x, y, step - 6, 42)
            cairo_fill(context)
            let align: Alignment = isRightToLeft ? .right : .left
            draw(String(tile.1), x: x + 6, y: y + 2, size: 15, bold: true, width: step - 18, align: align)
            draw(tile.0, x: x + 6, y: y + 25, size: 7.5, bold: false, width: step - 18, align: align)
        }
        y += 54
    }

    /// A bar code with its number under it, and a QR code on the other side.
    mutating func codes(_ bars: Barcode?, under text: String, _ square: Barcode?) {
        let side = 150.0
        need(side + 14)
        if let bars {
            let module = min(1.2, (inner - side - 20) / Double(bars.width + 20))
            bars.draw(on: context, x: margin + 10 * module, y: y + 14, module: module, height: 64)
            draw(
                text, x: margin + 10 * module, y: y + 84, size: 11, bold: true, width: Double(bars.width) * module,
                align: .left)
        }
        if let square {
            let module = side / Double(square.width + 8)
            square.draw(
                on: context, x: width - margin - side + 4 * module, y: y + 4 * module, module: module,
                height: module * Double(square.rows))
        }
        y += side + 14
    }

    /// Lines to be signed on, side by side, each over a name.
    mutating func signatures(_ names: [String]) {
        need(70)
        y += 44
        let step = inner / Double(names.count)
        for (index, name) in names.enumerated() {
            let place = isRightToLeft ? names.count - 1 - index : index
            let x = margin + Double(place) * step
            cairo_set_source_rgb(context, 0.13, 0.15, 0.17)
            cairo_set_line_width(context, 0.8)
            cairo_move_to(context, x, y)
            cairo_line_to(context, x + step - 24, y)
            cairo_stroke(context)
            draw(name, x: x, y: y + 4, size: 9, bold: false, width: step - 24, align: isRightToLeft ? .right : .left)
        }
        y += 26
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
        footer(text)
        cairo_show_page(context)
    }

    private func footer(_ text: String) {
        let words = [text, "\(language("page")) \(number)"].filter { !$0.isEmpty }.joined(separator: "   ")
        draw(
            words, x: margin, y: height - margin, size: 7.5, bold: false, width: inner,
            align: isRightToLeft ? .right : .left)
    }

    private enum Alignment { case left, right }

    /// A line with Arabic in it is written from the right, also when it begins with a Latin word.
    private func directed(_ text: String) -> String {
        let isArabic = isRightToLeft && text.unicodeScalars.contains { (0x0600...0x06FF).contains($0.value) }
        return isArabic ? "\u{200F}" + text : text
    }

    private func layout(_ text: String, size: Double, bold: Bool, width: Double?, lines: Int) -> OpaquePointer? {
        let layout = pango_cairo_create_layout(context)
        let font = pango_font_description_from_string("Noto Sans, Noto Naskh Arabic")
        pango_font_description_set_absolute_size(font, size * Double(PANGO_SCALE))
        if bold { pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD) }
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_text(layout, directed(text), -1)
        if let width {
            pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
            pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
            pango_layout_set_height(layout, Int32(-lines))
            pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        }
        return layout
    }

    private func measure(_ text: String, size: Double, bold: Bool, width: Double?) -> (width: Double, height: Double) {
        let layout = layout(text, size: size, bold: bold, width: width.map { $0 - 5 }, lines: 4)
        var (wide, high): (Int32, Int32) = (0, 0)
        pango_layout_get_size(layout, &wide, &high)
        g_object_unref(layout.map { UnsafeMutableRawPointer($0) })
        return (Double(wide) / Double(PANGO_SCALE), Double(high) / Double(PANGO_SCALE))
    }

    private func draw(
        _ text: String, x: Double, y: Double, size: Double, bold: Bool, width: Double, align: Alignment, lines: Int = 4
    ) {
        let layout = layout(text, size: size, bold: bold, width: width, lines: lines)
        // a paragraph that is written from the right takes "left" for its beginning
        let isReversed = sakk_from_right(directed(text)) == 1
        pango_layout_set_alignment(layout, (align == .right) != isReversed ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT)
        cairo_set_source_rgb(context, 0.13, 0.15, 0.17)
        cairo_move_to(context, x, y)
        pango_cairo_show_layout(context, layout)
        g_object_unref(layout.map { UnsafeMutableRawPointer($0) })
    }
}
