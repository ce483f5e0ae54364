import Foundation
import Ground
import KeyVault
import Ledger
import Stations

// ledger-bench URL CONTROLLERS RECORDS SECONDS KEYS: takes records into new books, then claims and finishes them from
// several controllers, each with a connection of its own. Prints one line of numbers per part.

struct Bench: Sendable {
    let url: String
    let controllers: Int
    let records: Int
    let seconds: Int
    let keys: String

    init(_ words: [String]) {
        guard words.count == 6, let controllers = Int(words[2]), let records = Int(words[3]),
            let seconds = Int(words[4])
        else {
            FileHandle.standardError.write(Data("usage: ledger-bench URL CONTROLLERS RECORDS SECONDS KEYS\n".utf8))
            exit(2)
        }
        url = words[1]
        self.controllers = controllers
        self.records = records
        self.seconds = seconds
        keys = words[5]
    }

    static let product = "bench"
    static let classes = ["normal", "urgent", "vip"]

    func open() async throws -> Books {
        let keys = try FileWeekKeys(folder: keys)
        try keys.prepare()
        return try await Books.open(url, keys: keys, time: SystemTime())
    }

    func intake() async throws {
        let books = try await open()
        let batch = BatchHeader(batch: BatchID("bench"), authority: "UTO-MOI", product: Bench.product)
        let begun = ContinuousClock.now
        for start in stride(from: 0, to: records, by: 500) {
            let page = (start..<min(records, start + 500)).map { number in
                IntakeRecord(
                    production: ProductionID("P\(number)"), requestID: "R\(number)", authority: "UTO-MOI",
                    product: Bench.product, stock: "id1", numberSpace: "UTO/ID", documentNumber: "N\(number)",
                    priorityClass: Bench.classes[number % 3], approvedAt: WallTime(microseconds: Int64(number)),
                    envelope: Bytes(repeating: 7, count: 2000))
            }
            _ = try await books.intake(page, batch: batch, cursor: nil)
        }
        print("intake \(rate(records, ContinuousClock.now - begun)) records/s")
    }

    func work() async throws {
        let begun = ContinuousClock.now
        let end = begun.advanced(by: .seconds(seconds))
        let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for number in 1...controllers { group.addTask { try await controller(number, until: end) } }
            var all: [Duration] = []
            for try await some in group { all += some }
            return all.sorted()
        }
        guard let last = times.last else { return }
        print(
            "controllers \(controllers) claim+finish \(rate(times.count, ContinuousClock.now - begun)) /s",
            "p50 \(times[times.count / 2]) p99 \(times[times.count * 99 / 100]) max \(last)")
    }

    private func controller(_ number: Int, until end: ContinuousClock.Instant) async throws -> [Duration] {
        let books = try await open()
        let lease = try await books.takeOver(LineID("line-\(number)"), by: LeaseHolder(name: "bench", host: "bench"))
        let cell = CellID("cell-1")
        let request = ClaimRequest(
            lease: lease, cell: cell, product: Bench.product, stocks: ["id1"], actor: "bench")
        var times: [Duration] = []
        while ContinuousClock.now < end {
            let begun = ContinuousClock.now
            guard let claim = try await books.claim(request) else { break }
            try await books.commit(
                Transition(
                    lease: lease, cell: cell, actor: "bench",
                    changes: [
                        .attempt(claim.attempt, .dropped, reason: nil),
                        .record(claim.production, .held, reason: "bench"),
                    ]))
            times.append(ContinuousClock.now - begun)
        }
        return times
    }

    private func rate(_ count: Int, _ time: Duration) -> Int {
        let parts = time.components
        return Int(Double(count) / (Double(parts.seconds) + Double(parts.attoseconds) / 1e18))
    }
}

let bench = Bench(CommandLine.arguments)
try await bench.intake()
try await bench.work()
