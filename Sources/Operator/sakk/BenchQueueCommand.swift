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
            LOCKED). The store must be empty; a simulation's books are made in it.
            """)

    @Option(help: "Backlogs to measure at, rising, with commas.") var rows = "10000,1000000"
    @Option(help: "Documents per backlog.") var documents = 500
    @Option(help: "A file or postgresql://…; a temporary file when it is not given.") var store: String?
    @Flag(help: "One JSON object (sakk.bench-queue/1).") var json = false

    private static let page = 2000

    func run() async throws {
        let sizes = rows.split(separator: ",").compactMap { Int($0) }.sorted()
        guard !sizes.isEmpty, documents > 0 else { throw ValidationError("--rows needs numbers, --documents too") }
        let place = try BenchStore(store)
        defer { place.remove() }
        let time = SystemTime()
        let books = try await Books.open(place.url, keys: try BenchKeys(), time: time, purpose: .simulation)
        let bare = try await BareQueue(books)
        let cell = CellID("cell-1")
        let lease = try await books.takeOver(LineID("bench"), by: LeaseHolder(name: "bench", host: "bench"))
        var taken = 0
        var made = 0
        var results: [JSONValue] = []
        for size in sizes {
            // as many wait as asked, whatever was made before
            let filled = try await fill(books, bare, from: taken, to: size + made, time: time)
            taken = size + made
            let blanks = try await books.load(
                count: documents, stock: "id1", lot: "B\(size)", line: lease.line, cell: cell, by: "bench")
            var claims = Timings()
            var finishes = Timings()
            var both = Timings()
            var bareBoth = Timings()
            for blank in blanks {
                // taken in turns, so that whatever else the machine does meets both alike
                let start = time.boot().microseconds
                let request = ClaimRequest(
                    lease: lease, cell: cell, product: BenchRecords.product, stocks: ["id1"], actor: "bench")
                guard let claim = try await books.claim(request) else { break }
                let claimed = time.boot().microseconds
                try await books.commit(finish(claim, blank, lease, cell))
                let done = time.boot().microseconds
                guard let job = try await bare.claim() else { break }
                try await bare.finish(job)
                bareBoth.add(time.boot().microseconds - done)
                claims.add(claimed - start)
                finishes.add(done - claimed)
                both.add(done - start)
                made += 1
            }
            let ratio = bareBoth.rate > 0 ? both.rate / bareBoth.rate : 0
            results.append([
                "backlog": .integer(Int64(size)), "fill_per_second": .integer(filled), "claim": claims.json,
                "finish": finishes.json, "claim_and_finish": both.json, "bare_claim_and_finish": bareBoth.json,
                "ratio_to_bare_ppm": .integer(Int64((ratio * 1_000_000).rounded())),
            ])
            if !json { say(size, filled, claims, finishes, both, bareBoth, ratio) }
        }
        if json { print(JSONValue.object(["backlogs": .array(results)]).document(schema: "sakk.bench-queue/1")) }
    }

    private func say(
        _ size: Int, _ filled: Int64, _ claims: Timings, _ finishes: Timings, _ both: Timings, _ bare: Timings,
        _ ratio: Double
    ) {
        print("backlog \(size): filled at \(filled) records/s")
        for (name, timings) in [("claim", claims), ("finish", finishes), ("both", both), ("bare both", bare)] {
            let percentiles = timings.percentiles
            print(
                "  \(name): \(Int(timings.rate.rounded()))/s, p50 \(percentiles.p50) us, p99 \(percentiles.p99) us, "
                    + "longest \(percentiles.maximum) us")
        }
        print("  ratio to bare \((ratio * 100).rounded() / 100)")
    }

    /// Records a second that the intake took.
    private func fill(_ books: Books, _ bare: BareQueue, from: Int, to: Int, time: SystemTime) async throws -> Int64 {
        var spent: Int64 = 0
        var next = from
        while next < to {
            let end = min(next + Self.page, to)
            let records = (next..<end).map(BenchRecords.intake)
            let header = BatchHeader(
                batch: BatchID("bench-\(next)"), authority: "UTO-BENCH", product: BenchRecords.product)
            let start = time.boot().microseconds
            _ = try await books.intake(records, batch: header, cursor: nil)
            spent += time.boot().microseconds - start
            try await bare.fill(next..<end)
            next = end
        }
        return spent > 0 ? Int64(to - from) * 1_000_000 / spent : 0
    }

    private func finish(_ claim: Claim, _ blank: BlankID, _ lease: Lease, _ cell: CellID) -> Transition {
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
