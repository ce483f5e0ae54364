public import Ground
public import Stations

/// How one applet takes its document: `firmware-specs/<applet>/dialect.yaml`. Steps by name, each a list of commands with
/// places to fill and the status words that are right. A new applet is a new file.
public struct ChipDialect: Sendable {
    public enum Channel: String, Sendable {
        /// In clear, to the selected instance.
        case plain
        /// Through the secure channel of the security domain, after INSTALL [for personalization].
        case secure
    }

    public struct Command: Sendable {
        /// Four bytes.
        public let header: CommandTemplate
        public let data: CommandTemplate
        /// Bytes of the answer, at most; nil when none is expected.
        public let answerBytes: Int?
        /// Once for each block of the current file.
        public let eachBlock: Bool
        /// Data that is too long goes on in a further command with the same header.
        public let splits: Bool
        public let expected: [UInt16]
        /// The answer is the SubjectPublicKeyInfo of a key that was born.
        public let gives: ChipKeys.Use?
        /// What the answer must be, byte for byte; nil: its status word alone counts.
        public let shows: CommandTemplate?
    }

    public enum Files: String, Sendable {
        case file
        /// EF.DG3 and EF.DG4, which a border may be unable to read.
        case closedFile = "closed_file"
    }

    public struct Step: Sendable {
        public let name: String
        /// Which files it is carried out for, once for each in writing order; nil: once.
        public let each: Files?
        /// It writes the files.
        public var eachFile: Bool { each == .file }
        /// After it nothing can be written any more.
        public let locks: Bool
        public let commands: [Command]
        /// Answered as expected when the step was carried out: asked after a tear, in the clear.
        public let doneWhen: Command?

        public var variables: Set<String> {
            commands.reduce(into: []) { names, command in
                for template in [command.header, command.data, command.shows] {
                    names.formUnion(template?.variables ?? [])
                }
            }
        }
    }

    public let path: String
    public let name: String
    public let channel: Channel
    /// Largest file that the applet holds.
    public let fileBytesMax: Int
    /// How EF.CardAccess (011C) and EF.CardSecurity (011D) of the master file are called in `{file.id}`; a file that is
    /// missing here cannot be written.
    public let masterFiles: [UInt16: UInt16]
    public let steps: [String: Step]

    /// What a template may ask for. Secrets are those of `ChipKeys`.
    public static let variables: [String: String] = [
        "document_number": "document number", "document_number_filled": "document number, filled to nine with <",
        "date_of_birth": "YYMMDD", "date_of_expiry": "YYMMDD",
        "mrz_information": "number, birth and expiry with their check digits", "can": "card access number",
        "number": "one byte: commands since INSTALL [for personalization]",
        "file.id": "two bytes", "file.size": "two bytes", "file.tag": "one byte", "file.sha256": "32 bytes",
        "offset": "two bytes: place of the block in its file", "block": "bytes of the file",
        "aa.parameter": "two bytes: curve number of 9303-11 or RSA bits", "aa.pkcs8": "secret",
        "aa.modulus": "RSA", "aa.exponent": "secret, RSA",
        "ca.key_id": "one byte", "ca.parameter": "one byte: domain number of 9303-11", "ca.number": "secret",
        "ta.authority": "card verifiable certificate that fingers open to",
    ]
    private static let secrets: Set<String> = ["aa.pkcs8", "aa.exponent", "ca.number"]
    private static let ofFile: Set<String> = ["file.id", "file.size", "file.tag", "file.sha256", "offset", "block"]
    private static let ofBlock: Set<String> = ["offset", "block"]

    /// Reads a dialect file strictly.
    public init(path: String) throws(SakkError) {
        try self.init(ConfigurationFile(path: path))
    }

    public init(_ file: ConfigurationFile) throws(SakkError) {
        let root = file.root
        path = file.path
        name = try root.string("dialect")
        channel = Channel(rawValue: try root.string("channel", oneOf: ["plain", "secure"])) ?? .plain
        fileBytesMax = try root.integer("file_bytes_max", in: 1...0xFFFF)
        var masterFiles: [UInt16: UInt16] = [:]
        for (key, identifier) in [("card_access", UInt16(0x011C)), ("card_security", 0x011D)] {
            guard let text = try root.optionalString(key) else { continue }
            guard let bytes = Bytes(hex: text), bytes.count == 2 else {
                throw root.error(key, "must be two bytes in hexadecimal digits")
            }
            masterFiles[identifier] = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        }
        self.masterFiles = masterFiles
        let places = try root.node("steps")
        var steps: [String: Step] = [:]
        for name in places.keys() {
            guard !ChipSettings.ofCard.contains(name) else { throw places.error(name, "is a step of the card itself") }
            steps[name] = try Self.step(name, try places.node(name))
        }
        self.steps = steps
        try root.finish()
    }

