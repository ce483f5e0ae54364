import Foundation
import Ground
import Stations
import Testing

@testable import Ledger

/// What a person says of a card, at both stores.
@Suite struct ConformanceVerdictTests {
    /// Record 1 on blank B1, which the machine held for `reason`.
    private static func held(_ kind: StoreKind, _ reason: String) async throws -> (ConformanceBooks, Lease, Claim) {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        try await books.putAside(lease, claim, reason: reason)
        return (books, lease, claim)
    }

    /// Record 1 on blank B1, in the good box.
    private static func good(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease, Claim) {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        try await books.produce(lease, claim, 1)
        return (books, lease, claim)
    }

    private static func given(_ claim: Claim, _ verdict: CardVerdict, _ reason: String? = nil, by person: String)
        -> Change
    {
        .verdict(.given(claim.attempt, ConformanceBooks.blank(1), verdict, reason: reason, by: person))
    }

    private static func becomesGood(_ claim: Claim) -> [Change] {
        [
            .attempt(claim.attempt, .produced, reason: nil),
            .move(ConformanceBooks.blank(1), from: .held, to: .good, reason: "verdict.passed", attempt: claim.attempt),
            .exit(ConformanceBooks.blank(1), .good), .record(claim.production, .produced, reason: nil),
        ]
    }

