internal import CPangoCairo
internal import CTextLock
internal import Ground
internal import Stations

/// Sets one line of text with Pango into a field. Each field is a paragraph of its own with a forced base direction, so
/// nothing beside it can reorder it; hinting is off and metrics are not rounded, so widths scale with the size; another
/// font is never taken for a missing glyph.
struct TextPainter {
    let raster: CardRaster
    let pango: Pango

    /// Shrinking goes in steps of a tenth of a point.
    private static let step = 0.1
    /// Format characters that could turn a text around or hide a part of it. ZWNJ and ZWJ are spelling, not format.
    private static let refused: Set<UInt32> = Set<UInt32>(0x202A...0x202E).union(0x2066...0x2069).union([
        0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF,
    ])

    /// Throws `artwork.text.control`, `artwork.glyph.missing` or `artwork.text.overflow`; the subject is the field.
    func draw(_ text: String, in place: Placeholder, on canvas: Canvas) throws(SakkError) {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard !text.isEmpty else { return }
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && !Self.refused.contains($0.value)
        }
        guard isPlain else {
            throw .field(
                "artwork.text.control", place.name, "The text holds a control or direction character.",
                remedy: "Send the record back to the authority: it must be delivered without.")
        }
        let rect = raster.mmToPixel(place.rect)
        let steps = Int(((place.size - place.minimumSize) / Self.step).rounded(.up))
        var step = 0
        while true {
            let line = try line(text, in: place, step: step)
            let spot = position(of: line, in: rect, place: place)
            if fits(line, at: spot, in: rect) {
                cairo_save(canvas.context)
                cairo_set_source_rgba(canvas.context, 0, 0, 0, 1)
                cairo_move_to(canvas.context, spot.x, spot.baseline)
                pango_cairo_show_layout_line(canvas.context, pango_layout_get_line_readonly(line.layout, 0))
                cairo_restore(canvas.context)
                return
            }
            guard step < steps else {
                throw .field(
                    "artwork.text.overflow", place.name,
                    "The text does not fit the field at its smallest size.",
                    remedy: "Hold the record: the operator asks the authority for an approved shorter form.")
            }
            step = min(max(step + 1, first(after: step, line, in: rect, place: place)), steps)
        }
    }

    private func size(_ place: Placeholder, step: Int) -> Double {
        max(place.size - Double(step) * Self.step, place.minimumSize)
    }

    private func line(_ text: String, in place: Placeholder, step: Int) throws(SakkError) -> Pango.Line {
        let line = pango.line(
            text, family: place.font, bold: place.weight == .bold,
            sizePixels: pixels(points: size(place, step: step)), direction: place.direction)
        guard line.unknownGlyphs == 0 else {
            throw .field(
                "artwork.glyph.missing", place.name, "The font \(place.font) lacks a character of the text.",
                remedy: "Ask the authority for the text in this script, or change the field's font.")
        }
        return line
    }

    /// A step that is surely not beyond the first one that fits: widths scale with the size, so what is one part in a
    /// hundred too wide even then need not be tried.
    private func first(after step: Int, _ line: Pango.Line, in rect: RectMM, place: Placeholder) -> Int {
        guard line.width > rect.width else { return step + 1 }
        let wanted = size(place, step: step) * (rect.width / line.width) * 1.01
        return Int(((place.size - wanted) / Self.step).rounded(.down))
    }

    private func pixels(points: Double) -> Double { points * raster.dpi / 72 }

    private func position(
        of line: Pango.Line, in rect: RectMM, place: Placeholder
    ) -> (x: Double, baseline: Double) {
        var x =
            switch place.align {
            case .left: rect.x
            case .center: rect.x + (rect.width - line.width) / 2
            case .right: rect.x + rect.width - line.width
            }
        // A J at the start or a swash at the end reaches over its advance: the ink stays in the field.
        x += max(rect.x - (x + line.ink.x), 0)
        x -= max(x + line.ink.x + line.ink.width - (rect.x + rect.width), 0)
        let middle = rect.y + (rect.height + line.ascent - line.descent) / 2
        return (x, place.baseline.map { rect.y + $0 * raster.pixelsPerMM } ?? middle)
    }

    /// Whether the ink lies in the rectangle and the advance is no wider than it (half a pixel is rounding).
    private func fits(_ line: Pango.Line, at spot: (x: Double, baseline: Double), in rect: RectMM) -> Bool {
        line.width <= rect.width + 0.5
            && spot.x + line.ink.x >= rect.x - 0.5
            && spot.x + line.ink.x + line.ink.width <= rect.x + rect.width + 0.5
            && spot.baseline + line.ink.y >= rect.y - 0.5
            && spot.baseline + line.ink.y + line.ink.height <= rect.y + rect.height + 0.5
    }
}
