import Foundation
import Ground
import KeyVault
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// One physical fault each, played to its end with a person's help where the cell asks for it.
struct FaultTests {
    private func expect(
        _ factory: Factory, good: Int, spoiled: Int, held: Int = 0, holds: [String],
        location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try Judge.findings(factory.plant, factory.path) == [], sourceLocation: location)
        #expect(
            try Judge.counts(factory.path) == Judge.Counts(good: good, spoiled: spoiled, held: held, unknown: 0),
            sourceLocation: location)
        #expect(factory.holds == holds, sourceLocation: location)
    }

    @Test func `A spoiled card in the hopper holds the cell, names the old attempt and uses no further blank`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 5, faults: [.missingPanel(card: 1)])
        let first = try await factory.controller(factory.ledger()).run(target: 1)
        #expect(first.state == .complete && first.rejects == 1)
        factory.plant.putBack(1)
        let before = factory.plant.world.withLock { $0.hopper.count }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.state == .held && summary.code == "line.card.known")
        #expect(summary.text.contains("PROD001-1"))
        #expect(factory.plant.world.withLock { $0.hopper.count } == before - 1)
        let again = try await factory.controller(factory.ledger()).run()
        #expect(again.state == .held && factory.plant.world.withLock { $0.hopper.count } == before - 1)
        factory.plant.layOnDesk(1)
        let settled = try await factory.controller(factory.ledger()).settleFound(
            in: .reject, at: MemoryChipStation(plant: factory.plant, desk: true), by: "operator")
        #expect(settled.decision == .spoiled && settled.attempt == AttemptID("PROD001-1"))
        try await factory.runToTheEnd(acknowledged: true)
        try expect(factory, good: 2, spoiled: 1, holds: [])
    }

    @Test func `A record that does not fit is held before feeding and uses no blank`() async throws {
        let factory = try await Factory(records: 3, cards: 3)
        factory.overflowing = ["REQ-2"]
        try await factory.runToTheEnd()
        try expect(factory, good: 2, spoiled: 0, held: 1, holds: [])
        let report = try await factory.ledger().batchReport(factory.batch)
        #expect(report.records[1].reason == "artwork.text.overflow surname" && report.blanks == [.good: 2])
    }

    /// In books that were restored from a time before.
    @Test func `A record that was forgotten with its week is held before feeding, and the line goes on`() async throws {
        let factory = try await Factory(records: 2, cards: 2)
        let keys = try FileWeekKeys(folder: factory.folder.appendingPathComponent("vault").path)
        try keys.destroy(ApprovalWeek(TestRecord.intake(1).approvedAt))
        try await factory.runToTheEnd()
        try expect(factory, good: 0, spoiled: 0, held: 2, holds: [])
        let report = try await factory.ledger().batchReport(factory.batch)
        #expect(report.records.allSatisfy { $0.reason?.hasPrefix("vault.key.destroyed") == true })
        #expect(factory.plant.world.withLock { $0.fed } == 0)
    }

    @Test func `An approval that does not verify any more is held before feeding`() async throws {
        let factory = try await Factory(records: 2, cards: 2)
        factory.withdrawn = [1]
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 0, held: 1, holds: [])
    }

    @Test func `Where the profile says so no second card gets a number that a card had, whoever lets the record go on`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 6, faults: [.missingPanel(card: 1), .mute(card: 2)])
        factory.adjust = { $0.renumbersRemakes = true }
        try await factory.runToTheEnd()
        // the first record's card is spoiled; the second one's blank was dead before it had a number
        try expect(factory, good: 1, spoiled: 2, held: 1, holds: [])
        func first() async throws -> RecordReport {
            try await factory.ledger().batchReport(factory.batch).records[0]
        }
        #expect(try await first().reason == "record.number.new")
        #expect(try await first().attempts.map(\.state) == [.spoiled])
        let name = QueueSelection(names: ["PROD001"])
        let released = try await factory.ledger().release(name, why: "try again", by: "engineer")
        #expect(released.map(\.refusal?.code) == ["queue.record.number"])
        // whatever else gives it back
        try await factory.ledger().commit(
            Transition(plant: .queue, actor: "test", changes: [.record(ProductionID("PROD001"), .queued, reason: nil)]))
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 2, held: 1, holds: [])
        #expect(try await first().reason == "record.number.new")
        #expect(try await first().attempts.count { $0.blank != nil } == 1)
    }

    @Test func `A jammed card is taken out, killed at the desk and made again`() async throws {
        let factory = try await Factory(records: 3, cards: 5, faults: [.jam(card: 2)])
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 1, holds: ["line.card.jammed"])
    }

    @Test func `A card that left half printed by the good exit in a power cut is never good`() async throws {
        let factory = try await Factory(records: 3, cards: 5, faults: [.powerCut(card: 2)])
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 1, holds: ["line.card.search"])
    }

    @Test func `A passed card that left in a power cut is good once it is found in the good box`() async throws {
        let factory = try await Factory(records: 3, cards: 5, faults: [.powerCutAtEject(card: 2)])
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 0, holds: ["line.card.search"])
    }

    @Test func `A swapped card is found by its chip; both are killed and the record is made again`() async throws {
        let factory = try await Factory(records: 3, cards: 6, faults: [.swapped(card: 2)])
        factory.wrap = { Lies.blindInspection($0, factory.plant) }
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 2, holds: ["line.card.swapped"])
    }

    @Test func `A swapped card that fails inspection too is not killed in the place of the missing one`() async throws {
        let factory = try await Factory(records: 3, cards: 6, faults: [.swapped(card: 2), .missingPanel(card: 3)])
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 2, holds: ["line.card.swapped"])
    }

    @Test func `A whole document whose fingers open to anybody is killed and spoiled, and made again`() async throws {
        let factory = try await Factory(records: 2, cards: 4)
        let first = Atomic(true)
        factory.wrap = { stations in
            Lies.with(
                stations,
                chip: HookedChip(
                    inner: stations.chip,
                    judged: { report in
                        guard report.passed, first.exchange(false, ordering: .relaxed) else { return report }
                        let open = BorderCheck(name: "dg3.closed", passed: false, detail: "")
                        return BorderReport(
                            checks: report.checks + [open], mrz: report.mrz, portrait: report.portrait,
                            sodHash: report.sodHash, fileHashes: report.fileHashes)
                    }))
        }
        try await factory.runToTheEnd()
        try expect(factory, good: 2, spoiled: 1, holds: [])
        let report = try await factory.ledger().batchReport(factory.batch)
        let spoiled = report.records.flatMap(\.attempts).filter { $0.blank?.account == .spoiled }
        #expect(spoiled.map(\.reason) == ["chip.dg3.closed"])
        #expect(factory.plant.world.withLock { $0.cards.values.filter { $0.document != nil && !$0.dead }.count } == 2)
    }

    @Test func `A chip that dies while written to blocks its record until two people destroyed the card`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 4, faults: [.diesWhilePersonalised(card: 1)])
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 1, held: 1, holds: [])
        let ledger = try await factory.ledger()
        let report = try await ledger.batchReport(factory.batch)
        #expect(report.records[0].reason == "chip.death.unconfirmed")
        let blank = try #require(report.records[0].attempts[0].blank?.blank)
        let controller = factory.controller(ledger)
        await #expect(throws: SakkError.self) {
            try await controller.settleDestroyed(blank, by: "operator", witness: "operator")
        }
        _ = try await controller.settleDestroyed(blank, by: "operator", witness: "supervisor")
        try await factory.runToTheEnd()
        try expect(factory, good: 2, spoiled: 1, holds: [])
    }

    @Test func `A picture that cannot be judged three times makes a held card, never a pass`() async throws {
        let factory = try await Factory(records: 2, cards: 3, faults: [.blind(card: 1, times: 3)])
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 0, held: 1, holds: [])
        let attempt = try await factory.ledger().attempts(.attempt(AttemptID("PROD001-1"))).first
        #expect(attempt?.state == .held && attempt?.blank?.exit == .reject && attempt?.blank?.place == 1)
    }

    @Test func `A picture that cannot be judged twice is taken again and passes`() async throws {
        let factory = try await Factory(records: 2, cards: 2, faults: [.blind(card: 1, times: 2)])
        try await factory.runToTheEnd()
        try expect(factory, good: 2, spoiled: 0, holds: [])
    }

    @Test func `Three rejects in a row hold the cell until a person looked`() async throws {
        let faults = Set((1...3).map { MemoryPlant.Fault.missingPanel(card: $0) })
        let factory = try await Factory(records: 5, cards: 9, faults: faults)
        factory.adjust = { $0.attemptsPerRecord = 9 }
        try await factory.runToTheEnd()
        try expect(factory, good: 5, spoiled: 3, holds: ["line.rejects.row"])
    }

    @Test func `The third attempt of a record waits for an engineer`() async throws {
        let faults = Set([1, 2].map { MemoryPlant.Fault.missingPanel(card: $0) })
        let factory = try await Factory(records: 2, cards: 6, faults: faults)
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 2, held: 1, holds: [])
        let record = try await factory.ledger().batchReport(factory.batch).records[0]
        #expect(record.reason == "attempts.limit" && record.attempts.map(\.number) == [1, 2])
    }

    @Test func `Three dead blanks in a row hold the cell and cost no attempt`() async throws {
        let faults = Set((1...3).map { MemoryPlant.Fault.mute(card: $0) })
        let factory = try await Factory(records: 1, cards: 5, faults: faults)
        try await factory.runToTheEnd()
        try expect(factory, good: 1, spoiled: 3, holds: ["line.dead.row"])
        let record = try await factory.ledger().batchReport(factory.batch).records[0]
        // the held cell let the record go: it is claimed again, at no cost
        #expect(record.attempts.map(\.state) == [.dropped, .produced] && record.unboundBlanks.count == 3)
    }

    @Test func `An empty stock suspends the cell and loses nothing`() async throws {
        let factory = try await Factory(records: 3, cards: 2)
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.state == .suspended && summary.code == "line.stock.empty" && summary.done == 2)
        _ = try await factory.ledger().load(
            count: 1, stock: "id1", lot: "L2", line: factory.line, cell: CellID("cell-1"), by: "test")
        factory.plant.world.withLock { world in
            world.cards[3] = MemoryPlant.Card(number: 3)
            world.hopper = [3]
        }
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 0, holds: [])
    }

    @Test func `A controller that lost its line to another does nothing more`() async throws {
        let factory = try await Factory(records: 3, cards: 4)
        let ledger = try await factory.ledger()
        let usurper = Mutex(false)
        let line = factory.line
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in
                guard
                    usurper.withLock({ first in
                        defer { first = true }; return !first
                    })
                else { return }
                _ = try await ledger.takeOver(line, by: LeaseHolder(name: "other", host: "host"))
            }
        }
        var stale: SakkError?
        do {
            _ = try await factory.controller(ledger).run()
        } catch {
            stale = error
        }
        #expect(stale?.code == "ledger.epoch.stale" && factory.plant.world.withLock { $0.good.isEmpty })
        let late = try Judge.strings(
            factory.path, "SELECT kind FROM journal WHERE kind = 'observation.late'")
        #expect(late.count == 1)
        try await factory.runToTheEnd()
        try expect(factory, good: 3, spoiled: 0, holds: [])
    }

    @Test func `Stop ends the run after the card in the machine`() async throws {
        let factory = try await Factory(records: 5, cards: 5)
        let controllers = Mutex<LineController?>(nil)
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in
                guard let controller = controllers.withLock({ $0 }) else { return }
                await controller.stop()
            }
        }
        let controller = factory.controller(try await factory.ledger())
        controllers.withLock { $0 = controller }
        let summary = try await controller.run()
        #expect(summary.state == .stopped && summary.done == 1)
        try await Factory.finish(factory)
        try expect(factory, good: 5, spoiled: 0, holds: [])
    }
}
