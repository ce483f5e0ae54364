public import Ground
public import Stations

/// Limits of a product's inspection: `profiles/<product>/inspection.yaml`, in thousandths of the unit that each name
/// states. Which names exist is for the inspection to say.
public struct InspectionLimits: Sendable {
    public let thousandths: [String: Int64]
    /// Checks that see by a lamp of their choice, each with its lamps, the best first; nil: none is needed.
    private let wanted: [String: [CardLight?]]
    private let path: String

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        let limits = try root.node("limits")
        var values: [String: Int64] = [:]
        for name in limits.keys() { values[name] = Int64(try limits.integer(name, in: 0...1_000_000_000)) }
        var wanted: [String: [CardLight?]] = [:]
        if root.has("lights") {
            let lights = try root.node("lights")
            for check in ["mrz", "fluorescent_panel", "surface"] where lights.has(check) {
                var lamps: [CardLight?] = []
                for word in try lights.requiredStrings(check) {
                    let lamp = CardLight(rawValue: word)
                    guard lamp != nil || (word == "none" && check != "mrz") else {
                        let known = CardLight.allCases.map(\.rawValue).joined(separator: ", ")
                        throw lights.error(check, "names '\(word)'; known are \(known)")
                    }
                    lamps.append(lamp)
                }
                wanted[check] = lamps
            }
        }
        try root.finish()
        (thousandths, self.wanted, self.path) = (values, wanted, path)
    }

    /// The plan's lamps as the file has them; empty without any.
    public var lightsText: String {
        guard !wanted.isEmpty else { return "" }
        let lines = wanted.sorted { $0.key < $1.key }.map { check, lamps in
            "  \(check): [\(lamps.map { $0?.rawValue ?? "none" }.joined(separator: ", "))]\n"
        }
        return "lights:\n" + lines.joined()
    }

    /// The lamps of the plan that a cell has. Errors: `config.light` for a check that has none of its lamps.
    public func lights(of camera: CameraModel, in cell: CellID) throws(SakkError) -> LightPlan {
        func choice(_ check: String, otherwise: CardLight?) throws(SakkError) -> CardLight? {
            guard let lamps = wanted[check] else { return otherwise }
            guard let lamp = lamps.first(where: { $0.map { camera.lights.contains($0) } ?? true }) else {
                throw SakkError(
                    "config.light", source: path, subject: cell.rawValue,
                    text: "The check \(check) sees by \(lamps.compactMap { $0?.rawValue }.joined(separator: " or ")), "
                        + "and this cell's camera has no such lamp.",
                    remedy: "Name the lamp under `lights` in the camera's model file, or another one in the plan.")
            }
            return lamp
        }
        var plan = LightPlan()
        plan.zone = try choice("mrz", otherwise: .white) ?? .white
        plan.fluorescence = try choice("fluorescent_panel", otherwise: nil)
        plan.surface = try choice("surface", otherwise: nil)
        return plan
    }
}
