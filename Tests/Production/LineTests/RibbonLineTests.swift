import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// The ribbon's account in a line whose controller is started anew in the middle.
@Suite struct RibbonLineTests {
    /// A printer that tells of a ribbon of 100 cards, and what else it lost.
    private func factory(cards: Int, losing lost: @escaping @Sendable (_ printed: Int) -> Int) async throws -> Factory {
        let factory = try await Factory(records: cards, cards: cards)
        factory.wrap = { [plant = factory.plant] stations in
            Lies.with(
                stations,
                printer: HookedPrinter(
                    inner: stations.printer,
                    told: { status in
                        let printed = plant.world.withLock { world in world.cards.values.count { !$0.ink.isEmpty } }
                        return PrinterStatus(
                            position: status.position, reasons: status.reasons,
                            counters: PrinterCounters(
                                cards: status.counters.cards, panels: status.counters.panels,
                                ribbonRemaining: 100 - printed - lost(printed)),
                            connection: status.connection)
                    }))
        }
        return factory
    }

    private func drifts(_ factory: Factory) throws -> [String] {
        try Judge.strings(
            factory.path, "SELECT CAST(body AS TEXT) FROM journal WHERE kind = 'printer.ribbon.drift'")
    }

    private func account(_ factory: Factory) async throws -> RibbonAccount? {
        try await factory.ledger().read(RibbonQuery(line: factory.line)).first?.account
    }

    @Test func `What is printed is what the ribbon loses, over a restart too, and the books say how long it lasts`()
        async throws
    {
        let factory = try await factory(cards: 14) { _ in 0 }
        _ = try await factory.controller(factory.ledger()).run(target: 6)
        #expect(try await account(factory)?.cardsLeft == 94)
        #expect(try await factory.controller(factory.ledger()).run().state == .complete)
        let account = try await account(factory)
        #expect(account?.cardsLeft == 86 && account?.cards == 14 && account?.doubtfulCards == 0)
        #expect(try drifts(factory).isEmpty)
        _ = try await factory.ledger().verify()
    }

    @Test func `A ribbon that loses more than was printed is told once, by a controller that saw only half of it`()
        async throws
    {
        // one card is lost before the restart, one behind it
        let factory = try await factory(cards: 12) { $0 >= 8 ? 2 : $0 >= 3 ? 1 : 0 }
        _ = try await factory.controller(factory.ledger()).run(target: 6)
        #expect(try drifts(factory).isEmpty)
        #expect(try await factory.controller(factory.ledger()).run().state == .complete)
        let told = try drifts(factory)
        #expect(told.count == 1)
        #expect(told.first?.contains(#""cards":2"#) == true, "\(told)")
        _ = try await factory.ledger().verify()
    }

    @Test func `A line with a ribbon that nobody tells of writes nothing of it`() async throws {
        let factory = try await Factory(records: 2, cards: 2)
        _ = try await factory.controller(factory.ledger()).run()
        #expect(try await account(factory) == nil)
    }
}
