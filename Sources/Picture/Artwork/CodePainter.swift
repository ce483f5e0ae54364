internal import Ground
internal import Stations

/// Draws a code with a whole number of printer dots a module and its quiet zone, in the middle of its field.
struct CodePainter {
    let raster: CardRaster

    private struct Fit {
        let matrix: CodeMatrix
        /// Dots of a module across and of a row down.
        let across: Int
        let down: Int
    }

    /// Sets the dark modules in `panel` to 255. Throws `artwork.code.size` when too few dots a module fit, and
    /// `artwork.code.content` when the symbology cannot carry the payload.
    func draw(_ payload: Bytes, in place: Placeholder, on panel: inout Bytes) throws(SakkError) {
        let fit = try fit(payload, in: place)
        let rect = raster.mmToPixel(place.rect)
        let (width, height) = (fit.matrix.width * fit.across, fit.matrix.rows * fit.down)
        let left = Int((rect.x + (rect.width - Double(width)) / 2).rounded())
        let top = Int((rect.y + (rect.height - Double(height)) / 2).rounded())
        for row in 0..<fit.matrix.rows {
            for column in 0..<fit.matrix.width where fit.matrix.dark[row * fit.matrix.width + column] {
                for y in 0..<fit.down {
                    let start = (top + row * fit.down + y) * raster.width + left + column * fit.across
                    for x in start..<start + fit.across { panel[x] = 255 }
                }
            }
        }
    }

    /// Whether a payload of this length can be drawn in the field at all: what a template is checked with.
    func check(_ payload: Bytes, in place: Placeholder) throws(SakkError) { _ = try fit(payload, in: place) }

    /// The shape with the largest modules; of equal ones the one with the tallest rows.
    private func fit(_ payload: Bytes, in place: Placeholder) throws(SakkError) -> Fit {
        let shapes = CodeMatrix.shapes(place.kind, payload)
        guard !shapes.isEmpty else {
            throw .field(
                "artwork.code.content", place.name, "The code cannot carry its value.",
                remedy: "Choose another value or another kind of code in the template.")
        }
        let rules = CodeMatrix.rules(place.kind)
        let rect = raster.mmToPixel(place.rect)
        let least = rules.minimumDots * max(Int(raster.dpi / 300), 1)
        var best: Fit?
        for shape in shapes {
            let across = Int(rect.width) / (shape.width + 2 * rules.quietAcross)
            let down =
                switch rules.rowHeight {
                case 0: Int(rect.height)
                case 1: min(across, Int(rect.height) / (shape.rows + 2 * rules.quietDown))
                default: (Int(rect.height) - 2 * rules.quietDown * across) / shape.rows
                }
            let module = rules.rowHeight == 1 ? down : across
            guard module >= least, down >= module * rules.rowHeight else { continue }
            if let known = best, (known.across, known.down) >= (module, down) { continue }
            best = Fit(matrix: shape, across: module, down: down)
        }
        guard let best else {
            throw .field(
                "artwork.code.size", place.name,
                "Fewer than \(least) dots a module fit the field with its quiet zone.",
                remedy: "Make the field larger in the template.")
        }
        return best
    }
}
