import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// Cards that no box has: what a hand count of the hopper says, and what becomes of a card that nobody finds.
struct CountTests {
    private static let cell = CellID("cell-1")

    private func expect(
        _ factory: Factory, good: Int, spoiled: Int, held: Int = 0, location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try Judge.counts(factory.path) == Judge.Counts(good: good, spoiled: spoiled, held: held, unknown: 0),
            sourceLocation: location)
    }

    private func settle(_ card: Int, in box: CardExit?, _ factory: Factory) async throws -> Settlement {
        factory.plant.layOnDesk(card)
        defer { factory.plant.layOnDesk(nil) }
        return try await factory.controller(factory.ledger()).settleFound(
            in: box, at: MemoryChipStation(plant: factory.plant, desk: true), by: "operator")
    }

    private func count(_ factory: Factory) async throws -> CountSettlement {
        let hopper = factory.plant.world.withLock { $0.hopper.count }
        return try await factory.controller(factory.ledger()).settleCount(
            of: CountTests.cell, hopper: hopper, by: "operator")
    }

    @Test func `A used card that a power cut threw out leaves its fresh blank in the hopper, which a count says`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 5, faults: [.missingPanel(card: 1)])
        _ = try await factory.controller(factory.ledger()).run(target: 1)
        factory.plant.putBack(1)
        let plant = factory.plant
        factory.wrap = { Lies.with($0, printer: PowerCutAtFeed(inner: MemoryPrinter(plant: plant), plant: plant)) }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == "line.card.search")
        #expect(try await settle(1, in: .good, factory).decision == .spoiled)
        factory.plant.put(1, good: false)
        let again = try await factory.controller(factory.ledger()).run(acknowledgedBy: "operator")
        #expect(again.code == "line.card.search")
        let counted = try await count(factory)
        #expect(counted.returned.count == 1 && counted.gone.isEmpty && counted.surplus == 0)
        factory.wrap = { $0 }
        try await factory.runToTheEnd(acknowledged: true)
        try expect(factory, good: 2, spoiled: 1)
    }

    @Test func `A mute card that comes twice is one blank after the count`() async throws {
        let factory = try await Factory(records: 2, cards: 4, faults: [.mute(card: 1)])
        _ = try await factory.controller(factory.ledger()).run(target: 1)
        factory.plant.putBack(1)
        try await factory.runToTheEnd()
        try expect(factory, good: 2, spoiled: 2)
        let counted = try await count(factory)
        #expect(counted.returned == [BlankID("id1:0000003")] && counted.surplus == 0)
        try expect(factory, good: 2, spoiled: 1)
        #expect(try await count(factory).returned.isEmpty)
    }

    @Test func `A printed card that left the hopper unseen is a spoiled blank once the hopper was counted`()
        async throws
    {
        let factory = try await Factory(records: 1, cards: 3)
        try await factory.runToTheEnd()
        factory.plant.world.withLock { $0.good.append($0.hopper.removeFirst()) }
        await #expect(throws: SakkError.self) { try await settle(2, in: .good, factory) }
        #expect(try await count(factory).gone == [BlankID("id1:0000002")])
        let held = try await factory.controller(factory.ledger()).run()
        #expect(held.code == "line.card.search")
        #expect(try await settle(2, in: .good, factory).decision == .spoiled)
        factory.plant.put(2, good: false)
        try await factory.runToTheEnd(acknowledged: true)
        try expect(factory, good: 1, spoiled: 1)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `More cards than the line ever lost came from elsewhere and change nothing`() async throws {
        let factory = try await Factory(records: 1, cards: 2)
        let counted = try await factory.controller(factory.ledger()).settleCount(
            of: CountTests.cell, hopper: 5, by: "operator")
        #expect(counted.surplus == 3 && counted.returned.isEmpty && counted.gone.isEmpty)
    }

    @Test func `A card that nobody finds is given up by two people, and its record waits for it`() async throws {
        let factory = try await Factory(records: 2, cards: 4, faults: [.powerCut(card: 1)])
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == "line.card.search")
        let blank = BlankID("id1:0000001")
        let alone = factory.controller(try await factory.ledger())
        let refused = await #expect(throws: SakkError.self) {
            try await alone.settleMissing(blank, by: "operator", witness: "operator", incident: "gone")
        }
        #expect(refused?.code == "settle.witness")
        let given = try await factory.controller(factory.ledger()).settleMissing(
            blank, by: "operator", witness: "supervisor", incident: "not in the boxes")
        #expect(given.decision == .missing && given.attempt == AttemptID("PROD001-1"))
        try await factory.runToTheEnd(acknowledged: true)
        try expect(factory, good: 1, spoiled: 0, held: 1)
        #expect(try await settle(1, in: .good, factory).decision == .spoiled)
        factory.plant.put(1, good: false)
        try await factory.runToTheEnd(acknowledged: true)
        try expect(factory, good: 2, spoiled: 1)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `Another plant's document is put into quarantine at the desk and its chip is left alive`() async throws {
        let factory = try await Factory(records: 1, cards: 2)
        factory.plant.world.withLock { world in
            var card = MemoryPlant.Card(number: 77)
            card.document = MemoryPlant.Document(mrz: ["OTHER"], sodHash: [1], complete: true)
            world.cards[77] = card
        }
        for _ in 0..<2 { #expect(try await settle(77, in: nil, factory).decision == .quarantined) }
        #expect(factory.plant.world.withLock { $0.cards[77]?.dead } == false)
        let row = try Judge.strings(factory.path, "SELECT account FROM blank WHERE chip = 'CHIP77'")
        #expect(row == ["quarantine"])
    }

    @Test func `A stranger that jams on its way out is looked for no more once the desk put it into quarantine`()
        async throws
    {
        let factory = try await Factory(records: 1, cards: 2)
        factory.plant.world.withLock { world in
            var card = MemoryPlant.Card(number: 77)
            card.document = MemoryPlant.Document(mrz: ["OTHER"], sodHash: [1], complete: true)
            world.cards[77] = card
            world.hopper.insert(77, at: 0)
        }
        let plant = factory.plant
        factory.wrap = { Lies.with($0, printer: JamAtExit(inner: MemoryPrinter(plant: plant), plant: plant)) }
        _ = try await factory.controller(factory.ledger()).run()
        #expect(plant.world.withLock { $0.stuck })
        plant.world.withLock { world in
            world.inside = nil
            world.stuck = false
        }
        factory.wrap = { $0 }
        #expect(try await settle(77, in: nil, factory).decision == .quarantined)
        let after = try await factory.controller(factory.ledger()).run(acknowledgedBy: "operator")
        #expect(after.state == .complete && after.done == 1)
        let row = try Judge.strings(factory.path, "SELECT account FROM blank WHERE chip = 'CHIP77'")
        #expect(row == ["quarantine"])
    }
}

