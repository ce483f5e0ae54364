internal import Ground
internal import Stations

/// What stands in the machine readable zone, read cell by cell without knowing what should (ICAO Doc 9303-4 and 9303-5:
/// ten characters an inch; the field's rectangle gives the grid).
struct ZoneReading {
    /// As read; a cell that shows no character of the alphabet is a space.
    var seen: [String] = []
    var wrong: [RectMM] = []
    var unsure: [RectMM] = []
    var weakest = 1.0
    var narrowest = 1.0
    /// Share of the cells in which a character of OCR-B stands.
    var legible: Double { cells > 0 ? Double(known) / Double(cells) : 0 }
    private var known = 0
    private var cells = 0

    init(
        view: CardView, place: RectMM, expected: [String], plan: InspectionPlan
    ) throws(SakkError) {
        let atlas = GlyphAtlas.standard
        guard atlas.isUsable else {
            throw SakkError(
                "inspection.font.missing", source: "inspection", text: "The font OCR B cannot be used.",
                remedy: "Install the Debian package fonts-ocr-b.")
        }
        let zone = view.raster.zone
        let (pitch, cell) = (place.height / Double(zone.lines), place.width / Double(zone.characters))
        for row in 0..<zone.lines {
            let line = Array(row < expected.count ? expected[row] : "")
            var read = ""
            for column in 0..<zone.characters {
                let (left, top) = (place.x + Double(column) * cell, place.y + Double(row) * pitch)
                let wanted = column < line.count ? atlas.index(of: line[column]) : -1
                let glyph = try view.glyph(atlas, x: left + cell / 2, y: top + pitch / 2, expected: wanted)
                let box = RectMM(x: left, y: top, width: cell, height: pitch)
                let legible = glyph.best >= 0 && glyph.score >= plan.glyph
                cells += 1
                if legible, glyph.score > 0.7 { known += 1 }
                read.append(legible ? atlas.classes[glyph.best] : " ")
                if !legible || (glyph.best != wanted && glyph.score - glyph.expected < plan.glyphLead) {
                    unsure.append(box)
                } else if glyph.best != wanted {
                    wrong.append(box)
                } else if glyph.score - glyph.next < plan.glyphMargin {
                    unsure.append(box)
                }
                weakest = min(weakest, glyph.score)
                narrowest = min(narrowest, glyph.score - glyph.next)
            }
            seen.append(read)
        }
        if seen.allSatisfy({ $0.allSatisfy { $0 == " " } }) { seen = [] }
    }
}
