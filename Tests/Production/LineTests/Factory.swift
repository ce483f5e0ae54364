import Foundation
import Ground
import KeyVault
import Ledger
import Line
import Stations
import Synchronization

/// One plant, one ledger file, and controllers that come and go.
final class Factory {
    /// One for each cell; cell `n` has the cards after those of cell `n - 1`.
    let plants: [MemoryPlant]
    /// The first cell's.
    var plant: MemoryPlant { plants[0] }
    let folder: URL
    /// A disk of `CCrashDisk`, in place of the folder.
    let disk: String?
    var path: String { disk.map { "/crashdisk/\($0)/ledger.db" } ?? folder.appendingPathComponent("ledger.db").path }
    let line = LineID("line-1")
    let batch = BatchID("batch-1")
    var overflowing: Set<String> = []
    var withdrawn: Set<Int> = []
    var adjust: (inout LineConfiguration) -> Void = { _ in }
    var wrap: (CellStations) -> CellStations = { $0 }
    /// As `wrap`, told the cell's number from 1.
    var wrapCell: (Int, CellStations) -> CellStations = { $1 }
    var time: any TimeSource = SystemTime()
    /// What the person at the line was told.
    private(set) var holds: [String] = []

    init(
        records: Int, cards: Int, faults: Set<MemoryPlant.Fault> = [], cells: Int = 1, disk: String? = nil
    ) async throws {
        self.disk = disk
        plants = (0..<cells).map { MemoryPlant(cards: cards, after: $0 * cards, faults: faults) }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ledger = try await ledger()
        let header = BatchHeader(batch: batch, authority: "UTO-MOI", product: TestRecord.product)
        _ = try await ledger.intake((1...records).map { TestRecord.intake($0) }, batch: header, cursor: nil)
        for cell in 1...cells {
            _ = try await ledger.load(
                count: cards, stock: "id1", lot: "L1", line: line, cell: CellID("cell-\(cell)"), by: "test")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func ledger() async throws(SakkError) -> Books {
        let keys = try FileWeekKeys(folder: folder.appendingPathComponent("vault").path)
        try keys.prepare()
        return try await Books.open(path, keys: keys, time: time)
    }

    func controller(_ ledger: Books) -> LineController {
        LineController(
            cells: plants.indices.map(cell), store: ledger, desk: MemoryChipStation(plant: plant, desk: true))
    }

    private func cell(_ index: Int) -> LineCell {
        let plant = plants[index]
        let stations = CellStations(
            printer: MemoryPrinter(plant: plant), chip: MemoryChipStation(plant: plant),
            camera: MemoryCamera(plant: plant),
            preparation: MemoryPreparation(plant: plant, overflowing: overflowing),
            inspection: MemoryInspection(plant: plant), verification: MemoryVerification(withdrawn: withdrawn))
        var configuration = LineConfiguration(
            line: line, cell: CellID("cell-\(index + 1)"), product: TestRecord.product, stock: "id1", actor: "test")
        configuration.preparesAhead = false
        configuration.time = time
        // real time passes for a lease, and a machine with a thousand tests may stop for longer than a line would
        configuration.leaseDuration = 120_000_000
        adjust(&configuration)
        return LineCell(configuration: configuration, stations: wrapCell(index + 1, wrap(stations)))
    }

    /// Starts controllers, and helps as a person would, until the queue is empty; at most `starts` times.
    @discardableResult
    func runToTheEnd(starts: Int = 12, acknowledged: Bool = false) async throws -> RunSummary {
        var acknowledged = acknowledged
        for _ in 0..<starts {
            CrashScope.active?.revive()
            let controller = controller(try await ledger())
            do {
                // the desk gave no answer before the crash: the person lays the same card on it again
                if let card = plant.world.withLock({ $0.onDesk }) {
                    try await settle(card, plant.world.withLock { $0.good.contains(card) } ? .good : nil, controller)
                }
                let summary = try await controller.run(acknowledgedBy: acknowledged ? "operator" : nil)
                if summary.state == .complete { return summary }
                holds.append(summary.code ?? "none")
                acknowledged = true
                try await help(summary, controller)
            } catch let error as SakkError where error.code == SimulatedCrash.code {
                continue
            }
        }
        throw SakkError("test.endless", source: "factory", text: "\(holds)", remedy: "none")
    }

    /// One controller that may die.
    func runOnce() async throws {
        let controller = controller(try await ledger())
        do {
            let summary = try await controller.run(acknowledgedBy: "operator")
            if summary.state != .complete { try await help(summary, controller) }
        } catch let error as SakkError where error.code == SimulatedCrash.code {
            return
        }
    }

    /// Goes on after a test stopped a controller itself.
    static func finish(_ factory: Factory) async throws {
        factory.wrap = { $0 }
        try await factory.runToTheEnd()
    }

    /// What the remedy says: takes the card out, and tries the cards that may be meant at the desk reader.
    private func help(_ summary: RunSummary, _ controller: LineController) async throws {
        plant.takeOut()
        let world = plant.world.withLock { $0 }
        var candidates: [(Int, CardExit?)] = world.hands.map { ($0, nil) }
        if let top = world.good.last { candidates.append((top, .good)) }
        if let top = world.reject.last { candidates.append((top, .reject)) }
        for (card, box) in candidates { try await settle(card, box, controller) }
    }

    private func settle(_ card: Int, _ box: CardExit?, _ controller: LineController) async throws {
        plant.layOnDesk(card)
        do {
            let settled = try await controller.settleFound(
                in: box, at: MemoryChipStation(plant: plant, desk: true), by: "operator")
            plant.put(card, good: settled.decision == .good)
        } catch {
            guard ["settle.card.unexpected", "settle.card.mute"].contains(error.code) else { throw error }
        }
        plant.layOnDesk(nil)
    }
}
