import Ground
import Stations
import Testing

@testable import Ledger

/// Stock, shifts and recall at both stores.
@Suite struct ConformanceStockTests {
    @Test(arguments: StoreKind.allCases)
    func `a delivery goes through a shift to good cards, a destruction and a recall`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let ledger = books.books
        let manifest = try StockTests.manifest(["B1..B9"], isEngraved: true)
        _ = try await ledger.receive(manifest, delivered: nil, by: "vault-1")
        try await books.intake(1...2)
        let lease = try await books.takeOver()
        let shift = try await ledger.openShift(
            ConformanceBooks.line, day: try #require(FactoryDay("2026-11-21")), name: "1", by: "Sup")
        try await ledger.issue(
            try #require(SerialRange("B1..B5")), stock: "id1", to: ConformanceBooks.line, cell: ConformanceBooks.cell,
            by: "vault-1")
        try await ledger.change(.holdLot(StockTests.lot, reason: "looked at"), by: "quality")
        await refuses("stock.lot.held") {
            try await ledger.issue(
                try #require(SerialRange("B6")), stock: "id1", to: ConformanceBooks.line, cell: nil, by: "vault-1")
        }
        #expect(
            try await ledger.read(LotHeldQuery(line: ConformanceBooks.line, cell: ConformanceBooks.cell))?.blank
                == BlankID("id1:B1"))
        let people = try TwoPeople("Ann", "Bob")
        try await ledger.change(.releaseLot(StockTests.lot, reason: "good", people), by: "quality")
        let ribbon = Consumable(kind: .ribbon, serial: "R1", part: "R5F", lot: "1", capacity: 300)
        try await ledger.change(.consumable(ribbon), by: "vault-1")
        try await ledger.change(
            .consumableMoved(
                ribbon.id, from: .vault, to: .mounted, line: lease.line, cell: ConformanceBooks.cell, reason: "new",
                certificate: nil), by: "op")
        let claim = try #require(try await books.claim(lease))
        let blank = BlankID("id1:B1")
        try await books.commit(
            lease,
            [
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("C1")),
                .stock(.genealogy(claim.attempt, [.firmware: "1.0"])),
                .attempt(claim.attempt, .produced, reason: nil),
                .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
                .move(BlankID("id1:B2"), from: .line, to: .spoiled, reason: "dead", attempt: nil),
                .move(BlankID("id1:B3"), from: .line, to: .held, reason: "doubt", attempt: nil),
            ])
        await refuses("shift.count.first") { _ = try await ledger.read(ShiftComparisonQuery(shift)) }
        try await ledger.countShift(
            ShiftCount(
                shift: shift, cell: ConformanceBooks.cell, person: "Op",
                counts: PlaceCounts(hopper: 1, good: 1, reject: 1, held: 1)))
        try await ledger.countSupplies(shift, seen: [ribbon.id], by: "Op")
        var closing = ShiftClosing(
            shift: shift, carried: [CarriedCard(blank: BlankID("id1:B3"), person: "Sup", place: "safe")])
        await refuses("shift.count.differs") { _ = try await ledger.closeShift(closing, by: "Sup") }
        closing.missing = [BlankID("id1:B5")]
        closing.incident = "door open"
        closing.people = people
        let balance = try await ledger.closeShift(closing, by: "Sup")
        #expect(balance.isEven && balance[.missing] == 1 && balance[.carried] == 2 && balance.taken == 5)
        try await ledger.destroy(
            DestructionCertificate(
                number: "D-1", blanks: [BlankID("id1:B2")], consumables: [], method: "shredded", place: "room 4",
                people: people), by: "Ann")
        #expect(try await ledger.read(VoidNumbersQuery()).map(\.number) == ["B2", "B5"])
        var filter = RecallFilter()
        filter.ribbon = "R1"
        filter.chipLot = "CHIP-3"
        filter.genealogy = [.firmware: "1.0"]
        #expect(
            try await ledger.recall(filter, reason: "bad CA", custodian: "Eve", place: "safe", by: "quality") == [blank]
        )
        #expect(try await ledger.read(CustodyQuery()).map(\.card.person) == ["Sup", "Eve"])
        _ = try await ledger.verify()
    }

    /// Rows of the first version of `blank.loaded` left the custody with who had the blank, until it was fed.
    @Test(arguments: StoreKind.allCases)
    func `a blank in custody that is laid in is in nobody's hands, and old books replay as they were`(
        kind: StoreKind
    ) async throws {
        let books = try await ConformanceBooks(kind)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...3)
        for number in 1...3 {
            try await books.books.change(
                .custody(ConformanceBooks.blank(number), person: "Eve", place: "table"), by: "Op")
        }
        let loaded = (1...2).map { number in
            var entry = JournalEntry(
                "blank.loaded", [ConformanceBooks.blank(number).rawValue],
                ["line": .string(lease.line.rawValue), "cell": "cell-2"])
            if number == 1 { entry.version = 1 }
            return entry
        }
        _ = try await books.books.write { writer in
            try writer.append(loaded, to: .vault, epoch: try writer.epoch(of: .vault), actor: "Op")
        }
        let versions = try await books.rows("journal WHERE kind = 'blank.loaded'", by: "tick").suffix(2)
        #expect(versions.map { $0.contains("kind_version integer(1)") } == [true, false])
        #expect(
            try await books.books.read(CustodyQuery()).map(\.card.blank)
                == [ConformanceBooks.blank(1), ConformanceBooks.blank(3)])
        _ = try await books.books.verify()
        // where it goes next ends the custody of the old row, too
        try await books.intake(1...1)
        let claim = try #require(try await books.claim(lease))
        try await books.commit(
            lease, [.move(ConformanceBooks.blank(1), from: .line, to: .cell, reason: "fed", attempt: claim.attempt)])
        #expect(try await books.books.read(CustodyQuery()).map(\.card.blank) == [ConformanceBooks.blank(3)])
        _ = try await books.books.verify()
    }
}
