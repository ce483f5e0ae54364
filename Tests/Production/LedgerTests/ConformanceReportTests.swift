import Ground
import Stations
import Testing

@testable import Ledger

/// Recalls and numbers at both stores.
@Suite struct ConformanceReportTests {
    private let people: TwoPeople

    init() throws { people = try TwoPeople("Ann", "Bob") }

    /// Books with a shift, five blanks of lot L-7 (chip lot CHIP-3) in the hopper, and one blank of another lot.
    private func floor(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease, ShiftID) {
        let books = try await ConformanceBooks(kind)
        _ = try await books.books.receive(try StockTests.manifest(["B1..B6"]), delivered: nil, by: "vault-1")
        try await books.intake(1...6)
        let lease = try await books.takeOver()
        let day = try #require(FactoryDay("2026-11-21"))
        let shift = try await books.books.openShift(
            ConformanceBooks.line, day: day, name: "1", cells: [ConformanceBooks.cell], by: "Sup")
        try await books.books.issue(
            try #require(SerialRange("B1..B6")), stock: "id1", to: ConformanceBooks.line, cell: ConformanceBooks.cell,
            by: "vault-1")
        try await books.commit(lease, [.machine(.execute, code: nil, text: "", remedy: "")])
        return (books, lease, shift)
    }

