import Foundation
import Ground
import PlantPrinter

/// A conversation whose bytes were put together apart from the virtual machines (`devices/*/transcripts/README.md`): what a
/// machine is sent, what it answers, and what somebody does to it meanwhile.
struct MachineTranscript {
    enum Line: Equatable {
        case sent(Bytes)
        case answered(Bytes)
        case reset
        case port(UInt8)
        case world([String])
    }

    struct Unreadable: Error { let line: String }

    let lines: [Line]

    /// Files of a family that our own machine can say: those that are not marked for the driver alone, or with another word.
    static func names(_ family: String, besides marks: [String] = []) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder(family).path)) ?? []
        return files.filter { file in
            guard file.hasSuffix(".txt"), let text = try? text(family, file) else { return false }
            return !(["driver only"] + marks).contains { text.contains("* " + $0) }
        }.sorted()
    }

    init(_ family: String, _ file: String) throws {
        var lines: [Line] = []
        for line in try Self.text(family, file).split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
            let rest = String(line.dropFirst(2))
            let words = rest.split(separator: " ").map(String.init)
            switch (line.prefix(2), words.first) {
            case ("> ", _): lines.append(.sent(try Self.bytes(rest)))
            case ("< ", _): lines.append(.answered(try Self.bytes(rest)))
            case ("* ", "after"): lines = try Self(family, words[1]).lines + lines
            case ("* ", "reset"), ("* ", "bulk-reset"): lines.append(.reset)
            case ("* ", "port"): lines.append(.port(Bytes(hex: words[1])?.first ?? 0))
            case ("* ", "world"): lines.append(.world(Array(words.dropFirst())))
            case ("* ", "raster"): continue
            default: throw Unreadable(line: line)
            }
        }
        self.lines = lines
    }

    /// A number that the file states of the world.
    func number(_ name: String) -> Int {
        for case .world(let words) in lines where words[0] == name { return Int(words[1]) ?? 0 }
        return 0
    }

    private static func folder(_ family: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../devices/\(family)/transcripts").standardizedFileURL
    }

    private static func text(_ family: String, _ file: String) throws -> String {
        try String(contentsOf: folder(family).appending(path: file), encoding: .utf8)
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
            guard halves.count == 2, let hex = Bytes(hex: String(unit.first ?? "")) else {
                throw Unreadable(line: text)
            }
            let times = unit.count > 1 ? Int(unit[1]) ?? 0 : 1
            bytes +=
                hex.count == 1
                ? Bytes(repeating: hex[0], count: times) : Array(repeatElement(hex, count: times).joined())
            bytes += halves[1].utf8
        }
        return bytes
    }
}

extension FakeMechanism {
    /// What somebody does to a machine, in a transcript's words. False for a word of one family alone.
    func obey(_ words: [String]) -> Bool {
        let value = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "hopper": hopper = Int(value) ?? 0
        case "cover": coverIsClosed = value != "open"
        case "ribbon": ribbon = value == "none" ? nil : value
        case "left": ribbonCardsLeft = Int(value) ?? 0
        case "inside": position = MachineStation(rawValue: value).map(MachinePosition.at) ?? .jammed
        case "full": full.insert(value == "good" ? .good : .reject)
        case "jams": jams = true
        case "ribbon-ends": endsAt = value.first
        case "cleaning": needsCleaning = value == "due"
        default: return false
        }
        return true
    }
}
