import Foundation
import Ground
import PlantPrinter
import Testing

/// The virtual booklet laser against conversations whose bytes were put together apart from it.
@Suite struct IXLATranscriptTests {
    private enum Line {
        case sent(Bytes)
        case answered(Bytes)
        case world([String])
    }

    private struct Unreadable: Error { let line: String }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../devices/ixla-xml/transcripts").standardizedFileURL

    /// Files that our own machine can say.
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
            case ("* ", "raster"): continue
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
            guard halves.count == 2, let hex = Bytes(hex: String(halves[0])) else { throw Unreadable(line: text) }
            bytes += hex + halves[1].utf8
        }
        return bytes
    }

    private static func apply(_ words: [String], to mechanism: FakeMechanism, _ machine: IXLAMachine) throws {
        var laid = mechanism.laid ?? MachineBooklet(number: nil)
        switch words[0] {
        case "hopper": mechanism.hopper = Int(words[1]) ?? 0
        case "cover": mechanism.coverIsClosed = words[1] != "open"
        case "inside": mechanism.position = MachineStation(rawValue: words[1]).map(MachinePosition.at) ?? .jammed
        case "jams": mechanism.jams = true
        case "next": mechanism.next = MachineBooklet(number: words[1])
        case "number": laid.number = words[1]
        case "category": laid.category = words[1]
        case "page": laid.isDataPage = words[1] == "data"
        case "upside-down": laid.isUpsideDown = true
        case "offset": (laid.x, laid.y) = (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        case "hot": mechanism.headIsHot = true
        case "laser": mechanism.laserWorks = words[1] != "off"
        case "reset": machine.resetAtDisplay()
        case "size": break
        default: throw Unreadable(line: words.joined(separator: " "))
        }
        mechanism.laid = laid
    }

    @Test func thereAreTranscriptsForBothSides() {
        #expect(Self.names.count >= 30)
    }

    @Test(arguments: names)
    func theMachineAnswersAsWritten(file: String) throws {
        let mechanism = FakeMechanism()
        let lines = try Self.lines(file)
        let isSmall = lines.contains { if case .world(let words) = $0 { words == ["size", "5", "3"] } else { false } }
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "SAKK-IX-0001", firmware: "not told"), mechanism: mechanism,
            size: isSmall ? (5, 3) : (1478, 1040))
        var heard: [Bytes] = []
        for line in lines {
            switch line {
            case .sent(let bytes):
                #expect(
                    heard.isEmpty,
                    "an answer that was not written: \(heard.map { String(decoding: $0, as: UTF8.self) })")
                for start in stride(from: 0, to: bytes.count, by: 61) {
                    heard += machine.receive(Bytes(bytes[start..<min(start + 61, bytes.count)]))
                }
            case .answered(let bytes):
                #expect(
                    heard.first.map { String(decoding: $0, as: UTF8.self) } == String(decoding: bytes, as: UTF8.self))
                heard = Array(heard.dropFirst())
            case .world(let words): try Self.apply(words, to: mechanism, machine)
            }
        }
        #expect(heard.isEmpty)
        if file == "print.txt" {
            #expect(mechanism.lays.map(\.dots) == [[255, 0, 128, 1, 254, 0, 0, 0, 0, 0, 7, 77, 177, 200, 255]])
        }
    }

    @Test func itEngravesTheAirWithoutAWord() throws {
        let mechanism = FakeMechanism()
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "S", firmware: "x"), mechanism: mechanism, size: (5, 3))
        var mark = Bytes()
        for case .sent(let bytes) in try Self.lines("print.txt") {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("Image=") || text.contains("marklayout") { mark += bytes }
        }
        let said = machine.receive(mark).map { String(decoding: $0, as: UTF8.self) }
        #expect(said.last == "<command name=\"MarkLayout\" executed=\"true\" >\r\n")
        #expect(machine.airMarks == 1)
        #expect(mechanism.lays.isEmpty)
    }

    @Test func anEndedConnectionDropsHalfACommandAndFinishesWhatBegan() throws {
        let mechanism = FakeMechanism()
        let machine = IXLAMachine(
            plate: MachinePlate(model: "XP24", serial: "S", firmware: "x"), mechanism: mechanism, size: (5, 3))
        machine.accept(Bytes("<command name=\"movepassport\" source=\"stacker\" destination=\"laser\" />".utf8))
        #expect(machine.respond()?.count == 1, "it was answered, and has not moved yet")
        #expect(mechanism.position == .empty)
        machine.accept(Bytes("<command name=\"eje".utf8))
        machine.softReset()
        #expect(mechanism.position == .at(.print))
        #expect(machine.receive(Bytes("ct\" />".utf8)).count <= 1)
        #expect(mechanism.position == .at(.print))
    }
}
