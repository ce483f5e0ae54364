import ArgumentParser
import Ground
import Ledger
import Line
import Stations
import Synchronization

struct BenchLedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "How soon a line is ready on books with the journal of a million documents.",
        discussion: """
            Makes --pattern documents on a line in memory and copies what they left in all tables until the books hold \
            --documents. Then the controller dies in the middle of a print; a new one opens the books, takes the line \
            over, finds the card, and feeds the next one. The time from before the books are opened until that is the \
            answer. Of a file the kernel is told to forget what it has in memory before.
            """)

    @Option(help: "Documents in the journal.") var documents = 1_000_000
    @Option(help: "Documents that are made in earnest, the pattern of the others.") var pattern = 1000
    @Option(help: "How often a controller starts.") var starts = 5
    @Option(help: "Goal (milliseconds).") var goalMs: Int64 = 10_000
    @Option(help: "A file or postgresql://…; a temporary file when it is not given.") var store: String?
    @Flag(help: "One JSON object (sakk.bench-ledger/1).") var json = false

    private static let line = LineID("bench")
    private static let cell = CellID("cell-1")

    func validate() throws {
        guard documents >= pattern, pattern > 0, starts > 0 else {
            throw ValidationError("--documents is not below --pattern; --pattern and --starts are counts.")
        }
    }

    func run() async throws {
        let place = try BenchStore(store)
        defer { place.remove() }
        let keys = try BenchKeys()
        let machine = BenchCell("1", pace: BenchPace(card: 0))
        let rows = try await grow(place.url, keys, machine)
        var openings = Timings()
        var feeds = Timings()
        for _ in 0..<starts {
            try await die(place.url, keys, machine)
            ColdFile.forget(place.url)
            let fed = machine.world.withLock { $0.fed }
            let began = BenchMeter.now
            let books = try await Books.open(place.url, keys: keys, time: SystemTime(), purpose: .simulation)
            openings.add(BenchMeter.now - began)
            let first = Moment()
            let controller = self.controller(books, machine, fed: { first.comes() })
            // the card that lies inside, and one more
            let summary = try await controller.run(target: 1)
            let now = machine.world.withLock { $0.fed }
            guard summary.done == 2, now == fed + 1, let moment = first.at else {
                Words.say("The run ended \(summary.state.word) after \(summary.done): \(summary.text)")
                throw Exit.breached
            }
            feeds.add(moment - began)
        }
        let size = ColdFile.size(place.url)
        let slowest = feeds.percentiles.maximum
        if json {
            print(
                JSONValue.object([
                    "documents": .integer(Int64(documents)), "journal_rows": .integer(rows),
                    "file_mb": .integer(size / 1_000_000), "opened": openings.json, "next_card_fed": feeds.json,
                    "goal_ms": .integer(goalMs), "goal_met": .bool(slowest <= goalMs * 1000),
                    "load_tenths": .integer(Int64(BenchMeter.load * 10)),
                ]).document(schema: "sakk.bench-ledger/1"))
        } else {
            let (open, fed) = (openings.percentiles, feeds.percentiles)
            print(
                """
                \(documents) documents, \(rows) journal rows\(size > 0 ? ", \(size / 1_000_000) MB" : "")
                books open: p50 \(open.p50 / 1000) ms, longest \(open.maximum / 1000) ms
                after a death with a card inside, the next card is fed: p50 \(fed.p50 / 1000) ms, longest \
                \(slowest / 1000) ms (goal \(goalMs) ms: \(slowest <= goalMs * 1000 ? "met" : "missed"))
                load of this machine \(BenchMeter.load)
                """)
        }
    }

    private func controller(
        _ books: Books, _ machine: BenchCell, ends: @escaping @Sendable () -> Bool = { false },
        fed: @escaping @Sendable () -> Void = {}
    ) -> LineController {
        let stations = machine.stations
        return LineController(
            configuration: LineConfiguration(
                line: Self.line, cell: Self.cell, product: BenchRecords.product, stock: "id1", actor: "bench"),
            store: books,
            stations: CellStations(
                printer: WatchedPrinter(printer: stations.printer, ends: ends, fed: fed), chip: stations.chip,
                camera: stations.camera, preparation: stations.preparation, inspection: stations.inspection,
                verification: stations.verification))
    }

    /// The pattern, made and finished; then its copies; then the records and blanks of the starts.
    private func grow(_ url: String, _ keys: BenchKeys, _ machine: BenchCell) async throws -> Int64 {
        let books = try await Books.open(url, keys: keys, time: SystemTime(), purpose: .simulation)
        try await BenchRecords.fill(books, 0..<pattern)
        try await BenchRecords.load(books, pattern, Self.line, Self.cell)
        let summary = try await controller(books, machine).run()
        guard summary.done == pattern else {
            Words.say("The pattern ended \(summary.state.word) after \(summary.done): \(summary.text)")
            throw Exit.breached
        }
        var grown = try await GrownBooks(books)
        try await grown.grow(to: documents) { count in
            if count % 100_000 == 0 { Words.say("\(count) documents are in the books") }
        }
        try await grown.settle()
        let rest = pattern..<pattern + starts * 2
        try await BenchRecords.fill(books, rest)
        try await BenchRecords.load(books, rest.count, Self.line, Self.cell)
        return try await grown.journalRows
    }

    /// A controller that ends in the middle of a print: its act has no result.
    private func die(_ url: String, _ keys: BenchKeys, _ machine: BenchCell) async throws {
        let books = try await Books.open(url, keys: keys, time: SystemTime(), purpose: .simulation)
        do throws(SakkError) {
            _ = try await controller(books, machine, ends: { true }).run(target: 1)
        } catch {
            guard error.code == SimulatedCrash.code else { throw error }
            return
        }
        throw Exit.breached
    }
}

/// When something happened first.
private final class Moment: Sendable {
    private let moment = Mutex<Int64?>(nil)
    var at: Int64? { moment.withLock { $0 } }
    func comes() { moment.withLock { if $0 == nil { $0 = BenchMeter.now } } }
}

/// Tells of the first feed; and may take the controller down once the print is done and before it says so.
private struct WatchedPrinter: CardPrinter {
    let printer: any CardPrinter
    let ends: @Sendable () -> Bool
    let fed: @Sendable () -> Void

    func connect() async throws(SakkError) -> PrinterIdentity { try await printer.connect() }
    func status() async throws(SakkError) -> PrinterStatus { try await printer.status() }
    func whereabouts() async throws(SakkError) -> PrinterStatus { try await printer.whereabouts() }
    func feed(to station: PrinterStation) async throws(SakkError) {
        fed()
        try await printer.feed(to: station)
    }
    func move(to station: PrinterStation) async throws(SakkError) { try await printer.move(to: station) }
    func print(_ job: PrintJob) async throws(SakkError) {
        try await printer.print(job)
        guard ends() else { return }
        throw SakkError(
            SimulatedCrash.code, source: "bench cell", outcome: .unknown, text: "The controller ends here.",
            remedy: "None.")
    }
    func present(_ side: CardSide) async throws(SakkError) { try await printer.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) { try await printer.eject(exit) }
    func disconnect() async { await printer.disconnect() }
}
