public import Ground
public import PlantCamera
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
        /// The blanks are passport booklets of this category, each with a number perforated through its leaves; nil for cards.
        public var bookletCategory: String?
    }

    public struct Printer: Sendable {
        /// Language that its firmware speaks.
        public enum Family: String, Sendable, CaseIterable {
            case evolis = "evolis-esc"
            case xid = "g-printec-xid"
            case magicard
            case ixla = "ixla-xml"
        }

        public var family: Family
        /// TCP port on 127.0.0.1 when it hangs on the network; nil: on the USB.
        public var port: UInt16?
        public var model: String
        public var serial: String
        /// Whether its USB descriptor tells the serial number; else only its identity string does.
        public var describesSerial: Bool
        public var firmware: String
        public var ribbon: String
        public var ribbonCards: Int
        public var moveMS: Int
        /// From the hopper to a station: longer than pcscd takes to see that the card before has gone.
        public var feedMS: Int
        public var panelMS: Int
        /// Whether it ejects what is inside, by the good exit, when power comes back.
        public var ejectsOnPowerUp: Bool
        /// Cards that the box behind each exit holds; 200 when the scenario does not say.
        public var goodCapacity: Int
        public var rejectCapacity: Int
    }

    public struct Camera: Sendable {
        public var address: String
        /// Lamps on the outputs of a camera of our own, in the order of its lines; nil: a stock camera and a white light
        /// that always burns.
        public var lamps: [Lamp]?
    }

    public var seed: UInt64
    public var blanks: Blanks
    public var printer: Printer
    public var camera: Camera
    public var faults: [Fault]
    /// Further cells of this world, by name: each with blanks, printer, camera and faults of its own.
    public var more: [(name: String, cell: Scenario)] = []

    /// Every address that a camera listens on.
    public var cameraAddresses: [String] { [camera.address] + more.map(\.cell.camera.address) }

    /// Throws `plant.scenario` with file, place and reason.
    public init(path: String) throws(SakkError) {
        guard let bytes = WorldFile.read(path) else { throw Scenario.fault(path, "the file cannot be read") }
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), path: path)
    }

    /// `path` only names the text in errors.
    public init(yaml: String, path: String) throws(SakkError) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw Scenario.fault(path, "it is not YAML: \(error)")
        }
        guard let mapping = node?.mapping else { throw Scenario.fault(path, "it is empty") }
        let root = ScenarioNode(mapping, path: path, name: "")
        try root.allow(["sakk", "world"])
        guard try root.integer("sakk") == 1 else { throw Scenario.fault(path, "`sakk` must be 1") }
        let world = try root.node("world")
        try world.allow(["seed", "blanks", "printer", "camera", "faults", "more_cells"])
        try self.init(cell: world, seed: UInt64(try world.integer("seed")), path: path)
        for entry in try world.list("more_cells") {
            try entry.allow(["name", "blanks", "printer", "camera", "faults"])
            let name = try entry.text("name")
            guard !name.isEmpty, !name.contains("/"), !more.contains(where: { $0.name == name }) else {
                throw Scenario.fault(path, "`more_cells.name` must be a name of its own without a slash")
            }
            // chips of different cells are different ones
            let seed = seed &+ UInt64(more.count + 1) &* 1_000_003
            more.append((name, try Scenario(cell: entry, seed: seed, path: path)))
        }
    }

    private init(cell world: ScenarioNode, seed: UInt64, path: String) throws(SakkError) {
        self.seed = seed
        blanks = try Scenario.blanks(try world.node("blanks"), path)
        printer = try Scenario.printer(try world.node("printer"), path)
        let camera = try world.node("camera")
        try camera.allow(["address", "lamps"])
        var lamps: [Lamp]?
        if let words = try camera.optionalText("lamps") {
            lamps = []
            for word in words.split(separator: " ") {
                guard let lamp = Lamp(rawValue: String(word)), lamps?.contains(lamp) == false else {
                    let known = Lamp.allCases.map(\.rawValue).joined(separator: " ")
                    throw Scenario.fault(path, "`camera.lamps` is '\(words)'; known are \(known), each once")
                }
                lamps?.append(lamp)
            }
        }
        self.camera = Camera(address: try camera.text("address"), lamps: lamps)
        var faults: [Fault] = []
        for entry in try world.list("faults") { faults.append(try Fault(entry, path: path)) }
        self.faults = faults
    }

    private static func blanks(_ node: ScenarioNode, _ path: String) throws(SakkError) -> Blanks {
        try node.allow([
            "count", "stock", "batch", "first_serial", "master_key", "key_version", "booklet_category",
        ])
        guard let key = Bytes(hex: try node.text("master_key")), key.count == 16 else {
            throw fault(path, "`blanks.master_key` must be 16 bytes in hexadecimal digits")
        }
        return Blanks(
            count: try node.integer("count", atMost: 5000), stock: try node.text("stock"),
            batch: UInt16(try node.integer("batch", atMost: 0xFFFF)),
            firstSerial: UInt32(try node.integer("first_serial")), masterKey: key,
            keyVersion: UInt8(try node.integer("key_version", atMost: 0xFF)),
            bookletCategory: try node.optionalText("booklet_category"))
    }

    private static func printer(_ node: ScenarioNode, _ path: String) throws(SakkError) -> Printer {
        try node.allow([
            "family", "port", "model", "serial", "firmware", "ribbon", "ribbon_cards", "move_ms", "feed_ms", "panel_ms",
            "ejects_on_power_up", "good_capacity", "reject_capacity", "serial_descriptor",
        ])
        let word = try node.optionalText("family") ?? Printer.Family.evolis.rawValue
        guard let family = Printer.Family(rawValue: word) else {
            let known = Printer.Family.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault(path, "`printer.family` is '\(word)'; known are \(known)")
        }
        return Printer(
            family: family, port: try node.optionalInteger("port").map { UInt16(clamping: $0) },
            model: try node.text("model"), serial: try node.text("serial"),
            describesSerial: try node.optionalText("serial_descriptor") != "false",
            firmware: try node.text("firmware"), ribbon: try node.text("ribbon"),
            ribbonCards: try node.integer("ribbon_cards"),
            moveMS: try node.integer("move_ms"), feedMS: try node.integer("feed_ms"),
            panelMS: try node.integer("panel_ms"),
            ejectsOnPowerUp: try node.truth("ejects_on_power_up"),
            goodCapacity: try node.optionalInteger("good_capacity") ?? 200,
            rejectCapacity: try node.optionalInteger("reject_capacity") ?? 200)
    }

    static func fault(_ path: String, _ reason: String) -> SakkError {
        SakkError(
            "plant.scenario", source: path, text: "The scenario is not right: \(reason).",
            remedy: "Correct the file; seeds/demo/world.yaml is an example.")
    }
}