/// A card sticks between the last station and the exit.
private struct JamAtExit: CardPrinter {
    let inner: any CardPrinter
    let plant: MemoryPlant

    func connect() async throws(SakkError) -> PrinterIdentity { try await inner.connect() }
    func status() async throws(SakkError) -> PrinterStatus { try await inner.status() }
    func feed(to station: PrinterStation) async throws(SakkError) { try await inner.feed(to: station) }
    func move(to station: PrinterStation) async throws(SakkError) { try await inner.move(to: station) }
    func print(_ job: PrintJob) async throws(SakkError) { try await inner.print(job) }
    func present(_ side: CardSide) async throws(SakkError) { try await inner.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) {
        plant.world.withLock { $0.stuck = true }
        throw plant.error("printer.card.jam", .unknown)
    }
    func disconnect() async { await inner.disconnect() }
}

/// Loses its power once a card was fed, and throws it out to the good side.
struct PowerCutAtFeed: CardPrinter {
    let inner: any CardPrinter
    let plant: MemoryPlant

    func connect() async throws(SakkError) -> PrinterIdentity { try await inner.connect() }
    func status() async throws(SakkError) -> PrinterStatus { try await inner.status() }
    func feed(to station: PrinterStation) async throws(SakkError) {
        try await inner.feed(to: station)
        plant.world.withLock { MemoryPlant.losePower(&$0) }
        throw plant.error("usb.gone", .unknown)
    }
    func move(to station: PrinterStation) async throws(SakkError) { try await inner.move(to: station) }
    func print(_ job: PrintJob) async throws(SakkError) { try await inner.print(job) }
    func present(_ side: CardSide) async throws(SakkError) { try await inner.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) { try await inner.eject(exit) }
    func disconnect() async { await inner.disconnect() }
}
