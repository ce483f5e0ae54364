internal import CPangoCairo
internal import CTextLock
internal import Ground
internal import Stations

/// Sets the machine readable zone: one OCR-B glyph in each cell of 2.54 mm (30 pixels at 300 dpi). Each cell begins on a
/// whole pixel, so one drawing of a glyph serves all its cells.
final class MRZPainter {
    private struct Glyph {
        let width: Int
        let rows: Int
        /// Column of the cell's first pixel, row of the baseline.
        let left: Int
        let baseline: Int
        let ink: Bytes
    }

    private let raster: CardRaster
    private let pango: Pango
    private let grid: MRZGrid
    private var glyphs: [UInt8: Glyph] = [:]
    private var size = 0.0
    private var capital = 0.0

    init(raster: CardRaster, pango: Pango) {
        self.raster = raster
        self.pango = pango
        grid = MRZGrid(raster.format)
    }

    /// Sets the ink in `panel` to 255. Throws `artwork.mrz.shape` when the zone has not the lines of the format, of the
    /// characters A-Z, 0-9 and `<`.
    func draw(_ lines: [String], in place: Placeholder, on panel: inout Bytes) throws(SakkError) {
        guard grid.accepts(lines) else {
            throw .field(
                "artwork.mrz.shape", place.name,
                "The machine readable zone is not \(grid.lines) lines of \(grid.characters) characters.",
                remedy: "Report the record: the zone is made by the plant and must be whole.")
        }
        for (row, line) in lines.enumerated() {
            let centre = place.rect.y + MRZGrid.pitchMM * (Double(row) + 0.5)
            for (column, character) in line.utf8.enumerated() {
                let glyph = try glyph(character, font: place.font, field: place.name)
                let corner = raster.mmToPixel(x: place.rect.x + MRZGrid.cellMM * Double(column), y: centre)
                lay(
                    glyph, x: Int(corner.x.rounded()) - glyph.left,
                    y: Int((corner.y + capital / 2).rounded()) - glyph.baseline, on: &panel)
            }
        }
    }

    private func lay(_ glyph: Glyph, x: Int, y: Int, on panel: inout Bytes) {
        let rows = max(-y, 0)..<max(min(glyph.rows, raster.height - y), max(-y, 0))
        let columns = max(-x, 0)..<max(min(glyph.width, raster.width - x), max(-x, 0))
        panel.withUnsafeMutableBufferPointer { panel in
            glyph.ink.withUnsafeBufferPointer { ink in
                for row in rows {
                    let start = (y + row) * raster.width + x
                    // a glyph's dots are 0 or 255
                    for column in columns { panel[start + column] |= ink[row * glyph.width + column] }
                }
            }
        }
    }

    private func glyph(_ character: UInt8, font: String, field: String) throws(SakkError) -> Glyph {
        if let known = glyphs[character] { return known }
        sakk_text_begin()
        defer { sakk_text_end() }
        let cell = MRZGrid.cellMM * raster.pixelsPerMM
        if size == 0 {
            let probe = pango.line("H", family: font, bold: false, sizePixels: 1000, direction: .ltr)
            size = 1000 * cell / probe.width
            capital = -probe.ink.y * size / 1000
        }
        let line = pango.line(
            String(decoding: [character], as: UTF8.self), family: font, bold: false, sizePixels: size, direction: .ltr)
        guard line.unknownGlyphs == 0 else {
            throw .field(
                "artwork.glyph.missing", field, "The font \(font) lacks a character of the zone.",
                remedy: "Install the Debian package fonts-ocr-b.")
        }
        let (margin, tall) = (4, Int((MRZGrid.pitchMM * raster.pixelsPerMM).rounded(.up)))
        let canvas = Canvas(width: Int(cell.rounded(.up)) + 2 * margin, height: 2 * tall, format: CAIRO_FORMAT_A8)
        cairo_move_to(canvas.context, Double(margin) + (cell - line.width) / 2, Double(tall))
        pango_cairo_show_layout_line(canvas.context, pango_layout_get_line_readonly(line.layout, 0))
        let made = Self.trimmed(
            Glyph(width: canvas.width, rows: canvas.height, left: margin, baseline: tall, ink: canvas.resin()))
        glyphs[character] = made
        return made
    }

    /// The rows and columns that have ink.
    private static func trimmed(_ glyph: Glyph) -> Glyph {
        let inked = glyph.ink.indices.filter { glyph.ink[$0] != 0 }
        let columns = inked.map { $0 % glyph.width }
        guard let first = inked.first, let last = inked.last, let left = columns.min(), let right = columns.max() else {
            return Glyph(width: 0, rows: 0, left: 0, baseline: 0, ink: [])
        }
        let rows = first / glyph.width...last / glyph.width
        return Glyph(
            width: right - left + 1, rows: rows.count, left: glyph.left - left,
            baseline: glyph.baseline - rows.lowerBound,
            ink: rows.flatMap { glyph.ink[$0 * glyph.width + left...$0 * glyph.width + right] })
    }
}
