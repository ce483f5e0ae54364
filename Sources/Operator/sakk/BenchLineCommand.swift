import ArgumentParser
import Ground
import Ledger
import Line
import Stations
import Synchronization

struct BenchLineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "line", abstract: "How busy the machines are kept, commits and controller CPU per card, memory.",
        discussion: """
            Cells in memory whose machines do everything right and take their time for it (--card-ms a card, the print \
            most of it). Chip files and artwork are small stand-ins; --inspection-ms and --preparation-ms keep a core busy \
            for as long as the real work does (`sakk bench card` measures it). A station is busy while it works by its \
            data sheet; the rest of the time it waits for the controller. The baseline of the same run is one bare \
            transaction on the same store.
            """)

    @Option(help: "Cards, all cells together.") var documents = 200
    @Option(help: "Cells, each with printer, reader and camera; all in one process on one ledger.") var cells = 1
    @Option(help: "How long the machine takes for a card (milliseconds).") var cardMs: Int64 = 100
    @Option(help: "What its data sheet says (milliseconds): the busy share is also computed for this speed.")
    var dataSheetMs: Int64 = 24_000
    @Option(help: "Processor time of an inspection (milliseconds).") var inspectionMs: Int64 = 0
    @Option(help: "Processor time of a preparation (milliseconds).") var preparationMs: Int64 = 0
    @Option(help: "A file or postgresql://…; a temporary file when it is not given.") var store: String?
    @Flag(help: "One JSON object (sakk.bench-line/1).") var json = false

    func validate() throws {
        guard documents > 0, (1...512).contains(cells), cardMs >= 0, dataSheetMs > 0 else {
            throw ValidationError("--documents, --cells (1 to 512) and the times are counts.")
        }
    }

    func run() async throws {
        let place = try BenchStore(store)
        defer { place.remove() }
        let books = try await Books.open(
            place.url, keys: try BenchKeys(), time: SystemTime(), purpose: .simulation)
        let line = LineID("bench")
        let names = (1...cells).map { CellID("cell-\($0)") }
        try await BenchRecords.fill(books, 0..<documents)
        // a cell that is faster than the others makes more than its share
        for name in names {
            try await BenchRecords.load(books, min(documents, documents / cells * 2 + 20), line, name)
        }
        let bare = try await bareTransaction(books)

        let meter = BenchMeter()
        var pace = BenchPace(card: cardMs * 1000)
        pace.inspection = inspectionMs * 1000
        pace.preparation = preparationMs * 1000
        let machines = names.map { BenchCell($0.rawValue, pace: pace) }
        let memory = MemoryWatch(documents: documents)
        let controller = LineController(
            cells: zip(names, machines).map { name, machine in
                LineCell(
                    configuration: LineConfiguration(
                        line: line, cell: name, product: BenchRecords.product, stock: "id1", actor: "bench"),
                    stations: machine.stations)
            }, store: MeteredStore(store: books, meter: meter), events: { memory.sees($0.done) })
        let cpu = BenchMeter.cpu
        let began = BenchMeter.now
        let summary = try await controller.run()
        let result = BenchLineResult(
            done: summary.done, cells: cells, elapsed: BenchMeter.now - began, cpu: BenchMeter.cpu - cpu, bare: bare,
            meter: meter.state.withLock { $0 }, machines: machines.map { $0.world.withLock { $0 } },
            dataSheet: dataSheetMs * 1000, pace: pace, memory: memory.samples)
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
}

extension BenchCell {
    var stations: CellStations {
        let records = BenchRecords(preparation: pace.preparation)
        return CellStations(
            printer: BenchPrinter(cell: self), chip: BenchChip(cell: self), camera: BenchCamera(cell: self),
            preparation: records, inspection: BenchInspection(pace: pace), verification: records)
    }
}

/// Resident memory after each tenth of the documents.
private final class MemoryWatch: Sendable {
    private let step: Int
    private let state = Mutex<(next: Int, samples: [Int64])>((0, []))

    init(documents: Int) {
        step = max(1, documents / 10)
        state.withLock { $0.next = step }
    }

    var samples: [Int64] { state.withLock { $0.samples } }

    func sees(_ done: Int) {
        state.withLock { state in
            guard done >= state.next else { return }
            state.next += step
            state.samples.append(BenchMeter.resident)
        }
    }
}
