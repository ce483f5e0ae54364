import ArgumentParser
import GlobalPlatform
import Ground
import SmartCard

struct GpKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Key sets of a security domain.",
        subcommands: [
            GpKeysListCommand.self, GpKeysPutCommand.self, GpKeysDeleteCommand.self, GpKeysFindCommand.self,
            GpKeysReleaseCommand.self,
        ], defaultSubcommand: GpKeysListCommand.self)

    static func describe(_ keys: [KeyInformation]?, _ result: inout GpResult) {
        guard let keys else {
            result.lines.append("Keys              the card does not tell")
            return
        }
        func type(_ type: UInt8) -> String {
            switch type {
            case 0x80, 0x81, 0x82: "3DES"
            case 0x85: "PSK"
            case 0x88: "AES"
            case 0xA0: "RSA exponent"
            case 0xA1: "RSA modulus"
            case 0xB0: "EC public"
            default: "type \([type].hex)"
            }
        }
        result.json["keys"] = .array(
            keys.map { key in
                [
                    "version": .integer(Int64(key.version)), "id": .integer(Int64(key.id)),
                    "components": .array(
                        key.components.map { ["type": .string(type($0.type)), "bytes": .integer(Int64($0.length))] }),
                ]
            })
        for key in keys {
            let parts = key.components.map { "\(type($0.type)) \($0.length * 8) bits" }.joined(separator: ", ")
            let factory = key.version == 0xFF ? " (the maker's)" : ""
            result.lines.append(
                "Key               version \(key.version) (\([key.version].hex))\(factory)  id \(key.id)  \(parts)")
        }
    }
}

struct GpKeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Which keys the card says it has. Needs no key.")
    @OptionGroup var readers: GpReaderOptions

    func run() async throws {
        try await readers.run("sakk.gp-keys/1") { (card) throws(SakkError) in
            var result = GpResult()
            GpKeysCommand.describe(try card.manager.keyInformation(), &result)
            return result
        }
    }
}

struct GpKeysPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Puts a key set (or with --id one key) on the card and compares its check values."
    )

    @Option(help: "New master key, or key of all three uses, in hexadecimal.") var newKey: String?
    @Option(help: "New key for encryption, with --new-mac and --new-dek.") var newEnc: String?
    @Option(help: "New key for MACs.") var newMac: String?
    @Option(help: "New key for key data.") var newDek: String?
    @Option(help: "How the card's new keys follow from --new-key.") var newScheme = Diversification.none
    @Option(help: "Version of the new key set, 1 to 127.") var newVersion: UInt8
    @Option(help: "Version that is replaced; 0 adds one. Without it the one the channel was opened with.") var replace:
        UInt8?
    @Option(help: "Identifier of a single key, 1 to 127.") var id: UInt8?
    @Option(help: "aes or des; without it what the secure channel uses.") var type: String?
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func validate() throws {
        guard (1...127).contains(newVersion) else { throw ValidationError("--new-version is 1 to 127") }
        guard [nil, "aes", "des"].contains(type) else { throw ValidationError("--type takes aes or des") }
        guard id == nil || (1...127).contains(id ?? 0) && newKey != nil else {
            throw ValidationError("--id is 1 to 127, with --new-key")
        }
    }

    private func newKeys() throws -> GpKeys {
        let known = try GpTestKeys(file: keyOptions.testKeys)
        if let newEnc, let newMac, let newDek, newKey == nil {
            return try GpKeys(
                enc: try known.admit(newEnc, "--new-enc"), mac: try known.admit(newMac, "--new-mac"),
                dek: try known.admit(newDek, "--new-dek"))
        }
        guard let newKey else { throw ValidationError("--new-key, or --new-enc, --new-mac and --new-dek") }
        return try GpKeys(master: try known.admit(newKey, "--new-key"), scheme: newScheme)
    }

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let fresh = try newKeys()
        let (version, old, id, type) = (newVersion, replace, id, type)
        try await readers.run("sakk.gp-keys-put/1") { (card) throws(SakkError) in
            let secure = try card.open(options, keys, level: level)
            let kind: CardKeyType =
                type.map { $0 == "des" ? .des : .aes } ?? (secure.card.secureChannel == .scp02 ? .des : .aes)
            let replaced = old ?? (id == nil && secure.card.keyVersion != 0xFF ? secure.card.keyVersion : 0)
            let derived = try fresh.source.keys(forKDD: secure.card.kdd, version: version)
            let manager = CardManager(secure)
            let prepared =
                if let id {
                    try PutKey.command(
                        derived.enc, type: kind, identifier: id, version: version, replacing: replaced, through: secure)
                } else {
                    try PutKey.command(derived, type: kind, version: version, replacing: replaced, through: secure)
                }
            try manager.putKey(prepared)
            var result = GpResult()
            let values = Bytes(prepared.expectedAnswer.dropFirst())
            let shown = stride(from: 0, to: values.count, by: 3).map { Bytes(values[$0..<$0 + 3]).hex }
            let what = replaced == 0 ? "added" : "in place of version \(replaced)"
            result.lines.append(
                "The card holds version \(version), \(what); it confirms the check values \(shown.joined(separator: " "))"
            )
            result.json["version"] = .integer(Int64(version))
            result.json["check_values"] = .array(shown.map(JSONValue.string))
            return result
        }
    }
}

