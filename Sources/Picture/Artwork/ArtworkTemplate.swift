public import Ground
public import Stations

/// The artwork of a product, read from one SVG a side (`profiles/<product>/artwork/front.svg`, `back.svg`): the
/// pre-printed `stock`, the places of the `personal` fields, and where there are such, the `uv` art and the holes of the
/// varnish (`overlay-mask`).
///
/// Drawings are in millimetres: `width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98"` (a passport's page 125 by 88).
/// Only plain shapes, text and gradients are allowed; scripts, pictures, filters, style sheets and references out of the
/// file are refused.
public struct ArtworkTemplate: Sendable {
    struct Side: Sendable {
        let side: CardSide
        let stock: LayerDrawing
        let uv: LayerDrawing?
        let mask: LayerDrawing?
        let hasContacts: Bool
        let placeholders: [Placeholder]
        let file: String
    }

    /// A drawing and the name that errors give it.
    public struct Drawing: Sendable {
        public let side: CardSide
        public let file: String
        public let svg: Bytes

        public init(side: CardSide, file: String, svg: Bytes) {
            self.side = side
            self.file = file
            self.svg = svg
        }
    }

    public let format: DocumentFormat
    public let ribbon: Ribbon
    let sides: [Side]

    /// The fields that the template draws, in drawing order.
    public var fieldNames: [String] { sides.flatMap { $0.placeholders.map(\.name) } }
    public var needsSeal: Bool { sides.contains { $0.placeholders.contains { $0.kind == .vds } } }

    /// The pre-printed layer of each side, drawn anew by librsvg. Throws `artwork.template.render`.
    public func stockPictures(_ raster: CardRaster) throws(SakkError) -> [CardSide: Picture] {
        var pictures: [CardSide: Picture] = [:]
        for side in sides { pictures[side.side] = try side.stock.picture(raster, source: side.file) }
        return pictures
    }

    /// Reads the drawings (`back` is empty for a data page) and `fonts.sha256` beside the front, and checks them: shapes,
    /// fields, fonts and their hashes, the document's edge, codes, contacts, the machine readable zone.
    /// Errors name file, line, element and reason: `artwork.template.file`, `.xml`, `.root`, `.element`, `.reference`,
    /// `.size`, `.loop`, `.field`, `.panel`, `artwork.field.overlap`, `.contacts`, `artwork.mrz.grid`,
    /// `artwork.code.size`, `artwork.font.missing`, `.unpinned`, `.other`.
    public static func load(
        front: String, back: String, format: DocumentFormat = .td1, ribbon: String = "ymckok"
    ) throws(SakkError) -> ArtworkTemplate {
        let result = examine(front: front, back: back, format: format, ribbon: ribbon)
        guard let template = result.template else { throw result.problems[0] }
        return template
    }

    /// The same, with everything that is wrong. A template comes back only without problems.
    public static func examine(
        front: String, back: String, format: DocumentFormat, ribbon: String
    ) -> (template: ArtworkTemplate?, problems: [SakkError]) {
        var drawings: [Drawing] = []
        var problems: [SakkError] = []
        for (side, path) in [(CardSide.front, front), (.back, back)] where format.sides.contains(side) {
            do throws(SakkError) {
                drawings.append(Drawing(side: side, file: path, svg: try TemplateFile.read(path)))
            } catch {
                problems.append(error)
            }
        }
        var pins: FontPins?
        let folder = front.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        do throws(SakkError) {
            pins = try FontPins(path: (folder.isEmpty ? "" : folder + "/") + FontPins.fileName)
        } catch {
            problems.append(error)
        }
        let result = examine(drawings, format: format, ribbon: ribbon, pins: pins)
        problems += result.problems
        return problems.isEmpty ? (result.template, []) : (nil, problems)
    }

    /// The same from drawings in memory. Fonts are pinned when `fontHashes` (text of a `fonts.sha256`) is given.
    public static func load(
        _ drawings: [Drawing], format: DocumentFormat = .td1, ribbon: String = "ymckok", fontHashes: String? = nil
    ) throws(SakkError) -> ArtworkTemplate {
        let pins = try fontHashes.map { (text) throws(SakkError) in try FontPins(text: text, file: FontPins.fileName) }
        let result = examine(drawings, format: format, ribbon: ribbon, pins: pins)
        guard let template = result.template else { throw result.problems[0] }
        return template
    }

    /// The lines of a `fonts.sha256` for the fonts that the drawings name, as they are on this machine.
    public static func fontHashes(_ drawings: [Drawing]) throws(SakkError) -> String {
        var lines: Set<String> = []
        for drawing in drawings {
            for face in try FontFaces.of(try XMLReader.read(drawing.svg, file: drawing.file)) {
                try Fonts.require(face.family, file: drawing.file, line: 0, element: "fonts")
                guard let font = Fonts.file(of: face) else { continue }
                lines.insert("\(font.sha256)  \(font.name)\n")
            }
        }
        return lines.sorted { $0.dropFirst(66) < $1.dropFirst(66) }.joined()
    }

    static func examine(
        _ drawings: [Drawing], format: DocumentFormat = .td1, ribbon name: String = "ymckok", pins: FontPins? = nil
    ) -> (template: ArtworkTemplate?, problems: [SakkError]) {
        guard let ribbon = Ribbon(name) else {
            let problem = SakkError(
                "artwork.ribbon.unknown", source: "profile", subject: name,
                text: "The ribbon is not made of the panels y m c k o u p, and is not laser.",
                remedy: "Name the ribbon by its panels in order, for example ymckok.")
            return (nil, [problem])
        }
        var sides: [Side] = []
        var problems: [SakkError] = []
        var seen: Set<String> = []
        for drawing in drawings {
            let result = TemplateLoader(
                file: drawing.file, bytes: drawing.svg, side: drawing.side, format: format, ribbon: ribbon, pins: pins
            ).load()
            problems += result.problems
            guard let side = result.side else { continue }
            sides.append(side)
            for place in side.placeholders where !seen.insert(place.name).inserted {
                problems.append(
                    .template(
                        "artwork.template.field", file: drawing.file, line: place.line, element: place.name,
                        "the field is placed twice"))
            }
        }
        guard problems.isEmpty, sides.count == drawings.count else { return (nil, problems) }
        return (ArtworkTemplate(format: format, ribbon: ribbon, sides: sides), [])
    }

    private init(format: DocumentFormat, ribbon: Ribbon, sides: [Side]) {
        self.format = format
        self.ribbon = ribbon
        self.sides = sides
    }
}
