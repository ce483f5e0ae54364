import ArgumentParser
import GlobalPlatform
import Ground
import SmartCard

struct GpLockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Locks an application, a security domain with all its own, or the card; --unlock undoes it.")

    @Argument(help: "AID of the application; without it the card.") var aid: String?
    @Flag(help: "Unlock instead.") var unlock = false
    @Flag(help: "A security domain with all that belongs to it.") var related = false
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let target = try aid.map { try GpHex.aid($0, "lock") }
        let (unlock, related) = (unlock, related)
        try await readers.run("sakk.gp-lock/1") { (card) throws(SakkError) in
            let manager = CardManager(try card.open(options, keys, level: level))
            var result = GpResult()
            if let target {
                try manager.setLocked(!unlock, application: target, related: related)
                result.lines.append("\(target.hex) is \(unlock ? "unlocked" : "locked")")
            } else {
                try manager.setCardState(unlock ? .secured : .locked)
                result.lines.append("The card is \(unlock ? "SECURED" : "CARD_LOCKED")")
            }
            return result
        }
    }
}

struct GpStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The card's life cycle: shows it, or moves it forward.",
        discussion: "OP_READY, INITIALIZED, SECURED, and back and forth with CARD_LOCKED. TERMINATED is for ever.")

    @Argument(help: "initialized, secured, locked or terminated; without it the state is shown.") var state: String?
    @Flag(help: "Needed for terminated: the card can never be used again.") var forEver = false
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    private static let states: [String: CardManager.CardState] = [
        "initialized": .initialized, "secured": .secured, "locked": .locked, "terminated": .terminated,
    ]

    func validate() throws {
        guard let state else { return }
        guard GpStateCommand.states[state] != nil else {
            throw ValidationError("a state is initialized, secured, locked or terminated")
        }
        guard state != "terminated" || forEver else {
            throw ValidationError("terminated kills the card for ever: say --for-ever too")
        }
    }

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let target = state.flatMap { GpStateCommand.states[$0] }
        try await readers.run("sakk.gp-state/1") { (card) throws(SakkError) in
            let manager = CardManager(try card.open(options, keys, level: level))
            let before = try manager.registry(.issuerSecurityDomain).first.map { LifeCycle.card($0.state) } ?? "unknown"
            var result = GpResult()
            result.json["before"] = .string(before)
            guard let target else {
                result.lines.append(before)
                return result
            }
            try manager.setCardState(target)
            let after = LifeCycle.card(target.rawValue)
            result.lines.append("\(before) -> \(after)")
            result.json["after"] = .string(after)
            return result
        }
    }
}
