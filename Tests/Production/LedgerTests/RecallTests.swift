import Ground
import Ledger
import Testing

/// Documents are found by what they were made with.
struct RecallTests {
    /// Three good documents; the second one with ribbon R2 mounted.
    private func made() async throws -> (TestBooks, [Claim]) {
        let books = try await StockTests.received("P01..P05")
        let ledger = books.ledger
        try await ledger.issue(
            try #require(SerialRange("P01..P05")), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "v")
        _ = try await ledger.intake((1...3).map { TestBooks.record($0) }, batch: TestBooks.batch, cursor: nil)
        let lease = try await books.takeOver()
        var claims: [Claim] = []
        for number in 1...3 {
            let ribbon = Consumable(kind: .ribbon, serial: "R\(number)", part: "R5F", lot: "1", capacity: 300)
            func mount(_ from: Consumable.Account, _ to: Consumable.Account) async throws {
                try await ledger.change(
                    .consumableMoved(
                        ribbon.id, from: from, to: to, line: TestBooks.line, cell: TestBooks.cell, reason: "change",
                        certificate: nil), by: "op")
            }
            try await ledger.change(.consumable(ribbon), by: "v")
            try await mount(.vault, .mounted)
            let claim = try #require(try await books.claim(lease))
            let blank = BlankID("id1:P0\(number)")
            try await books.commit(
                lease,
                [
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                    .bind(claim.attempt, blank, ChipIdentity("C\(number)")),
                    .stock(.genealogy(claim.attempt, [.firmware: number == 3 ? "2.0" : "1.0", .operatorName: "Op"])),
                    .attempt(claim.attempt, .produced, reason: nil),
                    .record(claim.production, .produced, reason: nil),
                    .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
                ])
            try await mount(.mounted, .spent)
            claims.append(claim)
        }
        return (books, claims)
    }

    private func found(_ books: TestBooks, _ change: (inout RecallFilter) -> Void) async throws -> [AttemptID] {
        var filter = RecallFilter()
        change(&filter)
        return try await books.ledger.read(RecallQuery(filter)).map(\.attempt)
    }

    @Test func `A blank that is on its way from the hopper is found by its lot before it is bound`() async throws {
        let books = try await StockTests.received("P01..P05")
        try await books.ledger.issue(
            try #require(SerialRange("P01..P05")), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "v")
        _ = try await books.ledger.intake([TestBooks.record(1)], batch: TestBooks.batch, cursor: nil)
        let lease = try await books.takeOver()
        let claim = try #require(try await books.claim(lease))
        #expect(try await found(books) { $0.chipLot = "CHIP-3" } == [])
        try await books.commit(
            lease, [.intend(StepKey(claim.attempt, .feed, try: 1), facts: ["blank": "id1:P01"])])
        for wanted in [true, false] {
            let expected = wanted ? [claim.attempt] : []
            #expect(try await found(books) { $0.chipLot = wanted ? "CHIP-3" : "CHIP-4" } == expected)
            #expect(try await found(books) { $0.lot = wanted ? "L-7" : "L-8" } == expected)
        }
        #expect(
            try await found(books) {
                $0.lot = "L-7"
                $0.cell = CellID("cell-9")
            } == [])
    }

    @Test func `Documents are found by lot, chip lot, ribbon, firmware and operator`() async throws {
        let (books, claims) = try await made()
        let all = claims.map(\.attempt)
        #expect(try await found(books) { $0.chipLot = "CHIP-3" } == all)
        #expect(try await found(books) { $0.chipLot = "CHIP-4" } == [])
        #expect(try await found(books) { $0.lot = "L-7" } == all)
        #expect(try await found(books) { $0.ribbon = "R2" } == [all[1]])
        #expect(try await found(books) { $0.genealogy = [.firmware: "1.0", .operatorName: "Op"] } == Array(all[0...1]))
        #expect(try await found(books) { $0.cell = CellID("cell-9") } == [])
        #expect(try await found(books) { $0.until = WallTime(microseconds: 0) } == [])
        #expect(try await found(books) { $0.since = WallTime(microseconds: 0) } == all)
    }

    @Test func `A recall holds what is still here, in named hands, and needs a condition`() async throws {
        let (books, claims) = try await made()
        let ledger = books.ledger
        try await ledger.commit(
            Transition(
                plant: .vault, actor: "pack",
                changes: [.move(BlankID("id1:P01"), from: .good, to: .dispatched, reason: "sent", attempt: nil)]))
        var filter = RecallFilter()
        await refuses("stock.recall.all") {
            _ = try await ledger.recall(filter, reason: "x", custodian: "Eve", place: "safe", by: "quality")
        }
        filter.genealogy = [.firmware: "1.0"]
        await refuses("stock.refused") {
            _ = try await ledger.recall(filter, reason: "x", custodian: " ", place: "safe", by: "quality")
        }
        let held = try await ledger.recall(filter, reason: "bad CA", custodian: "Eve", place: "safe", by: "quality")
        #expect(held == [BlankID("id1:P02")])
        let list = try await ledger.read(RecallQuery(filter))
        #expect(list.map(\.account) == [.dispatched, .held] && list.map(\.attempt) == claims[0...1].map(\.attempt))
        #expect(try await ledger.read(CustodyQuery()).map(\.card.person) == ["Eve"])
        _ = try await ledger.verify()
    }
}
