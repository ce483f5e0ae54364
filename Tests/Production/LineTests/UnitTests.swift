import Foundation
import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// The cell as a PackML unit: states, modes, clearance, counters, preflight.
struct UnitTests {
    private func states(_ factory: Factory) throws -> [String] {
        try Judge.strings(
            factory.path,
            "SELECT json_extract(CAST(body AS TEXT), '$.state') FROM journal WHERE kind = 'machine.state' ORDER BY seq")
    }

    @Test func `A cell goes through the acting states of PackML, and a second run resets it`() async throws {
        let factory = try await Factory(records: 1, cards: 2)
        _ = try await factory.controller(factory.ledger()).run()
        let first = [
            "aborted", "clearing", "stopped", "resetting", "idle", "starting", "execute", "completing", "complete",
        ]
        #expect(try states(factory) == first)
        _ = try await factory.controller(factory.ledger()).run()
        let second = ["resetting", "idle", "starting", "execute", "completing", "complete"]
        #expect(try states(factory) == first + second)
    }

    @Test func `A held cell is unheld only over a look at its machine, and a crash leaves it aborted`() async throws {
        let factory = try await Factory(records: 2, cards: 4, faults: [.jam(card: 1)])
        _ = try await factory.controller(factory.ledger()).run()
        #expect(try states(factory).suffix(2) == ["holding", "held"])
        _ = try await factory.controller(factory.ledger()).run()
        #expect(try states(factory).suffix(3) == ["unholding", "holding", "held"])
        try await factory.runToTheEnd()
        try await CrashScope(at: 1, name: "line.connect.after").run {
            try await factory.runOnce()
        }
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `After a crash the cell says how many cards it continued`() async throws {
        let factory = try await Factory(records: 2, cards: 4)
        try await CrashScope(at: 1, name: "line.print.before").run {
            try await factory.runOnce()
        }
        try await factory.runToTheEnd()
        let notes = try Judge.strings(
            factory.path, "SELECT CAST(body AS TEXT) FROM journal WHERE kind = 'cell.recovered'")
        #expect(notes == [#"{"continued":1,"quarantined":0,"spoiled":0}"#])
        let report = try await factory.ledger().read(
            EffectivenessQuery(
                from: WallTime(microseconds: 0), to: WallTime(microseconds: .max), plannedRunTimePerItem: 1))
        #expect(report.map(\.recovered.continued) == [1] && report.map(\.recovered.cards) == [1])
    }

    @Test func `Nothing is made in maintenance mode, and the mode changes only where nothing moves`() async throws {
        let factory = try await Factory(records: 2, cards: 4)
        let cell = CellID("cell-1")
        let controller = factory.controller(try await factory.ledger())
        _ = try await controller.run(target: 1)
        try await controller.change(mode: .maintenance, of: cell, by: "engineer")
        let summary = try await controller.run()
        #expect(summary.code == "line.mode" && summary.done == 0)
        try await controller.change(mode: .production, of: cell, by: "engineer")
        factory.plant.world.withLock { _ = $0.faults.insert(.jam(card: 2)) }
        #expect(try await controller.run().state == .held)
        let error = await #expect(throws: SakkError.self) {
            try await controller.change(mode: .manual, of: cell, by: "engineer")
        }
        #expect(error?.code == "line.mode")
    }

    @Test func `Another product begins only after a person cleared the cell and counted`() async throws {
        let factory = try await Factory(records: 1, cards: 3)
        _ = try await factory.controller(factory.ledger()).run()
        factory.adjust = { $0.product = "utopia-passport" }
        let held = try await factory.controller(factory.ledger()).run()
        #expect(held.state == .held && held.code == "line.clearance")
        let again = try await factory.controller(factory.ledger()).run(acknowledgedBy: "operator")
        #expect(again.code == "line.clearance")
        let counts = ClearanceCounts(hopper: 2, good: 1, reject: 0)
        let cleared = try await factory.controller(factory.ledger()).run(
            acknowledgedBy: "operator", counted: [CellID("cell-1"): counts])
        #expect(cleared.state == .complete)
        let notes = try Judge.strings(
            factory.path, "SELECT CAST(body AS TEXT) FROM journal WHERE kind = 'line.cleared'")
        #expect(notes.count == 1 && notes[0].contains(#""good":1"#) && notes[0].contains("utopia-passport"))
    }

