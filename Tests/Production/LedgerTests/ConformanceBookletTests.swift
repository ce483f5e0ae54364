import Ground
import Stations
import Testing

@testable import Ledger

/// Engraved numbers at both stores: bound before the first write, used once, void once.
@Suite struct ConformanceBookletTests {
    static let stock = ConformanceBooks.stock
    static func blank(_ number: Int) -> BlankID { BlankID("\(stock):P\(number)") }

    /// Booklets P1 to P9 in the hopper of the first cell, and records without a number of their own.
    private func plant(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease) {
        let books = try await ConformanceBooks(kind)
        _ = try await books.books.receive(
            try StockTests.manifest(["P1..P9"], isEngraved: true), delivered: nil, by: "vault-1")
        try await books.books.issue(
            try #require(SerialRange("P1..P6")), stock: Self.stock, to: ConformanceBooks.line,
            cell: ConformanceBooks.cell, by: "vault-1")
        let records = (1...6).map { number in
            IntakeRecord(
                production: ProductionID("PROD\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
                product: ConformanceBooks.product, stock: Self.stock, numberSpace: "UTO/P", documentNumber: nil,
                priorityClass: "normal", approvedAt: WallTime(microseconds: Int64(number)),
                envelope: Bytes("envelope \(number)".utf8))
        }
        let taken = try await books.books.intake(records, batch: ConformanceBooks.batch, cursor: nil)
        #expect(taken.allSatisfy { $0 == .taken })
        return (books, try await books.takeOver())
    }

    /// Fed, and bound with chip and number.
    private func bound(_ books: ConformanceBooks, _ lease: Lease, _ number: Int, read: String? = nil) async throws
        -> Claim
    {
        let claim = try #require(try await books.claim(lease))
        try await books.commit(
            lease,
            [
                .move(Self.blank(number), from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, Self.blank(number), ConformanceBooks.chip(number)),
                .number(claim.attempt, read ?? "P\(number)"),
            ])
        return claim
    }

    @Test(arguments: StoreKind.allCases)
    func `nothing is written to a booklet whose number is not bound`(kind: StoreKind) async throws {
        let (books, lease) = try await plant(kind)
        let claim = try #require(try await books.claim(lease))
        try await books.commit(
            lease,
            [
                .move(Self.blank(1), from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, Self.blank(1), ConformanceBooks.chip(1)),
            ])
        for step in [Step.personalise, .print] {
            await refuses("ledger.rule") {
                try await books.commit(lease, [.intend(StepKey(claim.attempt, step, try: 1), facts: [:])])
            }
        }
        try await books.commit(lease, [.number(claim.attempt, "P1")])
        try await books.commit(lease, [.intend(StepKey(claim.attempt, .personalise, try: 1), facts: [:])])
        #expect(try await books.count("intent WHERE open = 1") == 1)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a number belongs to its own booklet and to one attempt, on all lines`(kind: StoreKind) async throws {
        let (books, lease) = try await plant(kind)
        await refuses("ledger.rule") { _ = try await bound(books, lease, 1, read: "P2") }
        let first = try await bound(books, lease, 1)
        // the second line has the same booklet in its hands, and no constraint is asked first
        await refuses("ledger.rule") { try await books.commit(lease, [.number(first.attempt, "P1")]) }
        let second = try #require(try await books.claim(lease))
        await refuses("ledger.rule") {
            try await books.commit(
                lease, [.bind(second.attempt, Self.blank(1), ConformanceBooks.chip(1)), .number(second.attempt, "P1")])
        }
        await #expect(throws: SakkError.self) {
            try await books.sql(
                "UPDATE attempt SET blank = ?, chip = 'C2', engraved = 'P1' WHERE attempt = ?",
                [.text(Self.blank(2).rawValue), .text(second.attempt.rawValue)])
        }
        await #expect(throws: SakkError.self) {
            try await books.sql("UPDATE blank SET number = 'P1' WHERE blank = ?", [.text(Self.blank(2).rawValue)])
        }
        #expect(try await books.count("attempt WHERE engraved = 'P1'") == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `a number is received once, whatever the stock type says`(kind: StoreKind) async throws {
        let (books, _) = try await plant(kind)
        let other = try StockTests.manifest(
            ["P9"], lot: LotID(stock: "diplomatic", lot: "D-1"), isEngraved: true)
        await refuses("stock.serial.known") {
            _ = try await books.books.receive(other, delivered: nil, by: "vault-1")
        }
        #expect(try await books.books.read(BookletQuery("P9"))?.lot == StockTests.lot)
        #expect(try await books.books.read(BookletQuery("P10")) == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `a remake has a new number, and the old one is void once`(kind: StoreKind) async throws {
        let (books, lease) = try await plant(kind)
        let first = try await bound(books, lease, 1)
        try await books.commit(
            lease,
            [
                .death(first.attempt, .confirmed),
                .move(Self.blank(1), from: .cell, to: .spoiled, reason: "panel.missing", attempt: first.attempt),
                .attempt(first.attempt, .spoiled, reason: "panel.missing"),
                .record(first.production, .queued, reason: "remake"),
            ])
        await refuses("ledger.rule") { _ = try await bound(books, lease, 1) }
        let again = try await bound(books, lease, 2)
        #expect(again.production == first.production && again.number == 2)
        try await books.commit(
            lease,
            [
                .attempt(again.attempt, .produced, reason: nil), .record(again.production, .produced, reason: nil),
                .move(Self.blank(2), from: .cell, to: .good, reason: "produced", attempt: again.attempt),
            ])
        let void = try await books.books.read(VoidNumbersQuery())
        #expect(void.map(\.number) == ["P1"] && void.first?.attempt == first.attempt)
        #expect(void.first?.category == "regular" && void.first?.reason == "panel.missing")
        // the good one is taken back: its number is void, too, and stays so when its booklet is shredded
        try await books.withdraw(again.production)
        try await books.commit(
            lease, [.move(Self.blank(2), from: .good, to: .spoiled, reason: "withdrawn", attempt: nil)])
        #expect(try await books.books.read(VoidNumbersQuery()).map(\.number) == ["P1", "P2"])
        let life = try #require(try await books.books.read(BlankLifeQuery("P2")))
        #expect(life.movements.map(\.to) == [.vault, .line, .cell, .good, .spoiled] && life.category == "regular")
        #expect(life.void?.reason == "withdrawn" && life.attempts.map(\.attempt) == [again.attempt])
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a number that was told to be void is never bound again`(kind: StoreKind) async throws {
        let (books, lease) = try await plant(kind)
        try await books.books.change(.voided(Self.blank(1), reason: "void.feed"), by: "publisher")
        #expect(try await books.books.read(BookletQuery("P1"))?.isVoid == true)
        await refuses("ledger.rule") { _ = try await bound(books, lease, 1) }
        _ = try await bound(books, lease, 2)
        #expect(try await books.books.read(VoidNumbersQuery()).map(\.number) == ["P1"])
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a shift with one booklet in a cell, one missing and one unreadable closes by naming each`(kind: StoreKind)
        async throws
    {
        let books = try await ConformanceBooks(kind)
        let ledger = books.books
        _ = try await ledger.receive(
            try StockTests.manifest(["P1..P9"], isEngraved: true), delivered: nil, by: "vault-1")
        let shift = try await ledger.openShift(
            ConformanceBooks.line, day: try #require(FactoryDay("2026-11-21")), name: "1", by: "Sup")
        try await ledger.issue(
            try #require(SerialRange("P1..P5")), stock: Self.stock, to: ConformanceBooks.line,
            cell: ConformanceBooks.cell, by: "vault-1")
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        _ = try await bound(books, lease, 1)
        try await books.commit(
            lease,
            [
                .move(Self.blank(2), from: .line, to: .held, reason: "booklet.unreadable", attempt: nil),
                .exit(Self.blank(2), .reject),
            ])
        // P3 is gone, and nobody knows: two lie in the hopper where the books have three
        try await ledger.countShift(
            ShiftCount(
                shift: shift, cell: ConformanceBooks.cell, person: "Op",
                counts: PlaceCounts(hopper: 2, good: 0, reject: 0, held: 1)))
        func closing(_ carried: [Int], missing: [Int]) throws -> ShiftClosing {
            var closing = ShiftClosing(
                shift: shift,
                carried: carried.map { CarriedCard(blank: Self.blank($0), person: "Sup", place: "machine \($0)") })
            closing.missing = missing.map(Self.blank)
            closing.incident = missing.isEmpty ? nil : "one too few"
            closing.people = missing.isEmpty ? nil : try TwoPeople("Sup", "Guard")
            return closing
        }
        for (carried, missing) in [([], []), ([1, 2], []), ([1], [3]), ([2], [3])] as [([Int], [Int])] {
            await #expect(throws: SakkError.self) {
                _ = try await ledger.closeShift(try closing(carried, missing: missing), by: "Sup")
            }
        }
        let balance = try await ledger.closeShift(try closing([1, 2], missing: [3]), by: "Sup")
        #expect(balance.isEven && balance[.missing] == 1 && balance[.carried] == 4)
        #expect(try await ledger.read(VoidNumbersQuery()).map(\.number) == ["P3"])
        let custody = try await ledger.read(CustodyQuery())
        #expect(custody.map(\.card.blank) == [Self.blank(1), Self.blank(2)] && custody[1].card.place == "machine 2")
        _ = try await ledger.verify()
    }
}