    private static func step(_ name: String, _ place: ConfigurationNode) throws(SakkError) -> Step {
        var each: Files?
        if try place.optionalString("each") != nil {
            each = Files(rawValue: try place.string("each", oneOf: ["file", "closed_file"]))
        }
        var commands: [Command] = []
        for entry in try place.nodes("commands") { commands.append(try command(entry, inFile: each != nil)) }
        guard !commands.isEmpty else { throw place.error("commands", "must name at least one") }
        var doneWhen: Command?
        if let entry = try place.optionalNode("done_when") { doneWhen = try command(entry, inFile: false) }
        return Step(
            name: name, each: each, locks: try place.optionalFlag("locks") ?? false, commands: commands,
            doneWhen: doneWhen)
    }

    private static func command(_ place: ConfigurationNode, inFile: Bool) throws(SakkError) -> Command {
        let eachBlock = try place.optionalString("each") != nil
        if eachBlock { _ = try place.string("each", oneOf: ["block"]) }
        if eachBlock, !inFile { throw place.error("each", "is for a step with `each: file`") }
        let header = try template("header", place, inFile, eachBlock)
        var length = 0
        for part in header.parts {
            switch part {
            case .bytes(let bytes): length += bytes.count
            case .variable(let name):
                guard let width = ["number": 1, "offset": 2, "file.id": 2][name] else {
                    throw place.error("header", "cannot hold {\(name)}")
                }
                length += width
            case .object, .grouping: throw place.error("header", "holds bytes and variables only")
            }
        }
        guard length == 4 else { throw place.error("header", "must come to four bytes, these are \(length)") }
        var expected: [UInt16] = []
        for text in place.has("expect") ? try place.requiredStrings("expect") : ["9000"] {
            guard let bytes = Bytes(hex: text), bytes.count == 2 else {
                throw place.error("expect", "must be status words of four hexadecimal digits")
            }
            expected.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
        }
        var gives: ChipKeys.Use?
        if let text = try place.optionalString("gives") {
            gives = ChipKeys.Use(rawValue: text)
            if gives == nil {
                let known = ChipKeys.Use.allCases.map(\.rawValue).joined(separator: ", ")
                throw place.error("gives", "must be one of \(known)")
            }
        }
        let data: CommandTemplate =
            place.has("data") ? try template("data", place, inFile, eachBlock) : CommandTemplate(parts: [])
        let answerBytes: Int? = place.has("answer_bytes") ? try place.integer("answer_bytes", in: 1...0x1_0000) : nil
        if gives != nil, answerBytes == nil { throw place.error("gives", "needs `answer_bytes`") }
        let shows = place.has("shows") ? try template("shows", place, inFile, eachBlock) : nil
        if let shows {
            guard answerBytes != nil else { throw place.error("shows", "needs `answer_bytes`") }
            guard gives == nil, shows.variables.isDisjoint(with: secrets) else {
                throw place.error("shows", "is what is known before, and no secret")
            }
        }
        return Command(
            header: header, data: data, answerBytes: answerBytes, eachBlock: eachBlock,
            splits: try place.optionalFlag("splits") ?? false, expected: expected, gives: gives,
            shows: shows)
    }

    private static func template(
        _ key: String, _ place: ConfigurationNode, _ inFile: Bool, _ inBlock: Bool
    ) throws(SakkError) -> CommandTemplate {
        let (template, reason) = CommandTemplate.parse(try place.string(key))
        guard let template else { throw place.error(key, reason) }
        for name in template.variables.sorted() {
            guard variables[name] != nil else { throw place.error(key, "asks for {\(name)}, which nobody knows") }
            if ofBlock.contains(name), !inBlock { throw place.error(key, "asks for {\(name)} without `each: block`") }
            if ofFile.contains(name), !inFile { throw place.error(key, "asks for {\(name)} outside `each: file`") }
        }
        return template
    }
}
