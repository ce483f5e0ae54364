import ArgumentParser
import GlobalPlatform
import Ground
import SmartCard

struct GpListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The card's registry: security domains, applications, load files and modules.")

    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        try await readers.run("sakk.gp-list/1") { (card) throws(SakkError) in
            let secure = try card.open(options, keys, level: level)
            return try GpListCommand.list(CardManager(secure))
        }
    }

    static func list(_ manager: CardManager) throws(SakkError) -> GpResult {
        var result = GpResult()
        var entries: [JSONValue] = []
        func add(_ kind: String, _ entry: RegistryEntry, _ state: String) {
            var members: [String: JSONValue] = [
                "kind": .string(kind.lowercased()), "aid": .string(entry.aid.hex), "state": .string(state),
                "state_byte": .string([entry.state].hex),
            ]
            result.lines.append(
                "\(kind): \(entry.aid.hex) (\(state))" + (readable(entry.aid).map { " \"\($0)\"" } ?? ""))
            func note(_ key: String, _ label: String, _ value: String) {
                result.lines.append("     \(label): \(value)")
                members[key] = .string(value)
            }
            if let file = entry.loadFile { note("load_file", "Load file", file.hex) }
            if let domain = entry.securityDomain { note("security_domain", "Domain", domain.hex) }
            if let version = entry.version {
                note("version", "Version", version.map(String.init).joined(separator: "."))
            }
            if !entry.privileges.names.isEmpty {
                result.lines.append("     Privileges: \(entry.privileges.names.joined(separator: ", "))")
                members["privileges"] = .array(entry.privileges.names.map(JSONValue.string))
            }
            if !entry.implicitSelection.isEmpty {
                note("implicit_selection", "Selected by itself", entry.implicitSelection.hex)
            }
            for module in entry.modules {
                result.lines.append("     Module: \(module.hex)" + (readable(module).map { " \"\($0)\"" } ?? ""))
            }
            if !entry.modules.isEmpty { members["modules"] = .array(entry.modules.map { .string($0.hex) }) }
            entries.append(.object(members))
        }
        for entry in try manager.registry(.issuerSecurityDomain) { add("ISD", entry, LifeCycle.card(entry.state)) }
        for entry in try manager.registry(.applications) {
            let isDomain = entry.privileges.names.contains("SecurityDomain")
            add(isDomain ? "DOM" : "APP", entry, LifeCycle.application(entry.state, isDomain: isDomain))
        }
        for entry in try loadFiles(manager) { add("PKG", entry, entry.state == 0x01 ? "LOADED" : [entry.state].hex) }
        result.json["entries"] = .array(entries)
        return result
    }

    /// With their modules, or without where the card does not list those (6A86).
    private static func loadFiles(_ manager: CardManager) throws(SakkError) -> [RegistryEntry] {
        do throws(SakkError) {
            return try manager.registry(.loadFilesAndModules)
        } catch {
            guard error.code == "chip.refused" else { throw error }
            return try manager.registry(.loadFiles)
        }
    }

    private static func readable(_ aid: Bytes) -> String? {
        let text = aid.dropFirst(5)
        guard text.count >= 2, text.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Life cycle states in the standard's words (tables 11-4 to 11-6).
enum LifeCycle {
    static func card(_ state: UInt8) -> String {
        switch state {
        case 0x01: "OP_READY"
        case 0x07: "INITIALIZED"
        case 0x0F: "SECURED"
        case 0x7F: "CARD_LOCKED"
        case 0xFF: "TERMINATED"
        default: "state \([state].hex)"
        }
    }

    static func application(_ state: UInt8, isDomain: Bool) -> String {
        if state & 0x83 == 0x83 { return "LOCKED" }
        return switch state {
        case 0x03: "INSTALLED"
        case 0x07: "SELECTABLE"
        case 0x0F where isDomain: "PERSONALIZED"
        default: "SELECTABLE, state \([state].hex) of its own"
        }
    }
}
