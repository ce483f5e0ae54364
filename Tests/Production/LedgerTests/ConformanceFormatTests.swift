import Ground
import Stations
import Testing

@testable import Ledger

/// Books of the format before this one, opened by this program, at both stores.
@Suite struct ConformanceFormatTests {
    private static let before: Int64 = 5

    private static func additions() throws -> [String] {
        try #require(Schema.additions(from: before, .sqlite)).compactMap(PostgresDialect.tableMade)
    }

    /// A day's rows in the books: 1 is produced, 2 was thrown out and comes again, 3 waits for an inspector who could not
    /// say, 4 is written to at this moment, 5 is withdrawn, 6 to 8 wait. Then what is new in this format is taken away.
    private static func old(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease, [Claim]) {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...8)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...9)
        let good = try await books.bound(lease, 1)
        try await books.produce(lease, good, 1)
        let spoiled = try await books.bound(lease, 2)
        let aside = try await books.bound(lease, 3, cell: CellID("cell-3"))
        try await books.putAside(lease, aside, 3, reason: "glare")
        try await books.commit(
            lease, [.verdict(.given(aside.attempt, ConformanceBooks.blank(3), .hold, reason: nil, by: "Ann"))])
        let inWork = try await books.bound(lease, 4, cell: CellID("cell-4"))
        try await books.commit(
            lease, [.intend(StepKey(inWork.attempt, .personalise, try: 1), facts: [:])], cell: CellID("cell-4"))
        try await books.spoil(lease, spoiled, 2)
        try await books.withdraw(ProductionID("PROD5"))
        for table in try additions().reversed() { try await books.sql("DROP TABLE \(table)") }
        try await books.sql("UPDATE meta SET version = \(before)")
        return (books, lease, [good, spoiled, aside, inWork])
    }

    /// All tables that both formats have, row by row.
    private static func rows(_ books: ConformanceBooks) async throws -> [String: [String]] {
        let new = Set(try additions())
        var rows: [String: [String]] = [:]
        for (table, key) in Schema.derived where !new.contains(table) {
            rows[table] = try await books.rows(table, by: key)
        }
        for table in ["payload", "data_key"] { rows[table] = try await books.rows(table, by: "production") }
        rows["journal"] = try await books.rows("journal", by: "tick")
        rows["log"] = try await books.rows("log", by: "log")
        return rows
    }

    @Test(arguments: StoreKind.allCases)
    func `they keep every row and get the tables of holds and decisions, empty`(kind: StoreKind) async throws {
        let (books, _, _) = try await Self.old(kind)
        let before = try await Self.rows(books)
        for table in [
            "production", "attempt", "blank", "intent", "result", "movement", "number", "verdict", "journal",
        ] {
            #expect(before[table]?.isEmpty == false, "\(table) is empty, so nothing is shown of it")
        }
        let again = try await books.again()
        #expect(try await books.count("meta WHERE version = \(Schema.version)") == 1)
        #expect(try await Self.rows(books) == before)
        let new = try Self.additions()
        #expect(Set(new) == ["priority_bump", "document_remake", "card_in_hand", "person_hold"])
        for table in new { #expect(try await books.count(table) == 0) }
        _ = try await again.verify()
        #expect(try await again.envelope(of: ProductionID("PROD6")) == Bytes("envelope 6".utf8))
    }

    @Test(arguments: StoreKind.allCases)
    func `the day goes on in them: what was under way, what is held, what people decide`(kind: StoreKind) async throws {
        let (books, lease, claims) = try await Self.old(kind)
        let again = try await books.again()
        // the same line, the same lease: only the program changed
        let step = StepKey(claims[3].attempt, .personalise, try: 1)
        try await again.commit(
            Transition(
                lease: lease, cell: CellID("cell-4"), actor: "test",
                changes: [
                    .conclude(step, outcome: .done, facts: [:]), .attempt(claims[3].attempt, .encoded, reason: nil),
                ]))
        let inWork = QueueSelection(names: [claims[3].production.rawValue])
        #expect(try await again.hold(inWork, why: "photo", by: "Ann").map(\.refusal) == [nil])
        let leaves = [Change.intend(StepKey(claims[3].attempt, .eject, try: 1), facts: ["exit": "good"])]
        await #expect(throws: failure("hold.person")) { try await books.commit(lease, leaves, cell: CellID("cell-4")) }
        #expect(try await again.release(inWork, why: "fine", by: "Ann").map(\.refusal) == [nil])
        try await books.commit(lease, leaves, cell: CellID("cell-4"))
        try await again.take(claims[2].attempt, for: 60_000_000, by: "Bob")
        try await again.bump(
            ProductionID("PROD8"), to: "urgent", headStart: 3_600_000_000, reason: "journey",
            try TwoPeople("Ann", "Bob"), by: "Ann")
        // the remake first, then the one before its turn, then the others
        var next: [String] = []
        for cell in 5...8 {
            let claim = try await books.claim(lease, CellID("cell-\(cell)"))
            next.append(claim?.production.rawValue ?? "nothing")
        }
        #expect(next == ["PROD2", "PROD8", "PROD6", "PROD7"])
        _ = try await again.verify()
    }

    /// Two programs of the new version that are started at the same time.
    @Test(arguments: StoreKind.allCases)
    func `two that come at once both open them`(kind: StoreKind) async throws {
        let (books, _, _) = try await Self.old(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 { group.addTask { _ = try await books.again().verify() } }
            try await group.waitForAll()
        }
        #expect(try await books.count("meta WHERE version = \(Schema.version)") == 1)
    }
}