    /// Makes the next document on `number`; with a reason its blank is spoiled and the record made again.
    @discardableResult
    private func card(_ books: ConformanceBooks, _ lease: Lease, _ number: Int, spoiled: String? = nil) async throws
        -> Claim
    {
        let claim = try #require(try await books.claim(lease))
        let blank = BlankID("id1:B\(number)")
        let feed = StepKey(claim.attempt, .feed, try: 1)
        try await books.commit(lease, [.intend(feed, facts: ["blank": .string(blank.rawValue)])])
        try await books.commit(
            lease,
            [
                .conclude(feed, outcome: .done, facts: [:]),
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("C\(number)")),
                .attempt(claim.attempt, spoiled == nil ? .produced : .spoiled, reason: spoiled),
                .move(
                    blank, from: .cell, to: spoiled == nil ? .good : .spoiled, reason: spoiled ?? "produced",
                    attempt: claim.attempt),
                .record(claim.production, spoiled == nil ? .produced : .queued, reason: spoiled),
            ])
        return claim
    }

    @Test(arguments: StoreKind.allCases)
    func `All documents of a chip lot since a time are listed and held, and no more of the lot is fed`(
        kind: StoreKind
    ) async throws {
        let (books, lease, _) = try await floor(kind)
        let ledger = books.books
        try await card(books, lease, 1)
        let since = WallTime(microseconds: SystemTime().wall().microseconds + 1)
        let second = try await card(books, lease, 2)
        let third = try await card(books, lease, 3)
        // the second is packed in a box, which is still here
        try await books.commit(lease, [.exit(BlankID("id1:B2"), .good)])
        var filter = RecallFilter()
        filter.chipLot = "CHIP-3"
        filter.since = since
        #expect(try await ledger.read(RecallQuery(filter)).map(\.attempt) == [second.attempt, third.attempt])
        let held = try await ledger.recall(filter, reason: "antennas", custodian: "Eve", place: "safe", by: "quality")
        #expect(held == [BlankID("id1:B2"), BlankID("id1:B3")])
        #expect(try await ledger.read(CustodyQuery()).map(\.card.blank) == held)
        await refuses("stock.lot.held") { try await card(books, lease, 4) }
        #expect(try await books.count("intent WHERE open = 1") == 0)
        // again: nothing is held twice
        #expect(
            try await ledger.recall(filter, reason: "antennas", custodian: "Eve", place: "safe", by: "quality") == [])
        try await ledger.change(
            .releaseRecall(BlankID("id1:B2"), reason: "tested", people), by: "quality")
        #expect(try await ledger.blanks(.blank(BlankID("id1:B2"))).first?.account == .good)
        #expect(try await ledger.read(CustodyQuery()).map(\.card.blank) == [BlankID("id1:B3")])
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `A recalled document that is destroyed is void, and its record waits for an engineer`(kind: StoreKind)
        async throws
    {
        let (books, lease, _) = try await floor(kind)
        let ledger = books.books
        let claim = try await card(books, lease, 1)
        var filter = RecallFilter()
        filter.lot = "L-7"
        _ = try await ledger.recall(filter, reason: "antennas", custodian: "Eve", place: "safe", by: "quality")
        let total = try await ledger.read(ProductionQuery()).total
        #expect((total.good, total.held, total.heldBy["recall"]) == (0, 1, 1))
        try await ledger.destroy(
            DestructionCertificate(
                number: "D-1", blanks: [BlankID("id1:B1")], consumables: [], method: "shredded", place: "room 4",
                people: people), by: "Ann")
        #expect(try await ledger.attempts(.attempt(claim.attempt)).first?.state == .voided)
        #expect(try await books.count("production WHERE state = 'held' AND reason = 'recall.destroyed'") == 1)
        // a card that is no good document does not become one by two signatures
        try await ledger.change(.releaseLot(StockTests.lot, reason: "tested", people), by: "quality")
        try await books.commit(
            lease, [.move(BlankID("id1:B2"), from: .line, to: .held, reason: "doubt", attempt: nil)])
        await refuses("stock.refused") {
            try await ledger.change(.releaseRecall(BlankID("id1:B2"), reason: "why not", people), by: "quality")
        }
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `The numbers are the same at both stores, by every dimension and by shift`(kind: StoreKind) async throws {
        let (books, lease, shift) = try await floor(kind)
        let ledger = books.books
        let from = SystemTime().wall()
        try await card(books, lease, 1)
        try await card(books, lease, 2, spoiled: "inspection.reject")
        try await card(books, lease, 3)
        for dimension in ProductionDimension.allCases {
            let report = try await ledger.read(ProductionQuery(by: dimension))
            let total = report.total
            #expect((total.records, total.good, total.waiting, total.remade) == (6, 2, 4, 1), "\(dimension)")
            #expect(total.rejectedBy == ["inspection.reject": 1], "\(dimension)")
        }
        let groups = try await ledger.read(ProductionQuery(by: .shift)).groups
        #expect(groups.map(\.key) == [shift.rawValue, nil])
        #expect(groups[0].counts.good == 2 && groups[0].counts.rejected == 1)
        // the card that this shift hands on is the next one's
        try await ledger.countShift(
            ShiftCount(
                shift: shift, cell: ConformanceBooks.cell, person: "Op",
                counts: PlaceCounts(hopper: 3, good: 2, reject: 1)))
        _ = try await ledger.closeShift(ShiftClosing(shift: shift), by: "Sup")
        let day = try #require(FactoryDay("2026-11-21"))
        let next = try await ledger.openShift(ConformanceBooks.line, day: day, name: "2", by: "Sup")
        try await card(books, lease, 4)
        try await books.commit(lease, [.machine(.complete, code: nil, text: "", remedy: "")])
        let good = try await ledger.read(ProductionQuery(by: .shift)).groups.map { ($0.key, $0.counts.good) }
        #expect(good.map(\.0) == [shift.rawValue, next.rawValue, nil] && good.map(\.1) == [2, 1, 0])
        #expect(try await ledger.read(ProductionQuery(shift: next)).total.good == 1)
        let span = try await ledger.read(ShiftSpanQuery(next))
        #expect(span.line == ConformanceBooks.line && span.to == nil)
        let cells = try await ledger.read(
            EffectivenessQuery(from: from, to: WallTime(microseconds: .max / 2), plannedRunTimePerItem: 1_000_000))
        let output = try #require(cells.first).value.output
        #expect((output.produced, output.good, output.scrap, output.rework) == (4, 3, 1, 1))
        #expect((output.firstTries, output.firstPasses) == (3, 2))
        let ageing = try await ledger.read(AgeingQuery(now: SystemTime().wall()))
        #expect(ageing.finished.count == 3 && ageing.open.count == 3 && ageing.oldest.count == 3)
        #expect(try await ledger.read(ShiftsQuery(line: ConformanceBooks.line)).map(\.shift).count == 2)
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `Ribbons and films are counted blind by their serials, and a lost one needs two people`(kind: StoreKind)
        async throws
    {
        let (books, _, shift) = try await floor(kind)
        let ledger = books.books
        let ribbons = ["R1", "R2"].map {
            Consumable(kind: .ribbon, serial: $0, part: "R5F", lot: "1", capacity: 300)
        }
        for ribbon in ribbons {
            try await ledger.change(.consumable(ribbon), by: "vault-1")
            try await ledger.change(
                .consumableMoved(
                    ribbon.id, from: .vault, to: .mounted, line: ConformanceBooks.line, cell: ConformanceBooks.cell,
                    reason: "new", certificate: nil), by: "op")
            try await ledger.change(
                .consumableMoved(
                    ribbon.id, from: .mounted, to: .spent, line: ConformanceBooks.line, cell: nil, reason: "spent",
                    certificate: nil), by: "op")
        }
        try await ledger.countShift(
            ShiftCount(shift: shift, cell: ConformanceBooks.cell, person: "Op", counts: PlaceCounts(hopper: 6)))
        #expect(try await ledger.read(ShiftStateQuery(shift)).notCounted == ["supplies"])
        await refuses("shift.count.first") { _ = try await ledger.read(ShiftComparisonQuery(shift)) }
        try await ledger.countSupplies(shift, seen: [ribbons[0].id, ConsumableID("ribbon:R9")], by: "Op")
        var closing = ShiftClosing(shift: shift)
        await refuses("shift.supply.extra") { _ = try await ledger.closeShift(closing, by: "Sup") }
        await refuses("shift.count.same") { try await ledger.countSupplies(shift, seen: [], by: "OP") }
        try await ledger.countSupplies(shift, seen: [ribbons[0].id], by: "Eve")
        await refuses("shift.count.differs") { _ = try await ledger.closeShift(closing, by: "Sup") }
        closing.missingSupplies = [ribbons[1].id]
        await refuses("shift.incident") { _ = try await ledger.closeShift(closing, by: "Sup") }
        closing.incident = "bin emptied by the cleaners"
        closing.people = people
        _ = try await ledger.closeShift(closing, by: "Sup")
        #expect(try await ledger.read(ShiftReportQuery(shift))?.missingSupplies == [ribbons[1].id])
        #expect(try await ledger.read(ConsumablesQuery()).map(\.account) == [.spent, .missing])
        try await ledger.destroy(
            DestructionCertificate(
                number: "D-1", blanks: [], consumables: [ribbons[0].id], method: "burnt", place: "yard", people: people),
            by: "Ann")
        await refuses("stock.refused") { try await ledger.missing(ribbons[0].id, reason: "lost", by: "Op") }
        _ = try await ledger.verify()
    }
}
