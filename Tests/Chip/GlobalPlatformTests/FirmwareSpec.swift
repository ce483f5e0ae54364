import Foundation
import Ground
import Testing

/// The two tables of `firmware-specs/globalplatform-card`: commands and status words.
struct FirmwareSpec {
    struct Command: Sendable, CustomTestStringConvertible {
        let name: String
        let header: Bytes
        let confidence: String
        var testDescription: String { name }
    }

    let commands: [Command]
    let statusWords: [(word: UInt16, meaning: String)]

    init(file: String = #filePath) throws {
        var root = URL(fileURLWithPath: file)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let page = root.appendingPathComponent("firmware-specs/globalplatform-card/README.md")
        var commands: [Command] = []
        var words: [(UInt16, String)] = []
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") where line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count == 5, let header = Bytes(hex: cells[1].filter { $0 != "`" }), header.count == 4 {
                commands.append(Command(name: cells[0], header: header, confidence: cells[4]))
            } else if cells.count == 3, let word = UInt16(cells[0], radix: 16), cells[0].count == 4 {
                words.append((word, cells[1]))
            }
        }
        self.commands = commands
        statusWords = words
        try #require(commands.count > 20 && words.count > 10, "the tables are where they were")
    }
}
