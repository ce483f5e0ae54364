import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// A line that makes two products, each on its own blanks.
struct StockChangeTests {
    private static let other = OtherWork(product: "permit", stock: "blue")

    private func takePermit(_ factory: Factory) async throws {
        let permit = IntakeRecord(
            production: ProductionID("PERMIT1"), requestID: "PERMIT-1", authority: "UTO-MOI", product: "permit",
            stock: "blue", numberSpace: "UTO/P", documentNumber: "P1", priorityClass: "normal",
            approvedAt: WallTime(microseconds: 0), envelope: [1])
        let batch = BatchHeader(batch: BatchID("permits"), authority: "UTO-MOI", product: "permit")
        #expect(try await factory.ledger().intake([permit], batch: batch, cursor: nil) == [.taken])
    }

    @Test func `A cell makes what its hopper has blanks for, then asks for the change with its reason`() async throws {
        let factory = try await Factory(records: 3, cards: 5)
        try await takePermit(factory)
        factory.adjust = {
            $0.others = [StockChangeTests.other]
            $0.stockWindow = .max / 4
        }
        let ledger = try await factory.ledger()
        let summary = try await factory.controller(ledger).run()
        #expect(summary.done == 3 && summary.state == .held && summary.code == "line.stock.change")
        #expect(factory.plant.world.withLock { $0.fed } == 3)
        // the record was given back untouched: whoever has its blanks makes it
        let permit = try await ledger.read(
            QueueQuery(QueueSelection(names: ["PERMIT1"]), states: [.queued], limit: 1))
        #expect(permit.count == 1 && permit.allSatisfy { !$0.isRemake })
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        // after the change the cell is cleared before anything of the other product is made
        factory.adjust = {
            $0.product = "permit"
            $0.stock = "blue"
        }
        let next = try await factory.controller(ledger).run()
        #expect(next.code == "line.clearance" && next.done == 0)
        _ = try await ledger.verify()
    }

    @Test func `Within no window the older record of the other product asks for the change at once`() async throws {
        let factory = try await Factory(records: 2, cards: 4)
        try await takePermit(factory)
        factory.adjust = { $0.others = [StockChangeTests.other] }
        let summary = try await factory.controller(try await factory.ledger()).run()
        #expect(summary.done == 0 && summary.code == "line.stock.change")
        #expect(factory.plant.world.withLock { $0.fed } == 0)
    }
}
