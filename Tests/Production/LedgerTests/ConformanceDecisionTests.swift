import Ground
import Stations
import Testing

@testable import Ledger

/// What two people decide of one record, and whose turn a card is, at both stores.
@Suite struct ConformanceDecisionTests {
    private static let hour: Int64 = 3_600_000_000
    private static func people() throws -> TwoPeople { try TwoPeople("Ann", "Bob") }

    private static func bump(_ books: ConformanceBooks, _ number: Int, to name: String, hours: Int64) async throws {
        try await books.books.bump(
            ProductionID("PROD\(number)"), to: name, headStart: hours * hour, reason: "journey", try people(), by: "Ann"
        )
    }

    @Test(arguments: StoreKind.allCases)
    func `a record that two people let go before its turn is the next one, in the class they named`(kind: StoreKind)
        async throws
    {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...4)
        let lease = try await books.takeOver()
        try await Self.bump(books, 3, to: "urgent", hours: 1)
        try await Self.bump(books, 4, to: "campaign", hours: 2)
        // further up from one class to the next
        try await Self.bump(books, 3, to: "family", hours: 3)
        let queue = try await books.books.read(QueueQuery(QueueSelection(), states: [.queued], limit: 9))
        #expect(queue.map(\.production.rawValue) == ["PROD3", "PROD4", "PROD1", "PROD2"])
        #expect(queue.map(\.priorityClass) == ["family", "campaign", "normal", "normal"])
        let claims = [try await books.claim(lease, CellID("c-1")), try await books.claim(lease, CellID("c-2"))]
        #expect(claims.map { $0?.production.rawValue } == ["PROD3", "PROD4"])
        #expect(try await books.count("served WHERE class = 'family' AND count = 1") == 1)
        #expect(
            try await books.count("priority_bump WHERE first = 'Ann' AND second = 'Bob' AND reason = 'journey'") == 3)
        _ = try await books.books.verify()
    }

    /// The share of a class keeps the others from starving, whoever was put into it.
    @Test(arguments: StoreKind.allCases)
    func `a class over its share waits, also with records that were put into it`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...4)
        let lease = try await books.takeOver()
        for number in [3, 4] { try await Self.bump(books, number, to: "urgent", hours: 1) }
        var taken: [String?] = []
        for cell in 1...3 {
            var request = ConformanceBooks.request(lease, CellID("c-\(cell)"))
            request.quotas = ["urgent": 50]
            taken.append(try await books.books.claim(request)?.production.rawValue)
        }
        #expect(taken == ["PROD1", "PROD3", "PROD2"])
    }

    @Test(arguments: StoreKind.allCases)
    func `what does not wait, comes no sooner, or is nobody's is not let go, and nothing changes`(kind: StoreKind)
        async throws
    {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let lease = try await books.takeOver()
        _ = try await books.claim(lease)
        await refuses("queue.bump.state") { try await Self.bump(books, 1, to: "urgent", hours: 1) }
        await refuses("queue.bump.later") { try await Self.bump(books, 2, to: "urgent", hours: 0) }
        await refuses("queue.bump.later") { try await Self.bump(books, 2, to: "normal", hours: 1) }
        await refuses("queue.bump.unknown") { try await Self.bump(books, 9, to: "urgent", hours: 1) }
        #expect(try await books.count("production WHERE class = 'normal'") == 2)
        #expect(try await books.count("priority_bump") == 0)
        // and the store itself says so
        for (to, due, second) in [("normal", 1, "Bob"), ("urgent", 2, "Bob"), ("urgent", 1, "Ann")] {
            await #expect(throws: SakkError.self) {
                try await books.sql(
                    """
                    INSERT INTO priority_bump (log, seq, production, from_class, to_class, from_due, due, reason, first,
                      second, wall) VALUES ('queue', 99, 'PROD2', 'normal', ?, 2, ?, 'x', 'Ann', ?, 1)
                    """, [.text(to), .integer(Int64(due)), .text(second)])
            }
        }
        _ = try await books.books.verify()
    }

    // MARK: whose turn a card is

    private static func waiting(_ kind: StoreKind) async throws -> (ConformanceBooks, [AttemptID]) {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        var attempts: [AttemptID] = []
        for number in 1...2 {
            let claim = try await books.bound(lease, number)
            attempts.append(claim.attempt)
            try await books.commit(
                lease,
                [
                    .exit(ConformanceBooks.blank(number), .reject),
                    .move(
                        ConformanceBooks.blank(number), from: .cell, to: .held, reason: "glare", attempt: claim.attempt),
                    .attempt(claim.attempt, .held, reason: "glare"),
                    .record(claim.production, .held, reason: "glare"),
                ])
        }
        return (books, attempts)
    }

    private static let minute: Int64 = 60_000_000

    @Test(arguments: StoreKind.allCases)
    func `a card is before one inspector, who lets it go by taking another, by judging it, or in time`(kind: StoreKind)
        async throws
    {
        let (books, attempts) = try await Self.waiting(kind)
        try await books.books.take(attempts[0], for: Self.minute, by: "Ann")
        try await books.books.take(attempts[0], for: Self.minute, by: " ANN ")
        await refuses("verdict.taken") { try await books.books.take(attempts[0], for: Self.minute, by: "Bob") }
        let cards = try await books.books.read(WaitingCardsQuery(line: ConformanceBooks.line))
        let now = SystemTime().wall()
        #expect(cards.map { $0.isFree(for: "Bob", at: now) } == [false, true])
        #expect(cards.allSatisfy { $0.isFree(for: "ann", at: now) })
        #expect(cards[0].isFree(for: "Bob", at: WallTime(microseconds: now.microseconds + 2 * Self.minute)))
        try await books.books.take(attempts[1], for: Self.minute, by: "Ann")
        try await books.books.take(attempts[0], for: 0, by: "Bob")
        // Bob's time is over
        try await books.books.take(attempts[0], for: Self.minute, by: "Cem")
        #expect(try await books.count("card_in_hand") == 2)
        await #expect(throws: SakkError.self) {
            try await books.sql(
                "UPDATE card_in_hand SET hand = 'ann' WHERE attempt = ?", [.text(attempts[0].rawValue)])
        }
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `of two consoles that take the same card at once, one has it`(kind: StoreKind) async throws {
        let (books, attempts) = try await Self.waiting(kind)
        let consoles = [books.books, try await books.again()]
        for attempt in attempts {
            let won = await withTaskGroup(of: Bool.self) { group in
                for (number, console) in consoles.enumerated() {
                    group.addTask {
                        do {
                            try await console.take(attempt, for: Self.minute, by: "person \(number)")
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
        _ = try await books.books.verify()
    }
}
