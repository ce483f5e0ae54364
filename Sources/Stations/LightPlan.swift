/// By which light each check of the inspection sees, in one cell: what the product's plan asks for and the cell has.
public struct LightPlan: Sendable, Hashable {
    /// The machine readable zone: read by white light, and by this one too where it is another.
    public var zone = CardLight.white
    /// The fluorescent panel; nil: it is not looked at.
    public var fluorescence: CardLight?
    /// Scratches and wrinkles that have no colour; nil: only those that white light shows.
    public var surface: CardLight?

    public init() {}

    /// Lights that a side is photographed by: white, then those that a check of something on this side sees by.
    public func lights(of side: CardSide, in document: RenderedDocument) -> [CardLight] {
        var lights: [CardLight] = [.white]
        func add(_ light: CardLight?) {
            if let light, !lights.contains(light) { lights.append(light) }
        }
        if document.fields.contains(where: { $0.side == side && $0.kind == .mrz }) { add(zone) }
        if document.panels.contains(where: { $0.side == side && $0.panel == .fluorescent }) { add(fluorescence) }
        add(surface)
        return lights
    }
}
