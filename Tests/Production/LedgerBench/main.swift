import Foundation
import Glibc
import Ground
import KeyVault
import Ledger
import Stations

// ledger-bench fill URL KEYS RECORDS          takes records into books and copies them until so many wait
// ledger-bench work URL KEYS CONTROLLERS SECONDS   claims and finishes from several controllers, each with a connection
//
// `work` prints one line: documents a second, percentiles in microseconds, this process's time in microseconds a document.

struct Bench: Sendable {
    let url: String
    let keys: String

    static let product = "bench"
    static let classes = ["normal", "urgent", "vip"]
    /// Records that are taken in as connectors do; what is more is copied from them by the server.
    static let pattern = 9_999

    func open() async throws -> Books {
        let keys = try FileWeekKeys(folder: keys)
        try keys.prepare()
        return try await Books.open(url, keys: keys, time: SystemTime(), purpose: .simulation)
    }

    func fill(_ records: Int) async throws {
        let books = try await open()
        let batch = BatchHeader(batch: BatchID("bench"), authority: "UTO-MOI", product: Bench.product)
        let begun = ContinuousClock.now
        let first = min(records, Bench.pattern)
        for start in stride(from: 0, to: first, by: 500) {
            let page = (start..<min(first, start + 500)).map { number in
                IntakeRecord(
                    production: ProductionID("P\(number)"), requestID: "R\(number)", authority: "UTO-MOI",
                    product: Bench.product, stock: "id1", numberSpace: "UTO/ID", documentNumber: "N\(number)",
                    priorityClass: Bench.classes[number % 3], approvedAt: WallTime(microseconds: Int64(number)),
                    envelope: Bytes(repeating: 7, count: 2000))
            }
            _ = try await books.intake(page, batch: batch, cursor: nil)
        }
        print("intake \(rate(first, ContinuousClock.now - begun)) records/s")
        var grown = try await GrownBooks(books)
        try await grown.grow(to: records)
        try await grown.settle()
    }

    func work(_ controllers: Int, _ seconds: Int) async throws {
        let begun = ContinuousClock.now
        let spent = processor
        let end = begun.advanced(by: .seconds(seconds))
        let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for number in 1...controllers { group.addTask { try await controller(number, until: end) } }
            var all: [Duration] = []
            for try await some in group { all += some }
            return all.sorted()
        }
        guard !times.isEmpty else { return }
        func microseconds(_ percent: Int) -> Int64 {
            let parts = times[min(times.count - 1, times.count * percent / 100)].components
            return parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        }
        print(
            "ledger \(rate(times.count, ContinuousClock.now - begun)) p50 \(microseconds(50)) p99 \(microseconds(99))",
            "cpu \((processor - spent) / Int64(times.count))")
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

    private var processor: Int64 {
        var value = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }

    private func rate(_ count: Int, _ time: Duration) -> Int {
        let parts = time.components
        return Int(Double(count) / (Double(parts.seconds) + Double(parts.attoseconds) / 1e18))
    }
}

let words = CommandLine.arguments
let numbers = words.dropFirst(4).compactMap { Int($0) }
let bench = Bench(url: words.count > 3 ? words[2] : "", keys: words.count > 3 ? words[3] : "")
switch (words.dropFirst().first, numbers.count) {
case ("fill", 1): try await bench.fill(numbers[0])
case ("work", 2): try await bench.work(numbers[0], numbers[1])
default:
    FileHandle.standardError.write(Data("usage: see the first lines of Tests/Production/LedgerBench/main.swift\n".utf8))
    exit(2)
}
