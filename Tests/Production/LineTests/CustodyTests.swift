import Ground
import Ledger
import Testing

@testable import Line

/// A card that was taken out of a machine is in somebody's hands, by name, until the desk says what it is.
struct CustodyTests {
    @Test func `A jammed card is in named hands until the desk settles it, and the shift names it before that`()
        async throws
    {
        let factory = try await Factory(records: 2, cards: 6, faults: [.jam(card: 1)])
        let ledger = try await factory.ledger()
        let shift = try await ledger.openShift(
            factory.line, day: try #require(FactoryDay("2026-11-21")), name: "1", by: "Sup")
        let summary = try await factory.controller(ledger).run(target: 1)
        #expect(summary.state == .held && summary.done == 0)
        let inside = try Judge.strings(factory.path, "SELECT blank FROM blank WHERE account = 'cell'").map {
            BlankID($0)
        }
        try #require(inside.count == 1)
        try await ledger.change(.custody(inside[0], person: "Omar", place: "desk 1"), by: "Sup")
        try await ledger.countShift(
            ShiftCount(shift: shift, cell: CellID("cell-1"), person: "Op", counts: PlaceCounts(hopper: 5)))
        let named = try await ledger.read(ShiftComparisonQuery(shift)).toName
        #expect(named.map(\.blank) == inside && named.map(\.person) == ["Omar"] && named.map(\.place) == ["desk 1"])
        try await factory.runToTheEnd(acknowledged: true)
        // its next movement ended the custody
        #expect(try await ledger.read(CustodyQuery()).isEmpty)
        #expect(try await ledger.blanks(.blank(inside[0])).first?.account == .spoiled)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await ledger.verify()
    }
}
