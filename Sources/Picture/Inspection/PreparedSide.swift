internal import Ground
internal import Stations

/// What can be said of a side before the document is seen: its artwork held against what is signed. Confined to one
/// inspection, and as personal as the artwork is.
final class PreparedSide {
    let subject: SideSubject
    /// How light the artwork is.
    let light: ReferenceLight
    /// What stands in the artwork's zone; nil where nothing is to be read.
    let zone: ZoneReading?
    /// What was found on the artwork alone.
    let said: SideInspection
    /// The artwork as a view of itself, with the layers of its fields.
    let drawn: CardView
    /// What the artwork's codes carry, where nobody signed it.
    private let codes: [String: Bytes?]

    init(_ subject: SideSubject, plan: InspectionPlan) throws(SakkError) {
        self.subject = subject
        light = subject.isReference ? ReferenceLight(subject.artwork) : ReferenceLight()
        drawn = try CardView.open(artwork: subject.artwork, raster: subject.raster)
        try drawn.layer(subject.fields)
        var said = SideInspection(subject, plan: plan)
        var zone: ZoneReading?
        if let field = subject.fields.first(where: { $0.kind == .mrz }), subject.mrz != nil || !said.isEmpty(field) {
            zone = try ZoneReading(view: drawn, place: field.rect, expected: subject.mrz ?? [], plan: plan)
        }
        self.zone = zone
        try said.checkArtwork(drawn, zone: zone)
        self.said = said
        var codes: [String: Bytes?] = [:]
        for field in subject.fields {
            guard field.kind.isCode, !said.isEmpty(field), subject.codes[field.name] == nil else { continue }
            codes[field.name] = .some(try drawn.code(field.rect, field.kind))
        }
        self.codes = codes
    }

    /// What a code of the artwork carries; nil where it cannot be read.
    func code(_ field: FieldPlace) throws(SakkError) -> Bytes? {
        if let read = codes[field.name] { return read }
        return try drawn.code(field.rect, field.kind)
    }
}
