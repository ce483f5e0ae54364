public import Stations

/// How a worker judges: what `CardInspector` is made with. Sent once, when the worker is started.
public struct PictureSettings: Sendable, Hashable {
    /// Of the product's `inspection.yaml`, by name.
    public var limits: [String: Int64]
    /// A picture of each card, of good ones too, with what was found drawn on it.
    public var keepsGoodCards: Bool
    /// Each side as it was seen comes with the result.
    public var keepsSeen: Bool
    /// What a reason is called, by code: Arabic, Sorani, English.
    public var labels: [String: [String]]
    /// By which lamps each card is seen.
    public var lights: LightPlan

    public init(
        limits: [String: Int64] = [:], keepsGoodCards: Bool = false, keepsSeen: Bool = false,
        labels: [String: [String]] = [:], lights: LightPlan = LightPlan()
    ) {
        self.lights = lights
        self.limits = limits
        self.keepsGoodCards = keepsGoodCards
        self.keepsSeen = keepsSeen
        self.labels = labels
    }
}

extension PictureSettings {
    func write(_ wire: inout WireWriter) {
        wire.put(limits.sorted { $0.key < $1.key }) { (wire, limit) in
            wire.put(limit.key)
            wire.put(limit.value)
        }
        wire.put(keepsGoodCards)
        wire.put(keepsSeen)
        wire.put(labels.sorted { $0.key < $1.key }) { (wire, label) in
            wire.put(label.key)
            wire.put(label.value) { (wire, text) in wire.put(text) }
        }
        for light in [lights.zone, lights.fluorescence, lights.surface] { wire.put(light?.rawValue ?? "") }
    }

    init(_ wire: inout WireReader) throws(WireFault) {
        self.init()
        for _ in 0..<(try wire.count(atMost: 1000)) { limits[try wire.text()] = try wire.integer() }
        keepsGoodCards = try wire.flag()
        keepsSeen = try wire.flag()
        for _ in 0..<(try wire.count(atMost: 1000)) {
            let code = try wire.text()
            labels[code] = try wire.list(atMost: 10) { (wire) throws(WireFault) in try wire.text() }
        }
        lights.zone = try wire.word(CardLight.self)
        lights.fluorescence = CardLight(rawValue: try wire.text(atMost: 100))
        lights.surface = CardLight(rawValue: try wire.text(atMost: 100))
    }
}
