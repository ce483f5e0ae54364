import Ground
import Ledger
import Stations
import Testing

@testable import Line

/// A held lot stops the cell that has some of it, and each attempt says what it was made with.
struct LotHoldTests {
    private let lot = LotID(stock: "id1", lot: "L1")

    @Test func `A held lot in the hopper is not fed, and once two people released it, it is`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        try await factory.ledger().change(.holdLot(lot, reason: "antennas break"), by: "quality")
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.code == "stock.lot.held" && summary.done == 0 && summary.state == .held)
        #expect(summary.text.contains("antennas break"))
        #expect(try Judge.strings(factory.path, "SELECT attempt FROM intent") == [])
        try await factory.ledger().change(
            .releaseLot(lot, reason: "tested", try TwoPeople("Ann", "Bob")), by: "quality")
        try await factory.runToTheEnd()
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await factory.ledger().verify()
    }

    @Test func `The hold comes while a card is in the machine: that card ends, the next is not fed`() async throws {
        let factory = try await Factory(records: 3, cards: 4)
        let ledger = try await factory.ledger()
        factory.wrap = { stations in
            CellStations(
                printer: stations.printer, chip: stations.chip, camera: stations.camera,
                preparation: HoldingPreparation(inner: stations.preparation, ledger: ledger, lot: lot),
                inspection: stations.inspection, verification: stations.verification)
        }
        factory.adjust = { $0.preparesAhead = true }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.code == "stock.lot.held" && summary.done == 1)
        #expect(try Judge.strings(factory.path, "SELECT attempt FROM intent WHERE open = 1") == [])
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `Each attempt keeps printer, firmware, camera, operator, key, plan and template`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        factory.adjust = {
            $0.genealogy = [.camera: "cam-1", .documentSigner: "d5", .plan: "a1", .template: "7e"]
        }
        try await factory.runToTheEnd()
        let each = [
            "camera=cam-1", "ds_key=d5", "firmware=1", "operator=test", "plan=a1",
            "printer=M-1", "template=7e",
        ]
        let all = try Judge.strings(
            factory.path, "SELECT DISTINCT key || '=' || value FROM genealogy ORDER BY key")
        #expect(all == each)
        #expect(try Judge.strings(factory.path, "SELECT attempt FROM genealogy").count == 2 * each.count)
        var filter = RecallFilter()
        filter.genealogy = [.template: "7e", .operatorName: "test"]
        #expect(try await factory.ledger().read(RecallQuery(filter)).count == 2)
    }
}

/// Somebody holds the lot while the second document is prepared.
private struct HoldingPreparation: DocumentPreparation {
    let inner: any DocumentPreparation
    let ledger: Books
    let lot: LotID

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        if try await ledger.read(RecallQuery(RecallFilter())).contains(where: { $0.blank != nil }) {
            try await ledger.change(.holdLot(lot, reason: "antennas break"), by: "quality")
        }
        return try await inner.prepare(record, for: attempt)
    }
}
