internal import Ground
internal import Stations

/// What a side must show: its artwork, and what is known of it from elsewhere.
struct SideSubject {
    let side: CardSide
    let raster: SideRaster
    /// RGB of the raster.
    let artwork: Bytes
    let fields: [FieldPlace]
    /// Fields that say nothing on this document.
    let silent: Set<String>
    /// Dyes are printed on it: a grey picture shows too little.
    let hasColour: Bool
    /// Nil when nobody signed it: the artwork's own reading stands for it.
    let mrz: [String]?
    /// What the codes must carry, by field; where it is not known, the artwork's own reading stands for it.
    let codes: [String: Bytes]
    /// The approved one.
    let portrait: Picture?
    /// Artwork of the document's other sides, which must not explain the picture better.
    let others: [Bytes]
    /// The artwork is a picture from outside, of which no panels are known: the whole side's colours are compared with it.
    var isReference = false
    /// Signed texts, by field.
    var texts: [String: String] = [:]
    /// What verifies them on the artwork.
    var writing = SignedWriting(limit: InspectionPlan.standard.signedPart)
    /// The signed texts drawn a second time on this raster, and the fields that were.
    var signed: (picture: Bytes, names: Set<String>)?

}

extension SideSubject {
    /// A side of a card of the line.
    init(_ rendered: RenderedSide, raster: SideRaster, request: InspectionRequest) {
        let fields = request.rendered.fields.filter { $0.side == rendered.side }
        var codes: [String: Bytes] = [:]
        for field in fields where field.kind.isCode {
            codes[field.name] = field.kind == .vds ? Bytes(hex: field.text) ?? [] : Bytes(field.text.utf8)
        }
        self.init(
            side: rendered.side, raster: raster, artwork: rendered.picture.rgb, fields: fields,
            silent: Set(
                fields.filter { $0.kind.hasText && $0.text.allSatisfy(\.isWhitespace) }.map(\.name)),
            hasColour: request.rendered.panels.contains {
                $0.side == rendered.side && [.yellow, .magenta, .cyan].contains($0.panel)
            }, mrz: request.mrz, codes: codes, portrait: request.portrait,
            others: request.rendered.sides.filter { $0.side != rendered.side }.map(\.picture.rgb))
    }
}

extension FieldKind {
    var isCode: Bool { [.qr, .code39, .pdf417, .datamatrix, .vds].contains(self) }
    /// Says something in characters, on the card in black.
    var hasText: Bool { self == .text || self == .mrz || isCode }
}
