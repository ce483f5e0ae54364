public import Ground
import Yams

/// What a world starts with and what goes wrong in it: a YAML file, read strictly (an unknown key is an error).
public struct Scenario: Sendable {
    public struct Blanks: Sendable {
        public var count: Int
        public var stock: String
        public var batch: UInt16
        public var firstSerial: UInt32
        /// The maker's master key of the chips, 16 bytes.
        public var masterKey: Bytes
        public var keyVersion: UInt8
    }

    public struct Printer: Sendable {
        public var model: String
        public var serial: String
        public var firmware: String
        public var ribbon: String
        public var ribbonCards: Int
        public var moveMS: Int
        /// From the hopper to a station: longer than pcscd takes to see that the card before has gone.
        public var feedMS: Int
        public var panelMS: Int
        /// Whether it ejects what is inside, by the good exit, when power comes back.
        public var ejectsOnPowerUp: Bool
    }

    public struct Camera: Sendable {
        public var address: String
    }

    /// Something that goes wrong with the n-th card that is fed (1 is the first).
    public struct Fault: Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            /// Its chip does not answer.
            case muteChip = "mute_chip"
            /// One ribbon panel lays nothing.
            case missingPanel = "missing_panel"
            /// Somebody put a card of another maker among the blanks.
            case foreignCard = "foreign_card"
            /// On its way to the print station somebody exchanges it for the topmost card of the reject box (the next
            /// blank when that is empty), and lays it there.
            case swappedCard = "swapped_card"
            /// It stops on its way to the print station.
            case jam
            /// Power fails after so many panels (`after_panels`), 0: before the first; above all: before the eject.
            case powerCut = "power_cut"
            /// Somebody puts the topmost card of the reject box on top of the hopper before this feed.
            case usedCardBack = "used_card_back"
        }

        public var feed: Int
        public var kind: Kind
        public var panel: Character?
        public var afterPanels: Int?
    }

    public var seed: UInt64
    public var blanks: Blanks
    public var printer: Printer
    public var camera: Camera
    public var faults: [Fault]

    /// Throws `plant.scenario` with file, place and reason.
    public init(path: String) throws(SakkError) {
        guard let bytes = WorldFile.read(path) else {
            throw Scenario.fault(path, "the file cannot be read")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Scenario.fault(path, "it is not YAML: \(error)")
        }
        guard let mapping = node?.mapping else { throw Scenario.fault(path, "it is empty") }
        let root = ScenarioNode(mapping, path: path, name: "")
        try root.allow(["sakk", "world"])
        guard try root.integer("sakk") == 1 else { throw Scenario.fault(path, "`sakk` must be 1") }
        let world = try root.node("world")
        try world.allow(["seed", "blanks", "printer", "camera", "faults"])
        seed = UInt64(try world.integer("seed"))
        blanks = try Scenario.blanks(try world.node("blanks"), path)
        printer = try Scenario.printer(try world.node("printer"))
        let camera = try world.node("camera")
        try camera.allow(["address"])
        self.camera = Camera(address: try camera.text("address"))
        var faults: [Fault] = []
        for entry in try world.list("faults") { faults.append(try Scenario.fault(entry, path)) }
        self.faults = faults
    }

    private static func blanks(_ node: ScenarioNode, _ path: String) throws(SakkError) -> Blanks {
        try node.allow(["count", "stock", "batch", "first_serial", "master_key", "key_version"])
        guard let key = Bytes(hex: try node.text("master_key")), key.count == 16 else {
            throw fault(path, "`blanks.master_key` must be 16 bytes in hexadecimal digits")
        }
        return Blanks(
            count: try node.integer("count"), stock: try node.text("stock"),
            batch: UInt16(truncatingIfNeeded: try node.integer("batch")),
            firstSerial: UInt32(truncatingIfNeeded: try node.integer("first_serial")), masterKey: key,
            keyVersion: UInt8(truncatingIfNeeded: try node.integer("key_version")))
    }

    private static func printer(_ node: ScenarioNode) throws(SakkError) -> Printer {
        try node.allow([
            "model", "serial", "firmware", "ribbon", "ribbon_cards", "move_ms", "feed_ms", "panel_ms",
            "ejects_on_power_up",
        ])
        return Printer(
            model: try node.text("model"), serial: try node.text("serial"), firmware: try node.text("firmware"),
            ribbon: try node.text("ribbon"), ribbonCards: try node.integer("ribbon_cards"),
            moveMS: try node.integer("move_ms"), feedMS: try node.integer("feed_ms"),
            panelMS: try node.integer("panel_ms"),
            ejectsOnPowerUp: try node.text("ejects_on_power_up") == "true")
    }

    private static func fault(_ node: ScenarioNode, _ path: String) throws(SakkError) -> Fault {
        try node.allow(["at_feed", "kind", "panel", "after_panels"])
        let word = try node.text("kind")
        guard let kind = Fault.Kind(rawValue: word) else {
            let known = Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault(path, "`faults.kind` is '\(word)'; known are \(known)")
        }
        return Fault(
            feed: try node.integer("at_feed"), kind: kind, panel: try node.optionalText("panel")?.first,
            afterPanels: try node.optionalInteger("after_panels"))
    }

    static func fault(_ path: String, _ reason: String) -> SakkError {
        SakkError(
            "plant.scenario", source: path, text: "The scenario is not right: \(reason).",
            remedy: "Correct the file; seeds/demo/world.yaml is an example.")
    }
}

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

    func integer(_ key: String) throws(SakkError) -> Int {
        guard let number = try optionalInteger(key) else { throw Scenario.fault(path, "`\(place(key))` is missing") }
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
