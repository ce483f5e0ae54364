import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// A person holds a record while its card is made: the cell meets the wish at the points of DESIGN rule 8.
struct HoldTests {
    static let first = QueueSelection(names: ["PROD001"])

    static func hold(_ ledger: Books) async throws(SakkError) {
        for decision in try await ledger.hold(first, why: "photo", by: "supervisor") {
            if let refusal = decision.refusal { throw refusal }
        }
    }

    private func records(_ factory: Factory) async throws -> [RecordReport] {
        try await factory.ledger().batchReport(factory.batch).records
    }

    /// The supervisor ends the hold, and an inspector passes the card that was put aside.
    private func releaseAndPass(_ card: Int, _ factory: Factory) async throws {
        let ledger = try await factory.ledger()
        let word = InspectorsWord(.pass, zone: try ledger.zoneTag(TestRecord.mrz(1)))
        let desk = MemoryChipStation(plant: factory.plant, desk: true)
        factory.plant.layOnDesk(card)
        let controller = factory.controller(ledger)
        await #expect {
            _ = try await controller.judge(word, at: desk, by: "Ann")
        } throws: {
            ($0 as? SakkError)?.code == "verdict.held"
        }
        let released = try await ledger.release(HoldTests.first, why: "fine", by: "supervisor")
        #expect(released.map(\.refusal) == [nil])
        #expect(try await controller.judge(word, at: desk, by: "Ann").decision == .good)
        factory.plant.put(card, good: true)
        #expect(try await records(factory).map(\.state) == [.produced, .produced])
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await ledger.verify()
    }

    @Test func `A record held after its claim and before its blank uses no blank, and is made after the release`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 3)
        let ledger = try await factory.ledger()
        let once = Mutex(true)
        factory.wrap = { stations in
            Lies.with(
                stations,
                preparation: HookedPreparation(inner: stations.preparation) { (attempt) throws(SakkError) in
                    let isFirst = once.withLock { once in
                        defer { once = false }
                        return once
                    }
                    if isFirst, attempt == AttemptID("PROD001-1") { try await HoldTests.hold(ledger) }
                })
        }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .complete && summary.done == 1 && summary.rejects == 0)
        let held = try await records(factory)
        #expect(held.map(\.state) == [.held, .produced] && held[0].attempts.map(\.state) == [.dropped])
        #expect(factory.plant.world.withLock { $0.fed } == 1)
        #expect(try await ledger.release(HoldTests.first, why: "fine", by: "supervisor").map(\.refusal) == [nil])
        try await factory.runToTheEnd()
        #expect(try await records(factory).map(\.state) == [.produced, .produced])
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await ledger.verify()
    }

    @Test func `A record held while its card is printed ends in the reject tray, and becomes good after the release`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 4)
        // such a card says nothing about the stream of cards
        factory.adjust = { $0.rejectsInRow = 1 }
        let ledger = try await factory.ledger()
        let once = Mutex(true)
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in
                let isFirst = once.withLock { once in
                    defer { once = false }
                    return once
                }
                if isFirst { try await HoldTests.hold(ledger) }
            }
        }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .complete && summary.done == 1 && summary.held == 1 && summary.rejects == 0)
        let held = try await records(factory)
        #expect(held.map(\.state) == [.held, .produced] && held[0].attempts.map(\.state) == [.held])
        #expect(factory.plant.world.withLock { $0.reject == [1] && $0.good == [2] && $0.cards[1]?.dead == false })
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        try await releaseAndPass(1, factory)
    }

    @Test(arguments: [
        "line.feed.after", "line.personalise.before", "line.print.before", "line.open.after", "line.eject.good.before",
    ])
    func `A record held while the controller was dead does not leave by the good exit`(point: String) async throws {
        let factory = try await Factory(records: 2, cards: 4)
        try await CrashScope(at: 1, name: point).run { try await factory.runOnce() }
        try await HoldTests.hold(try await factory.ledger())
        try await factory.runToTheEnd()
        #expect(try await records(factory).map(\.state) == [.held, .produced])
        #expect(factory.plant.world.withLock { $0.good == [2] && $0.reject == [1] })
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        try await releaseAndPass(1, factory)
    }

    @Test func `A document that had left by the good exit when its hold came is not packed before the release`()
        async throws
    {
        let factory = try await Factory(records: 1, cards: 2)
        try await CrashScope(at: 1, name: "line.eject.good.after").run { try await factory.runOnce() }
        try await HoldTests.hold(try await factory.ledger())
        try await factory.runToTheEnd()
        let records = try await records(factory)
        #expect(records.map(\.state) == [.produced])
        let ledger = try await factory.ledger()
        #expect(try await ledger.read(HeldByPersonQuery(ProductionID("PROD001"))))
        #expect(try await ledger.release(HoldTests.first, why: "fine", by: "supervisor").map(\.refusal) == [nil])
        #expect(try await !ledger.read(HeldByPersonQuery(ProductionID("PROD001"))))
        _ = try await ledger.verify()
    }
}
