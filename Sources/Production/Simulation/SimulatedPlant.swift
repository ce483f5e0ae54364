import Ground
import Ledger
import Line
import Stations

/// What stays over all lives of the controller: the world, the disk, the clock, the names.
struct SimulatedPlant: Sendable {
    let world: World
    let disk: String
    let time: VirtualTime
    let scheduler: Scheduler
    let documents: Int
    let cells: Int
    let seed: UInt64

    var path: String { "/crashdisk/\(disk)/ledger.db" }

    static func line(_ cell: Int) -> LineID { LineID("line-\(cell + 1)") }

    /// The documents of a cell: person 1 for the first cell, 2 for the second, and so on round.
    func persons(of cell: Int) -> [Int] { Array(stride(from: cell + 1, through: documents, by: cells)) }

    func open() async throws(SakkError) -> any LedgerStore {
        try await Books.open(path, keys: SimulatedWeekKeys(), time: time, purpose: .simulation)
    }

    /// Records in the queue.
    func waiting() throws -> Int {
        try BooksReading(path).count("SELECT COUNT(*) FROM production WHERE state = 'queued'")
    }

    func intake(_ person: Int) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("PROD" + SimulatedPeople.padded(person, 8)), requestID: "REQ-\(person)",
            authority: SimulatedPeople.authority, product: SimulatedPeople.product, stock: SimulatedPeople.stock,
            numberSpace: "UTO/SIM", documentNumber: world.profile.isBooklets ? nil : SimulatedPeople.number(person),
            priorityClass: "normal",
            approvedAt: WallTime(microseconds: Int64(person)), envelope: Bytes("\(person)".utf8))
    }

    func header(_ cell: Int) -> BatchHeader {
        BatchHeader(
            batch: BatchID("batch-\(cell + 1)"), authority: SimulatedPeople.authority,
            product: SimulatedPeople.product)
    }

    func controller(_ cell: Int, _ store: any LedgerStore, _ gate: Gate) -> LineController {
        let stations = CellStations(
            printer: SimulatedPrinter(world: world, cell: cell, gate: gate),
            chip: SimulatedChip(world: world, cell: cell, gate: gate),
            camera: SimulatedCamera(world: world, cell: cell, gate: gate),
            preparation: SimulatedPreparation(world: world), inspection: SimulatedInspection(),
            verification: SimulatedVerification(isBooklets: world.profile.isBooklets),
            booklets: world.profile.isBooklets ? SimulatedBookletReader(world: world, cell: cell, gate: gate) : nil)
        var configuration = LineConfiguration(
            line: SimulatedPlant.line(cell), cell: CellID("cell-\(cell + 1)"), product: SimulatedPeople.product,
            stock: SimulatedPeople.stock, actor: "operator")
        if world.profile.isBooklets { configuration.booklets = BookletRule(category: "regular") }
        // the lease ends on the world's clock, and no heartbeat of the machine's clock comes in between
        configuration.time = time
        configuration.leaseDuration = .max / 4
        configuration.pause = { _ in try await Task.sleep(for: .seconds(86_400)) }
        return LineController(configuration: configuration, store: store, stations: stations)
    }
}