struct GpKeysDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes all keys of a version, or one of them.")

    @Option(help: "Version to delete.") var version: UInt8
    @Option(help: "Only the key with this identifier.") var id: UInt8?
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let (version, id) = (version, id)
        try await readers.run("sakk.gp-keys-delete/1") { (card) throws(SakkError) in
            let manager = CardManager(try card.open(options, keys, level: level))
            guard try manager.deleteKey(version: version, identifier: id) else {
                throw SakkError(
                    "chip.object.missing", source: "chip", native: SakkError.Native(kind: "SW", value: "6A88"),
                    text: "The card has no such key.", remedy: "sakk gp keys list shows which it has.")
            }
            var result = GpResult()
            result.lines.append("Deleted " + (id.map { "key \($0) of " } ?? "") + "version \(version)")
            return result
        }
    }
}

struct GpKeysFindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Whether a card holds these keys: compares its cryptogram and authenticates nothing.",
        discussion: "One INITIALIZE UPDATE; nothing is counted against the card. Exit 1 when they are not its keys.")

    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func run() async throws {
        let (keys, version) = (try keyOptions.keys(), keyOptions.keyVersion)
        try await readers.run("sakk.gp-keys-find/1") { (card) throws(SakkError) in
            let holds = try KeyRecovery.holds(keys.source, version: version, on: card.channel)
            var result = GpResult(json: ["holds": .bool(holds)])
            result.lines.append("The card \(holds ? "holds" : "does not hold") \(keys.name) under version \(version)")
            if !holds { result.exit = .rejected }
            return result
        }
    }
}

struct GpKeysReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Lets a key set be used again that three cards in a row did not know.")

    @Option(
        help: "Name of the key set as the refusal told it; needs no key. For a line: --state is its ledger's folder.")
    var keySet: String?
    @OptionGroup var keyOptions: GpKeyOptions

    func run() throws {
        if let keySet {
            let store = try WrongCardFile(folder: keyOptions.state)
            guard try store.wrongCards(of: keySet) != WrongCards() else {
                throw SakkError(
                    "keys.missing", source: store.folder, subject: keySet,
                    text: "Nothing is remembered of a key set of this name.",
                    remedy: "Name it as the refusal did, and its folder with --state.")
            }
            try KeySetGuard(keySet: keySet, store: store).release()
            print("Released \(keySet)")
            return
        }
        let keys = try keyOptions.keys()
        try keyOptions.guardian(keys).release()
        print("Released \(keys.name) version \(keyOptions.keyVersion)")
    }
}
