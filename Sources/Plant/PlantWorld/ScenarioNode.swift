import Ground
import Yams

/// A place in a scenario.
struct ScenarioNode {
    private let mapping: Node.Mapping
    private let path: String
    private let name: String

    init(_ mapping: Node.Mapping, path: String, name: String) {
        self.mapping = mapping
        self.path = path
        self.name = name
    }

    private func place(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    func allow(_ keys: [String]) throws(SakkError) {
        for (key, _) in mapping {
            let text = key.string ?? "?"
            guard keys.contains(text) else {
                throw Scenario.fault(path, "line \(key.mark?.line ?? 0): `\(place(text))` is not known here")
            }
        }
    }

    func optionalText(_ key: String) throws(SakkError) -> String? {
        guard let node = mapping[key] else { return nil }
        guard let text = node.scalar?.string else { throw Scenario.fault(path, "`\(place(key))` must be a value") }
        return text
    }

    func text(_ key: String) throws(SakkError) -> String {
        guard let text = try optionalText(key) else { throw Scenario.fault(path, "`\(place(key))` is missing") }
        return text
    }

    func optionalInteger(_ key: String) throws(SakkError) -> Int? {
        guard let text = try optionalText(key) else { return nil }
        guard let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text), number >= 0 else {
            throw Scenario.fault(path, "`\(place(key))` must be a whole number")
        }
        return number
    }

    func truth(_ key: String) throws(SakkError) -> Bool {
        switch try text(key) {
        case "true": return true
        case "false": return false
        default: throw Scenario.fault(path, "`\(place(key))` must be true or false")
        }
    }

    func integer(_ key: String, atMost limit: Int = Int(UInt32.max)) throws(SakkError) -> Int {
        guard let number = try optionalInteger(key) else { throw Scenario.fault(path, "`\(place(key))` is missing") }
        guard number <= limit else { throw Scenario.fault(path, "`\(place(key))` must be at most \(limit)") }
        return number
    }

    func node(_ key: String) throws(SakkError) -> ScenarioNode {
        guard let inner = mapping[key]?.mapping else { throw Scenario.fault(path, "`\(place(key))` is missing") }
        return ScenarioNode(inner, path: path, name: place(key))
    }

    func list(_ key: String) throws(SakkError) -> [ScenarioNode] {
        guard let node = mapping[key] else { return [] }
        guard let sequence = node.sequence else { throw Scenario.fault(path, "`\(place(key))` must be a list") }
        var entries: [ScenarioNode] = []
        for element in sequence {
            guard let inner = element.mapping else { throw Scenario.fault(path, "`\(place(key))` must list mappings") }
            entries.append(ScenarioNode(inner, path: path, name: place(key)))
        }
        return entries
    }
}
