import Foundation
import Ground
import PlantPrinter
import Testing

/// The virtual printer of the Magicard family against conversations whose bytes were put together apart from it.
@Suite struct MagicardTranscriptTests {
    private enum Line {
        case sent(Bytes)
        case answered(Bytes)
        case reset
        case port(UInt8)
        case world([String])
    }

    private struct Unreadable: Error { let line: String }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../devices/magicard/transcripts").standardizedFileURL

    /// Files that our own printer can say.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { file in
            guard file.hasSuffix(".txt"), let text = try? text(file) else { return false }
            return !text.contains("* driver only")
        }.sorted()
    }()

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    private static func lines(_ file: String) throws -> [Line] {
        var lines: [Line] = []
        for line in try text(file).split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
            let rest = String(line.dropFirst(2))
            let words = rest.split(separator: " ").map(String.init)
            switch (line.prefix(2), words.first) {
            case ("> ", _): lines.append(.sent(try bytes(rest)))
            case ("< ", _): lines.append(.answered(try bytes(rest)))
            case ("* ", "after"): lines = try Self.lines(words[1]) + lines
            case ("* ", "reset"): lines.append(.reset)
            case ("* ", "port"): lines.append(.port(Bytes(hex: words[1])?.first ?? 0))
            case ("* ", "world"): lines.append(.world(Array(words.dropFirst())))
            default: throw Unreadable(line: line)
            }
        }
        return lines
    }

    private static func bytes(_ text: String) throws -> Bytes {
        var bytes = Bytes()
        for (index, part) in text.split(separator: "<", omittingEmptySubsequences: false).enumerated() {
            guard index > 0 else {
                bytes += part.utf8
                continue
            }
            let halves = part.split(separator: ">", omittingEmptySubsequences: false)
            let unit = halves[0].split(separator: "*")
            guard halves.count == 2, let hex = Bytes(hex: String(unit[0])) else { throw Unreadable(line: text) }
            let times = unit.count > 1 ? Int(unit[1]) ?? 0 : 1
            bytes +=
                hex.count == 1
                ? Bytes(repeating: hex[0], count: times) : Array(repeatElement(hex, count: times).joined())
            bytes += halves[1].utf8
        }
        return bytes
    }

    private static func apply(_ words: [String], to mechanism: FakeMechanism) throws {
        switch words[0] {
        case "hopper": mechanism.hopper = Int(words[1]) ?? 0
        case "cover": mechanism.coverIsClosed = words[1] != "open"
        case "inside": mechanism.position = MachineStation(rawValue: words[1]).map(MachinePosition.at) ?? .jammed
        case "jams": mechanism.jams = true
        case "ribbon": mechanism.ribbon = nil
        case "left": mechanism.ribbonCardsLeft = Int(words[1]) ?? 0
        case "full": mechanism.full.insert(words[1] == "good" ? .good : .reject)
        case "cleaning": mechanism.needsCleaning = true
        case "ribbon-ends": mechanism.endsAt = words[1].first
        default: throw Unreadable(line: words.joined(separator: " "))
        }
    }

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 18)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let mechanism = FakeMechanism()
        let machine = MagicardMachine(
            plate: MachinePlate(model: "Enduro+", serial: "SAKK-MC-0001", firmware: "3.01v"), mechanism: mechanism,
            cardsTaken: 200, panelsPrinted: 1200)
        var heard: [Bytes] = []
        for line in try Self.lines(file) {
            switch line {
            case .sent(let bytes):
                #expect(heard.isEmpty, "an answer that was not written: \(heard.map(\.hex))")
                for start in stride(from: 0, to: bytes.count, by: 60_001) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 60_001, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(heard.first?.hex == bytes.hex)
                heard = Array(heard.dropFirst())
            case .reset: machine.softReset()
            case .port(let status): #expect(machine.portStatus == status)
            case .world(let words): try Self.apply(words, to: mechanism)
            }
        }
        #expect(heard.isEmpty)
    }
}
