public import Ground
public import Stations

/// The artwork of a product, read from one SVG a side (`profiles/<product>/artwork/front.svg`, `back.svg`): the
/// pre-printed `stock`, and the places of the `personal` fields.
///
/// Drawings are in millimetres: `width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98"`. Only plain shapes, text and
/// gradients are allowed; scripts, pictures, filters, style sheets and references out of the file are refused.
public struct ArtworkTemplate: Sendable {
    struct Side: Sendable {
        let side: CardSide
        /// The drawing without its `personal` group, with the view box of the whole raster (over the card's edge).
        let stock: Bytes
        let placeholders: [Placeholder]
    }

    let sides: [Side]

    /// The fields that the template draws, in drawing order.
    public var fieldNames: [String] { sides.flatMap { $0.placeholders.map(\.name) } }

    /// Reads both sides and checks them: shapes, fields, fonts, the card's edge, the machine readable zone.
    /// Errors name file, line, element and reason: `artwork.template.file`, `.xml`, `.root`, `.element`, `.reference`,
    /// `.size`, `.field`, `artwork.mrz.grid`, `artwork.font.missing`.
    public static func load(front: String, back: String) throws(SakkError) -> ArtworkTemplate {
        var sides: [Side] = []
        for (side, path) in [(CardSide.front, front), (.back, back)] {
            sides.append(try TemplateLoader(file: path, bytes: try TemplateFile.read(path), side: side).load())
        }
        return try ArtworkTemplate(sides: sides)
    }

    /// The same from drawings in memory; `front` and `back` stand for the files in errors.
    public static func load(frontSVG: Bytes, backSVG: Bytes) throws(SakkError) -> ArtworkTemplate {
        try ArtworkTemplate(sides: [
            try TemplateLoader(file: "front.svg", bytes: frontSVG, side: .front).load(),
            try TemplateLoader(file: "back.svg", bytes: backSVG, side: .back).load(),
        ])
    }

    private init(sides: [Side]) throws(SakkError) {
        self.sides = sides
        var seen: Set<String> = []
        for name in sides.flatMap({ $0.placeholders.map(\.name) }) where !seen.insert(name).inserted {
            throw .template(
                "artwork.template.field", file: "template", line: 0, element: name, "the field is placed twice")
        }
    }
}
