public import Ground

/// Limits of a product's inspection: `profiles/<product>/inspection.yaml`, in thousandths of the unit that each name
/// states. Which names exist is for the inspection to say.
public struct InspectionLimits: Sendable {
    public let thousandths: [String: Int64]

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        let limits = try root.node("limits")
        var values: [String: Int64] = [:]
        for name in limits.keys() { values[name] = Int64(try limits.integer(name, in: 0...1_000_000_000)) }
        try root.finish()
        thousandths = values
    }
}
