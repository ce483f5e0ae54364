import Ground
import Ledger
import Line
import Stations

/// What stays over all lives of the controller: the world, the disk, the clock, the names.
struct SimulatedPlant: Sendable {
    let world: World
    let disk: String
    let time: any TimeSource
    let scheduler: Scheduler?
    let documents: Int
    let cells: Int
    let seed: UInt64
    /// Books elsewhere than on the plant's own disk in memory: a path or `postgresql://…`.
    var books: String?
    /// The lease of a process of its own, on the machine's clock.
    var lease: ProcessLease?

    struct ProcessLease: Sendable {
        let host: String
        let duration: Int64
    }

    var path: String { books ?? "/crashdisk/\(disk)/ledger.db" }

    static func line(_ cell: Int) -> LineID { LineID("line-\(cell + 1)") }

    /// The documents of a cell: person 1 for the first cell, 2 for the second, and so on round.
    func persons(of cell: Int) -> [Int] { Array(stride(from: cell + 1, through: documents, by: cells)) }

    func open() async throws(SakkError) -> any LedgerStore {
        try await Books.open(
            path, keys: SimulatedWeekKeys(), time: time, purpose: .simulation,
            executor: scheduler.map { Scheduler.Seat($0) })
    }

    /// Records in the queue.
    func waiting() throws -> Int {
        try BooksReading(path).count("SELECT COUNT(*) AS n FROM production WHERE state = 'queued'")
    }

    func isBooklets(_ cell: Int) -> Bool { world.profile.isBooklets(cell) }

    private func stock(_ cell: Int) -> String {
        isBooklets(cell) ? SimulatedPeople.bookletStock : SimulatedPeople.stock
    }

    /// What the line of this cell makes.
    private func product(_ cell: Int) -> String {
        isBooklets(cell) ? "simulated-passport-" + world.profile.category(cell) : SimulatedPeople.product
    }

    func intake(_ person: Int) -> IntakeRecord {
        let cell = (person - 1) % cells
        return IntakeRecord(
            production: ProductionID("PROD" + SimulatedPeople.padded(person, 8)), requestID: "REQ-\(person)",
            authority: SimulatedPeople.authority, product: product(cell), stock: stock(cell), numberSpace: "UTO/SIM",
            documentNumber: isBooklets(cell) ? nil : SimulatedPeople.number(person),
            priorityClass: "normal",
            approvedAt: WallTime(microseconds: Int64(person)), envelope: Bytes("\(person)".utf8))
    }

    func header(_ cell: Int) -> BatchHeader {
        BatchHeader(
            batch: BatchID("batch-\(cell + 1)"), authority: SimulatedPeople.authority,
            product: product(cell))
    }

    func controller(
        _ cell: Int, _ store: any LedgerStore, _ gate: Gate,
        events: @escaping @Sendable (LineProgress) -> Void = { _ in }
    ) -> LineController {
        let stations = CellStations(
            printer: SimulatedPrinter(world: world, cell: cell, gate: gate),
            chip: world.station(cell: cell, gate: gate, desk: false),
            camera: SimulatedCamera(world: world, cell: cell, gate: gate),
            preparation: world.look { $0.chips }?.preparation(SimulatedArtwork()) ?? SimulatedPreparation(world: world),
            inspection: SimulatedInspection(),
            verification: SimulatedVerification(product: product(cell), isBooklets: isBooklets(cell)),
            booklets: isBooklets(cell) ? SimulatedBookletReader(world: world, cell: cell, gate: gate) : nil)
        var configuration = LineConfiguration(
            line: SimulatedPlant.line(cell), cell: CellID("cell-\(cell + 1)"), product: product(cell),
            stock: stock(cell), actor: "operator")
        if isBooklets(cell) { configuration.booklets = BookletRule(category: world.profile.category(cell)) }
        // the lease ends on the world's clock, and no heartbeat of the machine's clock comes in between
        configuration.time = time
        if let lease {
            configuration.host = lease.host
            configuration.leaseDuration = lease.duration
            configuration.leaseMargin = lease.duration / 6
            return LineController(configuration: configuration, store: store, stations: stations, events: events)
        }
        configuration.leaseDuration = .max / 4
        configuration.pause = { _ in
            let (never, _) = AsyncStream<Void>.makeStream()
            for await _ in never {}
            throw CancellationError()
        }
        return LineController(configuration: configuration, store: store, stations: stations)
    }
}
