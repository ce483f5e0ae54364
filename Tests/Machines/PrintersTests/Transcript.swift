import Foundation
import Ground

/// A conversation written by hand (`devices/evolis-esc/transcripts/README.md`).
struct Transcript {
    enum Step: Equatable {
        case sent(Bytes)
        case answered(Bytes)
        case reset
        case silence
        case pause
        case gone
        case bulkReset
        case port(UInt8)
        case stall
    }

    struct Unreadable: Error { let line: String }

    var steps: [Step] = []
    var raster = (width: 648, height: 1016)
    /// Size of the panels, where it is not the raster's.
    var image: (width: Int, height: Int)?
    private let family: String

    /// How long the driver waits, in ms: a machine that is only slow is waited for on a busy computer too, one that stays
    /// silent not for long.
    var patience: Int { steps.contains(.pause) && !steps.contains(.silence) ? 20_000 : 40 }

    init(_ name: String, family: String = "evolis-esc") throws {
        self.family = family
        let folder = TranscriptFolder.of(family)
        let text = try String(contentsOf: folder.appending(path: name + ".txt"), encoding: .utf8)
        for line in text.split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
            let rest = String(line.dropFirst(2))
            switch line.prefix(2) {
            case "> ": steps.append(.sent(try Transcript.bytes(rest)))
            case "< ": steps.append(.answered(try Transcript.bytes(rest)))
            case "* ": try direct(rest.split(separator: " ").map(String.init))
            default: throw Unreadable(line: line)
            }
        }
    }

    private mutating func direct(_ words: [String]) throws {
        switch words[0] {
        case "after":
            let before = try Transcript(String(words[1].dropLast(4)), family: family)
            steps = before.steps + steps
            if before.image != nil { (raster, image) = (before.raster, before.image) }
        case "reset": steps.append(.reset)
        case "silence": steps.append(.silence)
        case "pause": steps.append(.pause)
        case "gone": steps.append(.gone)
        case "bulk-reset": steps.append(.bulkReset)
        case "raster":
            raster = (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
            if words.count > 3 { image = (Int(words[3]) ?? 0, Int(words[4]) ?? 0) }
        case "port": steps.append(.port(Bytes(hex: words[1])?.first ?? 0))
        case "stall": steps.append(.stall)
        case "driver", "world": break
        default: throw Unreadable(line: words.joined(separator: " "))
        }
    }

    /// Text with hexadecimal in angle brackets; `<00*9>` is nine times that.
    static func bytes(_ text: String) throws -> Bytes {
        var bytes = Bytes()
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "<") {
            bytes += rest[..<open].utf8
            guard let close = rest[open...].firstIndex(of: ">") else { throw Unreadable(line: text) }
            let parts = rest[rest.index(after: open)..<close].split(separator: "*")
            guard let unit = Bytes(hex: String(parts[0])) else { throw Unreadable(line: text) }
            let times = parts.count > 1 ? Int(parts[1]) ?? 0 : 1
            bytes +=
                unit.count == 1
                ? Bytes(repeating: unit[0], count: times) : Array(repeatElement(unit, count: times).joined())
            rest = rest[rest.index(after: close)...]
        }
        return bytes + rest.utf8
    }
}

enum TranscriptFolder {
    static func of(_ family: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../devices/\(family)/transcripts").standardizedFileURL
    }

    static func names(_ family: String = "evolis-esc") throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: of(family).path)
        return Set(files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) })
    }
}
