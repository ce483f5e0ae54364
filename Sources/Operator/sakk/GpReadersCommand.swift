import ArgumentParser
import Foundation
import Ground
import SmartCard

struct GpReadersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers", abstract: "The readers that PC/SC knows, and what lies in each.")

    @Flag(help: "Go on and say each reader that comes or goes, until ended.") var watch = false
    @Option(help: "With --watch: end after so many milliseconds.") var forMs: Int?
    @Flag(help: "One JSON object (sakk.gp-readers/1); with --watch one for each change.") var json = false

    func validate() throws {
        guard watch || forMs == nil else { throw ValidationError("--for-ms goes with --watch") }
        guard (1...86_400_000).contains(forMs ?? 1) else { throw ValidationError("--for-ms is 1 to 86400000") }
    }

    func run() async throws {
        guard watch else { return try await show(try await PCSCReader.names()) }
        let time = forMs
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await follow() }
            if let time { group.addTask { try await Task.sleep(for: .milliseconds(time)) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func follow() async throws {
        var known: [String]?
        for try await now in ReaderWatch.readers() {
            // whoever reads this through a pipe wants each change when it comes
            defer {
                known = now
                fflush(nil)
            }
            guard let before = known else {
                try await show(now)
                continue
            }
            let (came, gone) = (now.filter { !before.contains($0) }, before.filter { !now.contains($0) })
            if json {
                print(
                    GpReadersCommand.document([
                        "came": GpReadersCommand.list(came), "gone": GpReadersCommand.list(gone),
                    ]))
            } else {
                for name in came { print("+ \(name)") }
                for name in gone { print("- \(name)") }
            }
        }
    }

    private func show(_ names: [String]) async throws {
        var readers: [JSONValue] = []
        for name in names {
            let (word, atr) = try await GpReadersCommand.look(name)
            readers.append(["name": .string(name), "card": .string(word), "atr": atr.map(JSONValue.string) ?? .null])
            if !json { print("\(name): \(word)" + (atr.map { ", ATR \($0)" } ?? "")) }
        }
        if json { print(GpReadersCommand.document(["readers": .array(readers)])) }
        if names.isEmpty, !json { Words.say("PC/SC knows no reader. Connect one.") }
    }

    /// A reader that goes while it is asked is a reader without a card.
    private static func look(_ name: String) async throws -> (word: String, atr: String?) {
        let reader = PCSCReader(name: name)
        do throws(SakkError) {
            try await reader.connect()
            let presence = try await reader.waitForCard(timeoutMS: 0)
            await reader.disconnect()
            return switch presence {
            case .absent: ("no card", nil)
            case .mute: ("a card that does not answer", nil)
            case .present(let atr): ("a card", atr.hex)
            }
        } catch {
            await reader.disconnect()
            guard error.code == "reader.missing" else { throw error }
            return ("gone", nil)
        }
    }

    private static func list(_ names: [String]) -> JSONValue { .array(names.map(JSONValue.string)) }

    private static func document(_ members: [String: JSONValue]) -> String {
        JSONValue.object(members).document(schema: "sakk.gp-readers/1")
    }
}
