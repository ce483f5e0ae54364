import Ground
import Ledger
import Stations
import Testing

@testable import Line

/// Planted bugs: each must be found by the judge, or by the second pair of eyes of the line itself.
struct JudgeTests {
    private func findings(_ factory: Factory) async throws -> String {
        try await factory.runToTheEnd()
        return try Judge.findings(factory.plant, factory.path).joined(separator: "; ")
    }

    @Test func `An inspection that passes everything is found by the ink`() async throws {
        let factory = try await Factory(records: 2, cards: 4, faults: [.missingPanel(card: 1)])
        factory.wrap = { Lies.blindInspection($0, factory.plant) }
        #expect(try await findings(factory).contains("its print is not this person's, whole and once"))
    }

    @Test func `A kill that is only said is found by the living chip`() async throws {
        let factory = try await Factory(records: 2, cards: 4, faults: [.missingPanel(card: 1)])
        factory.wrap = { Lies.with($0, chip: HookedChip(inner: $0.chip, killed: { .confirmed })) }
        #expect(try await findings(factory).contains("card 1 lives outside the good box"))
    }

    @Test func `A printer whose counters stand still lets a second print happen, and the ink tells`() async throws {
        let factory = try await Factory(records: 1, cards: 3)
        factory.wrap = {
            Lies.with(
                $0,
                printer: HookedPrinter(
                    inner: $0.printer,
                    told: { status in
                        PrinterStatus(
                            position: status.position, reasons: status.reasons,
                            counters: PrinterCounters(cards: 0, panels: 0, ribbonRemaining: nil),
                            connection: status.connection)
                    }), inspection: BlindInspection())
        }
        let scope = CrashScope(at: 4, name: "plant.print.panel")
        let text = try await scope.run { try await findings(factory) }
        #expect(text.contains("its print is not this person's, whole and once"))
    }

    @Test func `A printer that hides a power cut at the good exit does no harm, because the order was good`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 4, faults: [.powerCutAtEject(card: 1)])
        factory.wrap = {
            Lies.with(
                $0,
                printer: HookedPrinter(
                    inner: $0.printer,
                    told: { status in
                        PrinterStatus(
                            position: status.position, reasons: status.reasons, counters: status.counters,
                            connection: "always")
                    }))
        }
        // the order was good and the card is in the good box, so here the lie does no harm: the books still agree
        #expect(try await findings(factory).isEmpty && factory.holds.isEmpty)
    }

    @Test func `A print of another person is found by the chip that the seen zone does not open`() async throws {
        let factory = try await Factory(records: 2, cards: 5)
        factory.wrap = { stations in
            Lies.with(
                stations, printer: OtherPersonPrinter(plant: factory.plant, inner: stations.printer),
                inspection: BlindInspection())
        }
        try await factory.runToTheEnd()
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2, spoiled: 1, held: 0, unknown: 0))
        let reason = try await factory.ledger().attempts(.attempt(AttemptID("PROD001-1"))).first?.reason
        #expect(reason == "mrz.other")
    }

    @Test func `A card moved from one box to the other behind the books is named`() async throws {
        let factory = try await Factory(records: 2, cards: 3, faults: [.missingPanel(card: 1)])
        try await factory.runToTheEnd()
        factory.plant.put(1, good: true)
        #expect(
            try Judge.findings(factory.plant, factory.path).contains(
                "card 1 lies in the good box and is no good document"))
    }
}

/// Prints the next record's person on the first card.
struct OtherPersonPrinter: CardPrinter {
    let plant: MemoryPlant
    let inner: any CardPrinter

    func connect() async throws(SakkError) -> PrinterIdentity { try await inner.connect() }
    func status() async throws(SakkError) -> PrinterStatus { try await inner.status() }
    func feed(to station: PrinterStation) async throws(SakkError) { try await inner.feed(to: station) }
    func move(to station: PrinterStation) async throws(SakkError) { try await inner.move(to: station) }
    func print(_ job: PrintJob) async throws(SakkError) {
        guard job.attempt == AttemptID("PROD001-1") else { return try await inner.print(job) }
        let bytes = Bytes(TestRecord.mrz(2).joined(separator: "\n").utf8)
        let panels = job.panels.map {
            PanelRaster(side: $0.side, panel: $0.panel, width: bytes.count, height: 1, pixels: bytes)
        }
        try await inner.print(PrintJob(attempt: job.attempt, ribbon: job.ribbon, panels: panels))
    }
    func present(_ side: CardSide) async throws(SakkError) { try await inner.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) { try await inner.eject(exit) }
    func disconnect() async { await inner.disconnect() }
}
