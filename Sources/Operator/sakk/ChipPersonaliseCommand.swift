import ArgumentParser
import BorderReader
import Catalog
import DocumentWriter
import Foundation
import GlobalPlatform
import Ground
import OpenSSLCrypto
import Personalisation
import Records
import SmartCard
import Stations

struct ChipPersonaliseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "personalise", abstract: "Writes chips at a desk, outside of the books: with test keys only.",
        discussion: """
            One card on each reader; with several records each reader takes the next one, card after card. Every chip is \
            opened afterwards the way a border does. A chip that is not good is killed. Exit 1 when one is not good.
            """)

    @Option(help: "Name of the reader; may be given several times.") var reader: [String]
    @Option(help: "Product: a folder of profiles/, or its path.") var product: String
    @Option(help: "A record's content (JSON, sakk.record/1); may be given several times.") var record: [String] = []
    @Option(help: "A file that names records, one path a line.") var batch: String?
    @Option(help: "Folder of test keys, with the file SPECIMEN in it.") var keys = "seeds/test-pki"
    @Option(help: "Document number, for a record that brings none: its booklet's.") var number: String?
    @Option(help: "Card access number, for an applet that takes one.") var can: String?
    @Option(help: "Wait so many milliseconds for each card.") var waitMs = 5000
    @Flag(help: "One JSON object for each record (sakk.chip-personalise/1).") var json = false

    func validate() throws {
        guard !reader.isEmpty else { throw ValidationError("give --reader NAME") }
        guard !record.isEmpty || batch != nil else { throw ValidationError("give --record FILE or --batch FILE") }
    }

    func run() async throws {
        guard KeyClass.isTest(path: keys + "/ds.pem") else {
            throw SakkError(
                "keys.real", source: keys,
                text: "This folder does not hold test keys, and outside the books no others are used.",
                remedy: "Name a folder with the file SPECIMEN, or make the document on a line (sakk run).")
        }
        let (results, left) = try await personalise()
        // nothing of a session is needed any more
        try FaultPoint.pass("chip.desk.done")
        for result in results.sorted(by: { $0.index < $1.index }) { print(json ? result.document : result.line) }
        if left > 0 { Words.say("\(left) records were not begun.") }
        if let failure = results.lazy.compactMap(\.failure).first { throw failure }
        if left > 0 || results.contains(where: { !$0.isGood }) { throw Exit.rejected }
    }

    /// A session of its own: when it returns, its keys and records are gone.
    private func personalise() async throws -> ([DeskResult], left: Int) {
        let folder = product.contains("/") ? product : "profiles/\(product)"
        let desk = try PersonalisationDesk(
            profile: ProductProfile(folder: folder), keys: keys, number: number, cardAccessNumber: can, waitMS: waitMs)
        var names = record
        if let batch {
            guard let list = FileBytes.read(batch) else {
                throw SakkError(
                    "file.missing", source: batch, text: "The list cannot be read.", remedy: "Check the path.")
            }
            names += String(decoding: list, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
        let queue = RecordQueue(names)
        let results = await withTaskGroup(of: [DeskResult].self) { group in
            for name in reader {
                group.addTask { await PersonalisationDesk.serve(name, desk, queue) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        return (results, queue.left)
    }
}

/// What became of one record at one reader. No personal data.
struct DeskResult: Sendable {
    let index: Int
    let reader: String
    let file: String
    var chip: ChipIdentity?
    var steps = 0
    var milliseconds = 0
    var checks: [BorderCheck] = []
    var sodHash: Bytes = []
    var death: ChipDeath?
    var failure: SakkError?

    var isGood: Bool { failure == nil && !checks.isEmpty && checks.allSatisfy(\.passed) }

    var line: String {
        let failed = checks.filter { !$0.passed }.map(\.name)
        let words =
            isGood
            ? "good, \(checks.count) checks, SOD \(sodHash.hex.prefix(16))"
            : "not good: \(failure?.code.rawValue ?? failed.joined(separator: ", "))"
        let dead = death.map { ", chip's death \($0.rawValue)" } ?? ""
        return "\(file)  \(reader)  chip \(chip?.rawValue.prefix(12) ?? "-")  \(milliseconds) ms  \(words)\(dead)"
    }

    var document: String {
        JSONValue.object([
            "record": .string(file), "reader": .string(reader), "chip": (chip?.rawValue).map(JSONValue.string) ?? .null,
            "verdict": .string(isGood ? "good" : "not_good"), "steps": .integer(Int64(steps)),
            "milliseconds": .integer(Int64(milliseconds)), "sod_sha256": sodHash.isEmpty ? .null : .string(sodHash.hex),
            "chip_death": (death?.rawValue).map(JSONValue.string) ?? .null,
            "code": (failure?.code.rawValue).map(JSONValue.string) ?? .null,
            "checks": .array(
                checks.map { ["name": .string($0.name), "passed": .bool($0.passed), "detail": .string($0.detail)] }),
        ]).document(schema: "sakk.chip-personalise/1")
    }
}
