public import Ground

/// How a field of the artwork is drawn. `vds` is the visible digital seal of ICAO Doc 9303-13, drawn as Data Matrix.
public enum FieldKind: String, Sendable, Hashable, CaseIterable {
    case text, mrz, portrait, ghost, signature, qr, code39, pdf417, datamatrix, vds
}

/// A named field on a side, with what it must say.
public struct FieldPlace: Sendable, Hashable {
    public let name: String
    public let kind: FieldKind
    public let side: CardSide
    public let rect: RectMM
    /// Text as drawn (`mrz`: lines joined by newline; codes: payload; `vds`: the seal in upper-case hex); empty for images.
    public let text: String

    public init(name: String, kind: FieldKind, side: CardSide, rect: RectMM, text: String) {
        self.name = name
        self.kind = kind
        self.side = side
        self.rect = rect
        self.text = text
    }
}

/// A picture in memory: RGB, three bytes a pixel, rows from the top left, no padding.
public struct Picture: Sendable {
    public let width: Int
    public let height: Int
    public let rgb: Bytes

    public init(width: Int, height: Int, rgb: Bytes) {
        precondition(rgb.count == width * height * 3, "three bytes a pixel")
        self.width = width
        self.height = height
        self.rgb = rgb
    }
}

/// One side as it must look: pre-printed stock and personal layer together.
public struct RenderedSide: Sendable {
    public let side: CardSide
    /// A card at 300 dpi: 1016 by 648 pixels, the card with its bleed, centred.
    public let picture: Picture
    public init(side: CardSide, picture: Picture) {
        self.side = side
        self.picture = picture
    }
}

public struct RenderedDocument: Sendable {
    public let sides: [RenderedSide]
    public let panels: [PanelRaster]
    public let fields: [FieldPlace]
    public let ribbon: String
    public let dpi: Double

    public init(sides: [RenderedSide], panels: [PanelRaster], fields: [FieldPlace], ribbon: String, dpi: Double) {
        self.sides = sides
        self.panels = panels
        self.fields = fields
        self.ribbon = ribbon
        self.dpi = dpi
    }
}

/// Draws a record's document. Pure: the same record gives the same bytes.
public protocol ArtworkStation: Sendable {
    /// Throws `artwork.text.overflow` (field name in `subject`, never its content) when a text does not fit at the
    /// smallest allowed size, `artwork.glyph.missing`, `artwork.font.missing`.
    func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument
}

/// Pixels may show a person: they never reach a log by accident.
extension Picture: CustomStringConvertible, CustomReflectable {
    public var description: String { "picture \(width)x\(height)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