    @Test func `The reject limit counts the cards of the controller before`() async throws {
        let faults = Set((1...3).map { MemoryPlant.Fault.missingPanel(card: $0) })
        let factory = try await Factory(records: 3, cards: 8, faults: faults)
        factory.adjust = { $0.attemptsPerRecord = 9 }
        try await CrashScope(at: 2, name: "line.eject.reject.after").run {
            try await factory.runOnce()
        }
        try await factory.runToTheEnd()
        #expect(factory.holds == ["line.rejects.row"])
    }

    @Test func `The counters of a cell come out of the books`() async throws {
        let factory = try await Factory(records: 3, cards: 8, faults: [.missingPanel(card: 1), .mute(card: 2)])
        _ = try await factory.controller(factory.ledger()).run()
        let counters = try await factory.ledger().read(
            CellCountersQuery(line: factory.line, cell: CellID("cell-1")))
        #expect(counters == CellCounters(processed: 4, defective: 1, consumed: 5))
    }

    @Test(arguments: [
        (PrinterStateReason.coverOpen, "printer.cover.open"), (.cleaningRequired, "printer.cleaning"),
        (.markerSupplyEmpty, "printer.ribbon.end"), (.markerSupplyMissing, "printer.ribbon.missing"),
        (.mediaEmpty, "printer.hopper.empty"), (.outputAreaFull, "printer.output.full"),
    ])
    func `A printer that is not ready is told before anything is fed`(reason: PrinterStateReason, code: String)
        async throws
    {
        let factory = try await Factory(records: 1, cards: 2)
        factory.wrap = { stations in
            Lies.with(
                stations,
                printer: HookedPrinter(
                    inner: stations.printer,
                    told: { status in
                        PrinterStatus(
                            position: status.position, reasons: [reason], counters: status.counters,
                            connection: status.connection)
                    }))
        }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == code && [.held, .suspended].contains(summary.state))
        #expect(!summary.remedy.isEmpty && factory.plant.world.withLock { $0.fed } == 0)
    }

    @Test(arguments: [
        (PrinterStateReason.cleaningRequired, "printer.cleaning"), (.fuserOverTemperature, "printer.head.hot"),
        (.markerSupplyEmpty, "printer.ribbon.end"), (.hardwareFault, "printer.fault"),
    ])
    func `A printer that asks for something in the middle of a run gets no further card`(
        reason: PrinterStateReason, code: String
    ) async throws {
        let factory = try await Factory(records: 4, cards: 4)
        factory.wrap = { [plant = factory.plant] stations in
            Lies.with(
                stations,
                printer: HookedPrinter(
                    inner: stations.printer,
                    told: { status in
                        let isDue = plant.world.withLock { $0.good.count } >= 2
                        return PrinterStatus(
                            position: status.position, reasons: isDue ? [reason] : [], counters: status.counters,
                            connection: status.connection)
                    }))
        }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == code && summary.state == .held)
        #expect(factory.plant.world.withLock { $0.fed } == 2)
        factory.wrap = { $0 }
        try await factory.runToTheEnd()
        #expect(factory.plant.world.withLock { $0.good.count } == 4)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `Unknown firmware, another stock and another ribbon are told before anything is fed`() async throws {
        let wrong: [(String, @Sendable (inout LineConfiguration) -> Void)] = [
            ("printer.firmware", { $0.knownFirmware = ["2"] }),
            ("printer.ribbon.other", { $0.ribbon = "kk" }),
        ]
        for (code, adjust) in wrong {
            let factory = try await Factory(records: 1, cards: 2)
            factory.adjust = adjust
            let summary = try await factory.controller(factory.ledger()).run()
            #expect(summary.state == .held && summary.code == code)
            #expect(factory.plant.world.withLock { $0.fed } == 0)
            factory.adjust = { _ in }
            try await factory.runToTheEnd()
            #expect(try Judge.findings(factory.plant, factory.path) == [])
        }
    }

    @Test func `Two readers that have changed places are found before anything is written`() async throws {
        let factory = try await Factory(records: 6, cards: 6, cells: 3)
        let readers = factory.plants.map { MemoryChipStation(plant: $0) }
        factory.wrapCell = { number, stations in
            switch number {
            case 1: Lies.with(stations, chip: readers[1])
            case 2: Lies.with(stations, chip: readers[0])
            default: stations
            }
        }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.cells.prefix(2).allSatisfy { $0.code == "line.binding.wrong" && $0.done == 0 })
        #expect(summary.cells[2].state == .complete)
        // what the two cells had claimed and not fed is made by the third
        #expect(summary.done >= 4 && summary.cells[2].done == summary.done)
        let written = factory.plants.prefix(2).flatMap { $0.world.withLock { Array($0.cards.values) } }
        #expect(written.allSatisfy { $0.document == nil })
    }
}
