public import Ground
internal import Stations

/// What a product says about its chips: `profiles/<product>/chip.yaml`. Which applet, what is written, in which order, and
/// what may be done about a chip that was torn in each step. No key stands in it.
public struct ChipSettings: Sendable {
    /// INSTALL of the instance, which every dialect begins with.
    public static let install = "install"
    /// PUT KEY: production keys in the place of the transport keys. The first step of a product that has it.
    public static let keys = "keys"

    /// One step of the order.
    public struct Step: Sendable {
        public enum Resume: String, Sendable {
            /// Torn in this step the chip is killed.
            case kill
            /// The step may be carried out again from its beginning.
            case again
        }

        /// `keys`, `install`, or a step of the dialect.
        public let name: String
        public let resume: Resume
    }

    /// Issuer security domain.
    public let issuerSecurityDomain: Bytes
    /// The passport applet's load file (package), already on the card from its maker.
    public let loadFile: Bytes
    public let module: Bytes
    /// The instance; eMRTDs are found under A0000002471001 (9303-10, 3.6).
    public let instance: Bytes
    public let dialect: ChipDialect
    public let document: ChipDocument
    public let steps: [Step]
    /// How often a torn chip is gone on with before it is killed: 0 to 2.
    public let continuationsMax: Int
    /// Key set of the issuer security domain that a card comes with; 0 takes the card's first, 255 is its maker's.
    public let keyVersion: UInt8
    /// The one that it leaves with; nil: it keeps the one that it came with.
    public let productionKeyVersion: UInt8?
    /// The chip's makers add key sets and replace none: the new keys come beside the others, and these are deleted.
    public let addsKeys: Bool
    /// Nil takes the highest level that the card offers.
    public let securityLevel: UInt8?
    /// File bytes in one command.
    public let blockBytes: Int
    /// How long a card may take to be seen: pcscd looks every 400 ms.
    public var presenceTimeoutMS: Int

    /// The dialect's path is resolved against the folder of the file itself.
    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        func applicationID(_ key: String) throws(SakkError) -> Bytes {
            guard let bytes = Bytes(hex: try root.string(key)), (5...16).contains(bytes.count) else {
                throw root.error(key, "must be an application identifier of 5 to 16 bytes in hexadecimal digits")
            }
            return bytes
        }
        issuerSecurityDomain = try applicationID("issuer_security_domain")
        loadFile = try applicationID("load_file")
        module = try applicationID("module")
        instance = try applicationID("instance")
        keyVersion = try ChipSettings.keyVersion(root)
        productionKeyVersion =
            root.has("production_key_version") ? UInt8(try root.integer("production_key_version", in: 1...127)) : nil
        let put = root.has("put_key") ? try root.string("put_key", oneOf: ["replace", "add"]) : nil
        addsKeys = put == "add"
        if put != nil, productionKeyVersion == nil {
            throw root.error("put_key", "is about the step keys, which there is not")
        }
        blockBytes = try root.integer("block_bytes", in: 1...255)
        presenceTimeoutMS = try root.integer("presence_timeout_ms", in: 0...60_000)
        continuationsMax = try root.integer("continuations_max", in: 0...2)
        securityLevel = try root.optionalInteger("security_level").map { UInt8(truncatingIfNeeded: $0) }
        if let level = securityLevel, ![0x01, 0x03, 0x11, 0x13, 0x33].contains(level) {
            throw root.error("security_level", "must be 0x01, 0x03, 0x11, 0x13 or 0x33")
        }
        document = try ChipDocument(try root.node("document"))
        let base = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let place = try root.string("dialect")
        dialect = try ChipDialect(path: place.hasPrefix("/") || base.isEmpty ? place : base + "/" + place)
        if dialect.channel == .secure, let level = securityLevel, level & 0x02 == 0 {
            throw root.error("security_level", "must encrypt: the dialect sends keys through this channel")
        }
        var steps: [Step] = []
        for entry in try root.nodes("steps") {
            let name = try entry.string("do")
            guard ChipSettings.ofCard.contains(name) || dialect.steps[name] != nil else {
                let known = dialect.steps.keys.sorted().joined(separator: ", ")
                throw entry.error(
                    "do",
                    "is no step of the dialect \(dialect.name): there are install, \(known), and keys before all")
            }
            guard !steps.contains(where: { $0.name == name }) else { throw entry.error("do", "comes twice") }
            steps.append(
                Step(
                    name: name,
                    resume: Step.Resume(rawValue: try entry.string("resume", oneOf: ["kill", "again"])) ?? .kill))
        }
        self.steps = steps
        try ChipRule.checkKeySets(steps, transport: keyVersion, production: productionKeyVersion, root)
        try ChipRule.check(steps, dialect, document, root)
        try root.finish()
    }

    /// Steps of the card itself, whatever its applet.
    static let ofCard: Set = [keys, install]

    private static func keyVersion(_ root: ConfigurationNode) throws(SakkError) -> UInt8 {
        let version = try root.integer("key_version", in: 0...255)
        guard version < 128 || version == 255 else {
            throw root.error("key_version", "must lie between 0 and 127, or be 255 for the maker's own keys")
        }
        return UInt8(version)
    }

    /// EF.DG3 is compared with what was written before the chip is locked, so that it is proved where nobody can read it after.
    public var comparesFingers: Bool {
        steps.contains { step in
            guard let known = dialect.steps[step.name], known.each == .closedFile else { return false }
            return known.commands.contains { $0.shows != nil }
        }
    }

    /// The dialect's step of this name; nil for `keys` and `install`.
    public func step(_ name: String) -> ChipDialect.Step? { dialect.steps[name] }
}