    @Test(arguments: StoreKind.allCases)
    func `a held card becomes good by a person's pass and not without one`(kind: StoreKind) async throws {
        let (books, lease, claim) = try await Self.held(kind, "glare")
        await refuses("ledger.rule") { try await books.commit(lease, Self.becomesGood(claim)) }
        try await books.commit(lease, [Self.given(claim, .hold, by: "Ann")])
        await refuses("ledger.rule") { try await books.commit(lease, Self.becomesGood(claim)) }
        try await books.commit(lease, [Self.given(claim, .pass, by: "Ann")] + Self.becomesGood(claim))
        let said = try await books.books.read(VerdictsQuery(claim.attempt))
        #expect(said.map(\.verdict) == [.hold, .pass] && said.allSatisfy { !$0.overrides })
        #expect(try await books.books.read(WaitingCardsQuery(line: ConformanceBooks.line)).isEmpty)
        await refuses("verdict.unexpected") { try await books.commit(lease, [Self.given(claim, .hold, by: "Bob")]) }
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `who rejected a card does not pass it, and the second inspector's pass names the reject`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await Self.held(kind, "focus")
        await refuses("ledger.rule") { try await books.commit(lease, [Self.given(claim, .reject, by: "Ann")]) }
        try await books.commit(lease, [Self.given(claim, .reject, "print.scratch", by: "Ann")])
        let waiting = try #require(try await books.books.read(WaitingCardsQuery(line: ConformanceBooks.line)).first)
        #expect(!waiting.isSample && waiting.place == 1 && waiting.reason == "focus")
        #expect(!waiting.mayPass(" ANN ") && waiting.mayPass("Bob"))
        await refuses("verdict.same") { try await books.commit(lease, [Self.given(claim, .pass, by: " ANN ")]) }
        try await books.commit(lease, [Self.given(claim, .pass, by: "Bob")] + Self.becomesGood(claim))
        #expect(try await books.books.read(VerdictsQuery(claim.attempt)).last?.overrides == true)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a reason of identity, chip or number is overridden by nobody`(kind: StoreKind) async throws {
        for reason in ["mrz.unreadable", "field.unverified", "chip.document.other", "booklet.number.differs", "new"] {
            let (books, lease, claim) = try await Self.held(kind, reason)
            await refuses("verdict.final") { try await books.commit(lease, [Self.given(claim, .pass, by: "Bob")]) }
        }
        let (books, lease, claim) = try await Self.held(kind, "glare")
        try await books.commit(lease, [Self.given(claim, .reject, "portrait.differs", by: "Ann")])
        await refuses("verdict.final") { try await books.commit(lease, [Self.given(claim, .pass, by: "Bob")]) }
        // nor with a connection to the store
        for (hand, weight) in [("ann", "print"), ("bob", "print"), ("bob", "final")] {
            await #expect(throws: failure("ledger.rule")) {
                try await books.sql(
                    """
                    INSERT INTO verdict (log, seq, attempt, blank, verdict, weight, person, hand, wall, over_seq,
                      over_weight, over_hand)
                    SELECT log, 9999, attempt, blank, 'pass', 'print', 'x', '\(hand)', 0, seq, '\(weight)', hand
                    FROM verdict
                    """)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a withdrawn record's card is not passed`(kind: StoreKind) async throws {
        let (books, lease, claim) = try await Self.held(kind, "glare")
        try await books.withdraw(claim.production)
        await refuses("record.withdrawn") {
            try await books.commit(lease, [Self.given(claim, .pass, by: "Ann")] + Self.becomesGood(claim))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a sample goes back into the good box when the last word was a pass`(kind: StoreKind) async throws {
        let (books, lease, claim) = try await Self.good(kind)
        let blank = ConformanceBooks.blank(1)
        let audit = try await books.books.sample(blank, by: "Sup")
        await refuses("verdict.away") { _ = try await books.books.sample(ConformanceBooks.blank(2), by: "Sup") }
        let waiting = try #require(try await books.books.read(WaitingCardsQuery(line: ConformanceBooks.line)).first)
        #expect(waiting.isSample && waiting.blank == blank && waiting.mayPass("Ann"))
        #expect(try await books.books.read(AuditTasksQuery(person: "Ann")).map(\.id) == [audit])
        let back = Change.verdict(.sampleBack(blank, claim.attempt, by: "Ann"))
        await refuses("verdict.unexpected") { try await books.commit(lease, [back]) }
        try await books.commit(lease, [Self.given(claim, .reject, "print.spot", by: "Ann")])
        await refuses("verdict.unexpected") { try await books.commit(lease, [back]) }
        await refuses("verdict.same") { try await books.commit(lease, [Self.given(claim, .pass, by: "Ann"), back]) }
        try await books.commit(lease, [Self.given(claim, .pass, by: "Bob"), back])
        #expect(try await books.books.blanks(.blank(blank)).first?.account == .good)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `two people void a produced document, and its record waits for the chip's death`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await Self.good(kind)
        let blank = ConformanceBooks.blank(1)
        let void = Change.verdict(
            .voided(claim.attempt, claim.production, blank, reason: "print.ghost", try TwoPeople("Ann", "Bob")))
        let aside = Change.move(blank, from: .good, to: .held, reason: "voided", attempt: claim.attempt)
        try await books.commit(lease, [void, aside])
        let attempt = try #require(try await books.books.attempts(.attempt(claim.attempt)).first)
        #expect(attempt.state == .voided && attempt.death == .unconfirmed)
        #expect(
            try await books.count("production WHERE state = 'held' AND reason = 'chip.death.unconfirmed'") == 1)
        #expect(try await books.claim(lease) == nil)
        await refuses("verdict.away") { try await books.commit(lease, [void]) }
        try await books.commit(
            lease,
            [
                .death(claim.attempt, .confirmed), .record(claim.production, .queued, reason: "remake"),
                .move(blank, from: .held, to: .spoiled, reason: "voided", attempt: claim.attempt),
            ])
        let next = try await books.bound(lease, 2)
        #expect(next.production == claim.production && next.number == 2)
        try await books.produce(lease, next, 2)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a voided booklet's number is void for ever`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        _ = try await books.books.receive(
            try StockTests.manifest(["B1..B9"], isEngraved: true), delivered: nil, by: "vault-1")
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.books.issue(
            try #require(SerialRange("B1..B2")), stock: "id1", to: ConformanceBooks.line, cell: ConformanceBooks.cell,
            by: "vault-1")
        let claim = try #require(try await books.claim(lease))
        let blank = BlankID("id1:B1")
        try await books.commit(
            lease,
            [
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("C1")), .number(claim.attempt, "B1"),
                .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
            ])
        let people = try TwoPeople("Ann", "Bob")
        try await books.commit(
            lease,
            [
                .verdict(.voided(claim.attempt, claim.production, blank, reason: "print.ghost", people)),
                .move(blank, from: .good, to: .held, reason: "voided", attempt: claim.attempt),
            ])
        #expect(try await books.books.read(VoidNumbersQuery()).map(\.number) == ["B1"])
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `each inspector's rate counts seeded defects that were found, and the first answer`(kind: StoreKind)
        async throws
    {
        let kept = try await ConformanceBooks(kind)
        let books = kept.books
        var items: [AuditID] = []
        for number in 1...4 {
            items.append(try await books.seedAudit("set-\(number)", truth: "print.line", by: "Sup"))
        }
        try await books.answerAudit(items[0], .reject, reason: "print.line", by: "Ann")
        try await books.answerAudit(items[1], .reject, reason: "print.spot", by: "Ann")
        try await books.answerAudit(items[2], .pass, reason: nil, by: "Ann")
        try await books.answerAudit(items[3], .hold, reason: nil, by: "Ann")
        try await books.answerAudit(items[0], .pass, reason: nil, by: "Bob")
        await refuses("verdict.answered") {
            try await books.answerAudit(items[2], .reject, reason: "print.line", by: "ANN")
        }
        #expect(try await books.read(AuditTasksQuery(person: "Bob")).map(\.item) == ["set-2", "set-3", "set-4"])
        let ever = InspectorRatesQuery(from: WallTime(microseconds: 0), until: WallTime(microseconds: .max))
        let rates = try await books.read(ever)
        #expect(rates.map(\.person) == ["Ann", "Bob"])
        #expect(rates[0].seeded == 4 && rates[0].found == 2 && rates[0].named == 1 && rates[0].unjudged == 1)
        #expect(rates[1].seeded == 1 && rates[1].found == 0 && rates[1].samples == 0)
        // Wilson's interval of 2 of 4, as any table has it
        let interval = try #require(rates[0].interval)
        #expect(abs(interval.lowerBound - 0.150) < 0.001 && abs(interval.upperBound - 0.850) < 0.001)
        _ = try await books.verify()
        withExtendedLifetime(kept) {}
    }

