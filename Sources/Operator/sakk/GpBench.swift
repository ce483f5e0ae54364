import ArgumentParser
import GlobalPlatform
import Ground
import SmartCard

/// What one card gave: for a program and for a person.
struct GpResult: Sendable {
    var json: [String: JSONValue] = [:]
    var lines: [String] = []
    /// What ended the work early, after the lines.
    var failure: SakkError?
    /// Another end than done, of work that was done.
    var exit: Exit?
}

/// A card whose security domain is selected, not yet authenticated.
struct GpCard {
    let channel: any CardChannel
    let manager: CardManager
    /// Nil when the card did not name it.
    let domain: Bytes?
    /// What SELECT was answered on a card that is taken as it woke up.
    let refusal: StatusWord?
    let isLocked: Bool
    /// `9F65`, the longest command data that the domain takes.
    let commandLimit: Int?
    let identity: ChipIdentity?
    let recognition: CardRecognition?

    init(_ channel: any CardChannel, domain: Bytes?) throws(SakkError) {
        self.channel = channel
        manager = CardManager(channel)
        guard let found = try manager.selectDomain(domain) else {
            throw SakkError(
                "chip.domain.missing", source: "chip", subject: domain?.hex,
                text: "The card has no security domain \(domain?.hex ?? "under any of the usual names").",
                remedy: "Name it with --domain; sakk gp apdu 00A4040000 shows what is selected by default.")
        }
        self.domain = found.aid
        refusal = found.refusal
        commandLimit = found.commandLimit
        isLocked = found.isLocked
        identity = (try? manager.cplc())?.identity
        recognition = try manager.recognition() ?? CardRecognition(found.fci)
    }

    /// Opens the secure channel. The card's own data says which options SCP02 has and whether SCP03 works with 16 bytes.
    func open(_ options: GpKeyOptions, _ keys: GpKeys, level: SecurityLevel?) throws(SakkError) -> SecureChannel {
        let scp02 = recognition?.protocols.first { $0.scp == 2 }?.options
        let scp03 = recognition?.protocols.first { $0.scp == 3 }?.options
        return try SecureChannel.open(
            on: channel, keys: keys.source, keyVersion: options.keyVersion, keyIdentifier: options.keyIdentifier,
            level: level, s16: scp02 == nil && (scp03 ?? 0) & 0x01 != 0,
            scp02Options: scp02 ?? SCP02Session.Options.usual.rawValue, guarding: try options.guardian(keys),
            chip: identity)
    }
}

extension GpReaderOptions {
    /// Runs one act on the card of each reader, all readers at once, and prints what came of it. A failed reader does not stop
    /// the others; the worst of their exit codes is the program's.
    func run(_ schema: String, _ act: @escaping @Sendable (GpCard) throws(SakkError) -> GpResult) async throws {
        let names = try await readers()
        let aid = try aid()
        let outcomes = await withTaskGroup(of: (Int, Result<GpResult, SakkError>).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask { (index, await one(name, aid, schema, act)) }
            }
            var all = [Int: Result<GpResult, SakkError>]()
            for await (index, outcome) in group { all[index] = outcome }
            return all
        }
        var cards: [JSONValue] = []
        var worst: Exit?
        for (index, name) in names.enumerated() {
            var members: [String: JSONValue] = ["reader": .string(name)]
            if names.count > 1, !json { print("\(index > 0 ? "\n" : "")# \(name)") }
            switch outcomes[index] {
            case .success(let result):
                members.merge(result.json) { $1 }
                members["done"] = .bool(result.failure == nil)
                if !json { for line in result.lines { print(line) } }
                if let exit = result.exit { worst = max(worst ?? .done, exit) }
                if let error = result.failure {
                    members["error"] = GpReaderOptions.json(error)
                    if !json || names.count == 1 { GpReaderOptions.say(error, reader: name) }
                    worst = max(worst ?? .done, Exit.of(error))
                }
            case .failure(let error):
                members["done"] = .bool(false)
                members["error"] = GpReaderOptions.json(error)
                if !json || names.count == 1 { GpReaderOptions.say(error, reader: name) }
                worst = max(worst ?? .done, Exit.of(error))
            case nil: break
            }
            cards.append(.object(members))
        }
        if json { print(JSONValue.object(["cards": .array(cards)]).document(schema: schema)) }
        if let worst { throw worst }
    }

    private func one(
        _ name: String, _ aid: Bytes?, _ schema: String,
        _ act: @escaping @Sendable (GpCard) throws(SakkError) -> GpResult
    ) async -> Result<GpResult, SakkError> {
        var sink: APDUTrace.Sink?
        if trace || traceData {
            sink = { entry in
                Words.say("\(name)  \(entry)")
                guard let bytes = entry.revealed else { return }
                Words.say("  >> \(bytes.command.hex)\n  << \(bytes.response.hex)")
            }
        }
        let device = PCSCReader(name: name, trace: sink, revealingData: traceData)
        do throws(SakkError) {
            try await device.connect()
            switch try await device.waitForCard(timeoutMS: waitMs) {
            case .present: break
            case .absent:
                throw SakkError(
                    "chip.absent", source: "reader \(name)", text: "There is no card in the reader.",
                    remedy: "Lay a card on it or put it in; --wait-ms waits for one.")
            case .mute:
                throw SakkError(
                    "chip.mute", source: "reader \(name)", text: "The card in the reader does not answer to reset.",
                    remedy: "Turn the card, clean its contacts; if it stays silent its chip is dead.")
            }
            let result = try await device.withCard { channel throws(SakkError) in
                let card = try GpCard(channel, domain: aid)
                do throws(SakkError) { return try act(card) } catch {
                    throw GpAdvice.about(error, on: card, act: schema)
                }
            }
            await device.disconnect()
            return .success(result)
        } catch {
            await device.disconnect()
            var error = error
            if error.code == "reader.missing" {
                error.remedy = "Name one of these with --reader, or connect the reader."
            }
            return .failure(error)
        }
    }

    private static func say(_ error: SakkError, reader: String) {
        Words.say("sakk: \(error.text)" + (error.native.map { " (\($0.kind) \($0.value))" } ?? ""))
        Words.say("      \(error.remedy)")
        Words.say("      [\(error.code)] \(reader), outcome \(error.outcome.rawValue)")
    }

    private static func json(_ error: SakkError) -> JSONValue {
        var members: [String: JSONValue] = [
            "code": .string(error.code.rawValue), "outcome": .string(error.outcome.rawValue),
            "text": .string(error.text),
            "remedy": .string(error.remedy),
        ]
        if let native = error.native {
            members["native"] = ["kind": .string(native.kind), "value": .string(native.value)]
        }
        return .object(members)
    }
}

extension Exit: Comparable {
    static func < (left: Exit, right: Exit) -> Bool { left.rawValue < right.rawValue }
}
