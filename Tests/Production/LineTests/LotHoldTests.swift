import Ground
import Ledger
import Testing

@testable import Line

/// A held lot stops the cell that has some of it, and each attempt says what it was made with.
struct LotHoldTests {
    @Test func `A held lot in the hopper is not fed, and once released it is`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        let lot = LotID(stock: "id1", lot: "L1")
        try await factory.ledger().change(.holdLot(lot, reason: "antennas break"), by: "quality")
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == "stock.lot.held" && summary.done == 0)
        #expect(try Judge.strings(factory.path, "SELECT attempt FROM intent") == [])
        try await factory.ledger().change(
            .releaseLot(lot, reason: "tested", try TwoPeople("Ann", "Bob")), by: "quality")
        try await factory.runToTheEnd()
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        let operators = try Judge.strings(factory.path, "SELECT value FROM genealogy WHERE key = 'operator'")
        #expect(operators == ["test", "test"])
        _ = try await factory.ledger().verify()
    }
}
