internal import CPangoCairo
internal import Ground
internal import Stations

/// Sets the machine readable zone: one OCR-B glyph in each cell of 2.54 mm (30 pixels at 300 dpi).
struct MRZPainter {
    let raster: CardRaster

    /// Throws `artwork.mrz.shape` when the zone is not three lines of thirty characters A-Z, 0-9 and `<`.
    func draw(_ lines: [String], in place: Placeholder, on canvas: Canvas) throws(SakkError) {
        let isZone =
            lines.count == MRZGrid.lines
            && lines.allSatisfy { line in
                line.utf8.count == MRZGrid.characters && line.utf8.allSatisfy { MRZGrid.alphabet.contains($0) }
            }
        guard isZone else {
            throw .field(
                "artwork.mrz.shape", place.name, "The machine readable zone is not three lines of thirty characters.",
                remedy: "Report the record: the zone is made by the plant and must be whole.")
        }
        let pango = Pango()
        let cell = MRZGrid.cellMM * raster.pixelsPerMM
        let probe = pango.line("H", family: place.font, bold: false, sizePixels: 1000, direction: .ltr)
        let size = 1000 * cell / probe.width
        let capital = -probe.ink.y * size / 1000
        for (row, line) in lines.enumerated() {
            let centre = place.rect.y + MRZGrid.pitchMM * (Double(row) + 0.5)
            for (column, character) in line.enumerated() {
                let corner = raster.mmToPixel(x: place.rect.x + MRZGrid.cellMM * Double(column), y: centre)
                let glyph = pango.line(
                    String(character), family: place.font, bold: false, sizePixels: size, direction: .ltr)
                guard glyph.unknownGlyphs == 0 else {
                    throw .field(
                        "artwork.glyph.missing", place.name, "The font \(place.font) lacks a character of the zone.",
                        remedy: "Install the Debian package fonts-ocr-b.")
                }
                cairo_move_to(
                    canvas.context, corner.x.rounded() + (cell - glyph.width) / 2, (corner.y + capital / 2).rounded())
                pango_cairo_show_layout_line(canvas.context, pango_layout_get_line_readonly(glyph.layout, 0))
            }
        }
    }
}