    @Test(arguments: StoreKind.allCases)
    func `a backup brings verdicts back, the overridden one before the one that overrides`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await Self.held(kind, "glare")
        try await books.commit(lease, [Self.given(claim, .reject, "print.spot", by: "Ann")])
        try await books.commit(lease, [Self.given(claim, .pass, by: "Bob")] + Self.becomesGood(claim))
        let backup = books.folder.appendingPathComponent("backup.db").path
        try await books.books.backup(to: backup)
        let restored = try await Books.restore(
            backup, to: books.folder.appendingPathComponent("restored.db").path, keys: books.keys, time: SystemTime(),
            by: "test")
        #expect(try await restored.read(VerdictsQuery(claim.attempt)).map(\.person) == ["Ann", "Bob"])
        _ = try await restored.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `books of the format before get the tables of verdicts`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        for table in try #require(Schema.additions(from: 4, .sqlite)).compactMap(PostgresDialect.tableMade).reversed() {
            try await books.sql("DROP TABLE \(table)")
        }
        try await books.sql("UPDATE meta SET version = 4")
        let again = try await books.again()
        try await again.seedAudit("set-1", truth: "print.line", by: "Sup")
        _ = try await again.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `two readings of one zone have one tag, and another zone has another`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let tag = try books.books.zoneTag(["A<", "B<"])
        #expect(try await books.again().zoneTag(["A<", "B<"]) == tag && tag.count == 32)
        #expect(try books.books.zoneTag(["A<", "C<"]) != tag)
    }
}
