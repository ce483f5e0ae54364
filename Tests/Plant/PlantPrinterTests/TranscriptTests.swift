import Foundation
import Ground
import PlantPrinter
import Testing

/// The virtual printer against the conversations that were written by hand from the published facts. The driver is
/// judged by the same files elsewhere; neither is judged by the other.
@Suite struct TranscriptTests {
    private enum Line {
        case sent(Bytes)
        case answered(Bytes)
        case reset
        case world([String])
    }

    private struct Unreadable: Error { let line: String }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../devices/evolis-esc/transcripts").standardizedFileURL

    /// Files that our own printer can say: those that are not marked for the driver alone.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { file in
            guard file.hasSuffix(".txt"), let text = try? text(file) else { return false }
            return !text.contains("* driver only") && !text.contains("* raster")
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
            case ("* ", "world"): lines.append(.world(Array(words.dropFirst())))
            default: throw Unreadable(line: line)
            }
        }
        return lines
    }

    /// Text with hexadecimal in angle brackets; `<00*9>` is nine times that.
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
        let value = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "hopper": mechanism.hopper = Int(value) ?? 0
        case "cover": mechanism.coverIsClosed = value != "open"
        case "ribbon": mechanism.ribbon = value == "none" ? nil : value
        case "left": mechanism.ribbonCardsLeft = Int(value) ?? 0
        case "inside": mechanism.position = MachineStation(rawValue: value).map(MachinePosition.at) ?? .jammed
        case "full": mechanism.full.insert(value == "good" ? .good : .reject)
        case "jams": mechanism.jams = true
        case "ribbon-ends": mechanism.endsAt = value.first
        case "cleaning": mechanism.needsCleaning = value == "due"
        case "panels", "cards": break
        default: throw Unreadable(line: words.joined(separator: " "))
        }
    }

    /// A life counter that the file states.
    private static func counter(_ name: String, _ lines: [Line]) -> Int {
        for case .world(let words) in lines where words[0] == name { return Int(words[1]) ?? 0 }
        return 0
    }

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 20)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let lines = try Self.lines(file)
        let mechanism = FakeMechanism()
        let machine = EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "SAKK-PR-0001", firmware: "1.0-virtual"),
            mechanism: mechanism, panelsPrinted: Self.counter("panels", lines),
            cardsTaken: Self.counter("cards", lines))
        var heard = Bytes()
        for line in lines {
            switch line {
            case .sent(let bytes):
                #expect(heard.isEmpty, "an answer that was not written: \(String(decoding: heard, as: UTF8.self))")
                // in transfers of 512 bytes and less, as they come over a full speed bus
                for start in stride(from: 0, to: bytes.count, by: 509) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 509, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(String(decoding: heard, as: UTF8.self) == String(decoding: bytes, as: UTF8.self))
                heard = []
            case .reset: machine.softReset()
            case .world(let words): try Self.apply(words, to: mechanism)
            }
        }
        #expect(heard.isEmpty)
    }
}
