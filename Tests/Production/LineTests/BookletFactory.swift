import Foundation
import GRDB
import Ground
import KeyVault
import Ledger
import Stations
import Synchronization

@testable import Line

/// A line of one cell for booklets, its books, and controllers that come and go.
final class BookletFactory {
    let plant: MemoryPlant
    let booklets: BookletPlant
    let folder: URL
    var path: String { folder.appendingPathComponent("ledger.db").path }
    let line = LineID("line-1")
    let cell = CellID("cell-1")
    var overflowing: Set<String> = []
    var adjust: (inout LineConfiguration) -> Void = { _ in }
    var wrap: (CellStations) -> CellStations = { $0 }
    var wrapStore: (any LedgerStore) -> any LedgerStore = { $0 }
    private(set) var holds: [String] = []
    /// The booklet whose number a person is typing: after a crash the person asks what became of it.
    private var typing: Int?

    /// `cards` booklets in the hopper and ten more in the vault, and ten diplomatic ones there.
    init(records: Int, cards: Int, faults: Set<MemoryPlant.Fault> = []) async throws {
        plant = MemoryPlant(cards: cards, faults: faults)
        booklets = BookletPlant(plant, cards: cards)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ledger = try await ledger()
        try await BookletFactory.receive(ledger, BookletRecord.stock, "regular", "B", cards + 10)
        try await BookletFactory.receive(ledger, "passport-b-diplomatic", "diplomatic", "D", 10)
        if let range = SerialRange("\(BookletPlant.number(1))..\(BookletPlant.number(cards))") {
            try await ledger.issue(range, stock: BookletRecord.stock, to: line, cell: cell, by: "vault")
        }
        let header = BatchHeader(batch: BatchID("batch-1"), authority: "UTO-MOI", product: BookletRecord.product)
        _ = try await ledger.intake((1...records).map { BookletRecord.intake($0) }, batch: header, cursor: nil)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static func receive(_ ledger: Books, _ stock: String, _ category: String, _ letter: String, _ count: Int)
        async throws
    {
        guard let range = SerialRange("\(letter)10000001..\(letter)\(10_000_000 + count)") else { return }
        let manifest = try StockManifest(
            id: LotID(stock: stock, lot: "L-\(letter)"), chipLot: nil, transportKey: nil, category: category,
            isEngraved: true, serials: [range], boxes: [], count: count, digest: Bytes(repeating: 1, count: 32))
        _ = try await ledger.receive(manifest, delivered: nil, by: "vault")
    }

    func ledger() async throws(SakkError) -> Books {
        let keys = try FileWeekKeys(folder: folder.appendingPathComponent("vault").path)
        try keys.prepare()
        return try await Books.open(path, keys: keys, time: SystemTime())
    }

    func controller(_ ledger: Books) -> LineController {
        let stations = CellStations(
            printer: MemoryPrinter(plant: plant), chip: MemoryChipStation(plant: plant),
            camera: MemoryCamera(plant: plant),
            preparation: BookletPreparation(plant: plant, overflowing: overflowing),
            inspection: MemoryInspection(plant: plant), verification: BookletVerification(),
            booklets: MemoryBookletReader(booklets: booklets))
        var configuration = LineConfiguration(
            line: line, cell: cell, product: BookletRecord.product, stock: BookletRecord.stock, actor: "test")
        configuration.booklets = BookletRule(category: "regular")
        configuration.preparesAhead = false
        // as in Factory: real time passes for a lease
        configuration.leaseDuration = 120_000_000
        adjust(&configuration)
        return LineController(configuration: configuration, store: wrapStore(ledger), stations: wrap(stations))
    }

    /// One more record comes.
    func again(_ person: Int) async throws {
        let header = BatchHeader(batch: BatchID("batch-2"), authority: "UTO-MOI", product: BookletRecord.product)
        _ = try await ledger().intake([BookletRecord.intake(person)], batch: header, cursor: nil)
    }

    /// One run, with whatever it comes to.
    func run(acknowledged: Bool = true) async throws -> RunSummary {
        try await controller(try await ledger()).run(acknowledgedBy: acknowledged ? "operator" : nil)
    }

    /// Starts controllers, and helps as a person would, until the queue is empty.
    func runToTheEnd(starts: Int = 14) async throws {
        for _ in 0..<starts {
            CrashScope.active?.revive()
            do {
                let controller = controller(try await ledger())
                if let card = typing { try await readAndType(card, controller) }
                let summary = try await controller.run(acknowledgedBy: "operator")
                if summary.state == .complete { return }
                holds.append(summary.code ?? "none")
                try await help(controller)
            } catch let error as SakkError where error.code == SimulatedCrash.code {
                continue
            }
        }
        throw SakkError("test.endless", source: "factory", text: "\(holds)", remedy: "none")
    }

    /// Takes out what lies inside, and settles what waits: by its chip, or by the number that it bears.
    func help(_ controller: LineController) async throws {
        plant.takeOut()
        let world = plant.world.withLock { $0 }
        var candidates: [(Int, CardExit?)] = world.hands.map { ($0, nil) }
        if let top = world.good.last { candidates.append((top, .good)) }
        if let top = world.reject.last { candidates.append((top, .reject)) }
        for (card, box) in candidates { try await settle(card, box, controller) }
    }

    private func settle(_ card: Int, _ box: CardExit?, _ controller: LineController) async throws {
        plant.layOnDesk(card)
        defer { plant.layOnDesk(nil) }
        do {
            let settled = try await controller.settleFound(
                in: box, at: MemoryChipStation(plant: plant, desk: true), by: "operator")
            return plant.put(card, good: settled.decision == .good)
        } catch {
            guard ["settle.card.unexpected", "settle.card.mute"].contains(error.code) else { throw error }
        }
        try await readAndType(card, controller)
    }

    /// The number is read and typed twice; what the books took before a crash is done by hand and not asked again.
    private func readAndType(_ card: Int, _ controller: LineController) async throws {
        guard let number = booklets.face(card)?.number else { return }
        let isNew = typing == nil
        typing = card
        if !isNew, try strings("SELECT account FROM blank WHERE number = '\(number)'") == ["line"] {
            layBehind(card)
        } else {
            for goesBack in [true, false] {
                do {
                    let settled = try await controller.settleBooklet(
                        number, again: number, goesBack: goesBack, by: "operator")
                    plant.put(card, good: false)
                    if settled.decision == .back { layBehind(card) }
                    break
                } catch {
                    guard error.code.rawValue.hasPrefix("settle.") else { throw error }
                }
            }
        }
        typing = nil
    }

    /// Behind the others of the hopper, data page open.
    private func layBehind(_ card: Int) {
        booklets.change(card) { $0.page = .data }
        plant.world.withLock { world in
            world.reject.removeAll { $0 == card }
            world.hopper.append(card)
        }
    }

    // MARK: what is judged

    func strings(_ sql: String) throws -> [String] { try Judge.strings(path, sql) }

    /// Sentences about what does not agree, from the numbers on the booklets and the ledger's tables alone.
    func findings() throws -> [String] {
        let world = plant.world.withLock { $0 }
        let faces = booklets.all
        return try Judge.open(path).read { db in
            var findings: [String] = []
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT b.number, b.account, v.number AS void FROM blank b LEFT JOIN void_number v USING (blank)")
            let accounts = Dictionary(
                uniqueKeysWithValues: rows.map { ($0["number"] as String, $0["account"] as String) })
            for (card, face) in faces {
                let account = accounts[face.number] ?? "none"
                let allowed: Set<String> =
                    world.good.contains(card)
                    ? ["good"]
                    : world.hopper.contains(card) ? ["line"] : ["spoiled", "held", "quarantine", "destroyed"]
                if !allowed.contains(account) { findings.append("booklet \(card) has the account \(account)") }
            }
            for row in rows {
                let isLost = ["spoiled", "destroyed", "missing"].contains(row["account"] as String)
                if isLost != ((row["void"] as String?) != nil) { findings.append("\(row["number"] as String): void?") }
            }
            let good = try Row.fetchAll(
                db,
                sql: """
                    SELECT p.request, a.engraved, a.chip FROM production p
                    LEFT JOIN attempt a ON a.production = p.production AND a.state = 'produced' WHERE p.state = 'produced'
                    """)
            for row in good {
                let person = Int((row["request"] as String).dropFirst(4)) ?? 0
                guard let number = row["engraved"] as String?,
                    let card = faces.first(where: { $0.value.number == number })?.key, let body = world.cards[card]
                else {
                    findings.append("request \(person) has no booklet")
                    continue
                }
                let mrz = BookletRecord.mrz(person, number)
                let ink = Bytes(mrz.joined(separator: "\n").utf8)
                if !world.good.contains(card) || body.identity.rawValue != row["chip"] as String? || body.dead
                    || body.document?.mrz != mrz || body.document?.complete != true || body.ink.count != 6
                    || body.ink.contains(where: { $0.pixels != ink })
                {
                    findings.append("request \(person): its booklet is not whole, its own and in the good box")
                }
            }
            if good.count != world.good.count { findings.append("\(world.good.count) in the good box") }
            let bound = Set(try String.fetchAll(db, sql: "SELECT engraved FROM attempt WHERE engraved IS NOT NULL"))
            for (card, body) in world.cards where body.document != nil || !body.ink.isEmpty {
                if !bound.contains(faces[card]?.number ?? "") {
                    findings.append("booklet \(card) was written to and its number is bound to no attempt")
                }
            }
            let living = world.cards.values.filter { $0.answers && !$0.dead && $0.document != nil }
            for (person, cards) in Dictionary(grouping: living, by: { $0.document?.mrz.first ?? "" })
            where cards.count > 1 { findings.append("\(cards.count) living documents of \(person.suffix(28))") }
            let open =
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT (SELECT COUNT(*) FROM intent WHERE open = 1)
                          + (SELECT COUNT(*) FROM attempt WHERE state = 'unknown')
                        """) ?? -1
            if open != 0 { findings.append("\(open) acts or attempts are not known") }
            return findings
        }
    }
}
