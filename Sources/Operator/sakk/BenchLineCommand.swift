import ArgumentParser
import Ground
import Ledger
import Line
import Stations
import Synchronization

struct BenchLineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "Commits per card, controller CPU by step, and how busy the machine is kept.",
        discussion: """
            One cell in memory: the machine does everything right and takes --card-ms for a card. Chip files and \
            artwork are small stand-ins, so the CPU is that of line and ledger alone. The baseline of the same run is \
            one bare transaction on the same store.
            """)

    @Option(help: "Cards.") var documents = 200
    @Option(help: "How long the machine takes for a card (milliseconds).") var cardMs: Int64 = 100
    @Option(help: "What its data sheet says (milliseconds): the busy share is also given at this speed.")
    var dataSheetMs: Int64 = 24_000
    @Option(help: "A file or postgresql://…; a temporary file when it is not given.") var store: String?
    @Flag(help: "One JSON object (sakk.bench-line/1).") var json = false

    func run() async throws {
        let place = try BenchStore(store)
        defer { place.remove() }
        let time = SystemTime()
        let books = try await Books.open(place.url, keys: try BenchKeys(), time: time, purpose: .simulation)
        let line = LineID("bench")
        let cellID = CellID("cell-1")
        let header = BatchHeader(batch: BatchID("bench"), authority: "UTO-BENCH", product: BenchRecords.product)
        _ = try await books.intake((1...documents).map(BenchRecords.intake), batch: header, cursor: nil)
        _ = try await books.load(count: documents, stock: "id1", lot: "B", line: line, cell: cellID, by: "bench")
        let bare = try await bareTransaction(books)

        let meter = BenchMeter()
        let cell = BenchCell(cardTime: cardMs * 1000, meter: meter)
        let records = BenchRecords()
        let controller = LineController(
            configuration: LineConfiguration(
                line: line, cell: cellID, product: BenchRecords.product, stock: "id1", actor: "bench"),
            store: MeteredStore(store: books, meter: meter),
            stations: CellStations(
                printer: BenchPrinter(cell: cell), chip: BenchChip(cell: cell), camera: BenchCamera(cell: cell),
                preparation: records, inspection: BenchInspection(), verification: records))
        let cpu = BenchMeter.cpu
        let began = BenchMeter.now
        let summary = try await controller.run()
        let result = Result(
            done: summary.done, elapsed: BenchMeter.now - began, cpu: BenchMeter.cpu - cpu, bare: bare,
            meter: meter.state.withLock { $0 }, dataSheet: dataSheetMs * 1000, cardTime: cardMs * 1000)
        guard summary.done == documents else {
            Words.say("The run ended \(summary.state.word) after \(summary.done): \(summary.text)")
            throw Exit.breached
        }
        print(json ? result.json : result.text, terminator: json ? "\n" : "")
    }

    /// Median microseconds of a transaction that changes one row.
    private func bareTransaction(_ books: Books) async throws -> Int64 {
        let bare = try await BareQueue(books)
        try await bare.fill(0..<200)
        var timings = Timings()
        for _ in 0..<200 {
            let start = BenchMeter.now
            _ = try await bare.claim()
            timings.add(BenchMeter.now - start)
        }
        return timings.percentiles.p50
    }

    private struct Result {
        let done: Int
        let elapsed: Int64
        let cpu: Int64
        let bare: Int64
        let meter: BenchMeter.State
        let dataSheet: Int64
        let cardTime: Int64

        var cards: Double { Double(max(done, 1)) }
        var share: Double { Double(meter.machineBusy) / Double(max(elapsed, 1)) }
        /// Time per card in which no card was in the machine.
        var gap: Double { Double(elapsed - meter.machineBusy) / cards }
        /// What the controller adds to a card while it is in the machine.
        var held: Double { Double(meter.machineBusy) / cards - Double(cardTime) }
        /// Share of the time that the machine works at its own pace, were a card as slow as the data sheet says.
        var dataSheetShare: Double { Double(dataSheet) / (Double(dataSheet) + gap + held) }

        var json: String {
            func ppm(_ share: Double) -> JSONValue { .integer(Int64((share * 1_000_000).rounded())) }
            let steps = meter.steps.mapValues { step -> JSONValue in
                [
                    "calls_per_1000_cards": .integer(Int64(Double(step.calls) * 1000 / cards)),
                    "cpu_us_per_card": .integer(Int64(Double(step.cpu) / cards)),
                    "elapsed_us_per_card": .integer(Int64(Double(step.elapsed) / cards)),
                ]
            }
            return JSONValue.object([
                "cards": .integer(Int64(done)), "elapsed_us": .integer(elapsed),
                "commits_per_1000_cards": .integer(Int64(Double(meter.commits) * 1000 / cards)),
                "cpu_us_per_card": .integer(Int64(Double(cpu) / cards)), "steps": .object(steps),
                "machine_card_us": .integer(cardTime), "machine_in_use_ppm": ppm(share),
                "gap_us_per_card": .integer(Int64(gap)), "controller_wait_us_per_card": .integer(Int64(gap + held)),
                "data_sheet_card_us": .integer(dataSheet), "busy_at_data_sheet_speed_ppm": ppm(dataSheetShare),
                "bare_transaction_p50_us": .integer(bare),
            ]).document(schema: "sakk.bench-line/1")
        }

        var text: String {
            func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
            var lines = [
                "\(done) cards in \(tenths(Double(elapsed) / 1_000_000)) s",
                "commits per card \(tenths(Double(meter.commits) / cards)), a bare transaction takes \(bare) us",
                "controller CPU per card \(tenths(Double(cpu) / cards / 1000)) ms, of it",
            ]
            for (name, step) in meter.steps.sorted(by: { $0.value.cpu > $1.value.cpu }) {
                lines.append(
                    "  \(name): \(tenths(Double(step.cpu) / cards / 1000)) ms in \(tenths(Double(step.calls) / cards)) "
                        + "calls, \(tenths(Double(step.elapsed) / cards / 1000)) ms elapsed")
            }
            lines += [
                "a card in the machine \(tenths(share * 100)) % of the time at \(cardTime / 1000) ms a card",
                "the controller adds \(tenths((gap + held) / 1000)) ms a card: at \(dataSheet / 1000) ms a card the "
                    + "machine works \((dataSheetShare * 10_000).rounded() / 100) % of the time (computed)",
            ]
            return lines.joined(separator: "\n") + "\n"
        }
    }
}
