import ArgumentParser
import Ground
import Ledger
import Stations

struct BenchQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Rate and times of claim and finish at growing backlogs.",
        discussion: """
            A document is two transactions here: the claim, and one that binds a blank and ends good. Beside them the \
            same connection runs a claim and a finish on one bare table of as many rows (on PostgreSQL with SKIP \
            LOCKED), and two bare pages are written to the same disk and synced, which is the least that two \
            transactions can cost there. The store must be empty; a simulation's books are made in it. Ten thousand records are taken in as \
            connectors do; longer queues are copies of them, rows of queue and journal without payloads.
            """)

    @Option(help: "Backlogs to measure at, rising, with commas.") var rows = "10000,1000000"
    @Option(help: "Documents per backlog.") var documents = 500
    @Option(help: "A file or postgresql://…; a temporary file when it is not given.") var store: String?
    @Flag(help: "One JSON object (sakk.bench-queue/1).") var json = false

    /// So many records are taken in as the connectors do; what is more is copied from them by the store.
    private static let pattern = 10_000

    func run() async throws {
        let sizes = rows.split(separator: ",").compactMap { Int($0) }.sorted()
        guard let smallest = sizes.first, smallest > documents, documents > 0 else {
            throw ValidationError("--rows needs numbers that are larger than --documents")
        }
        let place = try BenchStore(store)
        defer { place.remove() }
        let time = SystemTime()
        let books = try await Books.open(place.url, keys: try BenchKeys(), time: time, purpose: .simulation)
        let bare = try await BareQueue(books)
        let cell = CellID("cell-1")
        let lease = try await books.takeOver(LineID("bench"), by: LeaseHolder(name: "bench", host: "bench"))
        let bench = Lap(
            books: books, bare: bare, floor: DiskFloor(beside: place.url), lease: lease, cell: cell, time: time)
        let first = min(Self.pattern, smallest)
        let began = BenchMeter.now
        try await BenchRecords.fill(books, 0..<first)
        let filled = Int64(first) * 1_000_000 / max(1, BenchMeter.now - began)
        var grown = try await GrownBooks(books)
        var bares = 0
        var results: [JSONValue] = []
        for size in sizes {
            try await grown.grow(to: size) { count in
                if count % 1_000_000 < first { Words.say("\(count) records are in the books") }
            }
            try await bare.fill(bares..<size)
            bares = size
            try await grown.settle()
            let blanks = try await books.load(
                count: documents + Lap.warm, stock: "id1", lot: "B\(size)", line: lease.line, cell: cell, by: "bench")
            let lap = try await bench.run(blanks)
            results.append(lap.json(size))
            if !json { print(lap.text(size), terminator: "") }
        }
        if json {
            print(
                JSONValue.object([
                    "backlogs": .array(results), "fill_per_second": .integer(filled),
                    "load_tenths": .integer(Int64(BenchMeter.load * 10)),
                ]).document(schema: "sakk.bench-queue/1"))
        } else {
            print("taken in at \(filled) records/s; load of this machine \(BenchMeter.load)")
        }
    }
}

/// Claims and finishes at one length of the queue.
private struct Lap {
    /// Documents that are not counted: the first ones read what a running plant has in memory.
    static let warm = 50

    let books: Books
    let bare: BareQueue
    let floor: DiskFloor?
    let lease: Lease
    let cell: CellID
    let time: SystemTime

    struct Result {
        var claims = Timings()
        var finishes = Timings()
        var both = Timings()
        var bare = Timings()
        var floor = Timings()

        var ratio: Double { bare.rate > 0 ? both.rate / bare.rate : 0 }

        func json(_ size: Int) -> JSONValue {
            [
                "backlog": .integer(Int64(size)), "claim": claims.json, "finish": finishes.json,
                "claim_and_finish": both.json, "bare_claim_and_finish": bare.json, "two_syncs": floor.json,
                "ratio_to_bare_ppm": .integer(Int64((ratio * 1_000_000).rounded())),
            ]
        }

        func text(_ size: Int) -> String {
            var text = "backlog \(size)\n"
            let all = [
                ("claim", claims), ("finish", finishes), ("both", both), ("bare both", bare),
                ("two bare syncs", floor),
            ]
            for (name, timings) in all where timings.percentiles.count > 0 {
                let percentiles = timings.percentiles
                text +=
                    "  \(name): \(Int(timings.rate.rounded()))/s, p50 \(percentiles.p50) us, p99 \(percentiles.p99) us, "
                    + "longest \(percentiles.maximum) us\n"
            }
            return text + "  ratio to bare \((ratio * 100).rounded() / 100)\n"
        }
    }

    /// Taken in turns, so that whatever else the machine does meets both alike.
    func run(_ blanks: [BlankID]) async throws -> Result {
        var result = Result()
        for (number, blank) in blanks.enumerated() {
            let start = time.boot().microseconds
            let request = ClaimRequest(
                lease: lease, cell: cell, product: BenchRecords.product, stocks: ["id1"], actor: "bench")
            guard let claim = try await books.claim(request) else { break }
            let claimed = time.boot().microseconds
            try await books.commit(finish(claim, blank))
            let done = time.boot().microseconds
            guard let job = try await bare.claim() else { break }
            try await bare.finish(job)
            let last = time.boot().microseconds
            try floor?.twoSyncs()
            let synced = time.boot().microseconds
            guard number >= Lap.warm else { continue }
            result.bare.add(last - done)
            if floor != nil { result.floor.add(synced - last) }
            result.claims.add(claimed - start)
            result.finishes.add(done - claimed)
            result.both.add(done - start)
        }
        return result
    }

    private func finish(_ claim: Claim, _ blank: BlankID) -> Transition {
        Transition(
            lease: lease, cell: cell, actor: "bench",
            changes: [
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("BENCHCHIP\(blank)")),
                .attempt(claim.attempt, .produced, reason: nil),
                .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
                .record(claim.production, .produced, reason: nil),
            ])
    }
}
