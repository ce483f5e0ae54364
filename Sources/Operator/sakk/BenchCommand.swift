import ArgumentParser
import Foundation
import Ground
import Ledger

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures, against a baseline in the same run.",
        subcommands: [
            BenchQueueCommand.self, BenchLineCommand.self, BenchLedgerCommand.self, BenchCardCommand.self,
            BenchChipCommand.self, BenchPrintCommand.self, BenchInspectCommand.self, BenchConsoleCommand.self,
            BenchCameraCommand.self,
        ])
}

/// Durations of one kind of act, in microseconds.
struct Timings {
    private var values: [Int64] = []

    mutating func add(_ microseconds: Int64) { values.append(microseconds) }

    var percentiles: Percentiles { Percentiles(values) }
    var total: Int64 { values.reduce(0, +) }
    var rate: Double { total > 0 ? Double(values.count) * 1_000_000 / Double(total) : 0 }

    /// Rate in acts per second, percentiles in microseconds.
    var json: JSONValue {
        let percentiles = percentiles
        return [
            "count": .integer(Int64(percentiles.count)), "per_second": .integer(Int64(rate.rounded())),
            "p50_us": .integer(percentiles.p50), "p99_us": .integer(percentiles.p99),
            "longest_us": .integer(percentiles.maximum),
        ]
    }
}

/// A ledger of its own for one run: a fresh file that is removed again, or the store that was named.
struct BenchStore {
    let url: String
    private let folder: URL?

    init(_ named: String?) throws {
        guard named == nil else {
            url = named ?? ""
            folder = nil
            return
        }
        let made = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        folder = made
        url = made.appendingPathComponent("ledger.db").path
    }

    func remove() { if let folder { try? FileManager.default.removeItem(at: folder) } }
}
