import Ground
import Stations
import Testing

@testable import Ledger

/// A campaign's last day moves its class forward, at both stores.
@Suite struct ConformanceDeadlineTests {
    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000

    /// Claims all that waits; the productions in their order.
    private func order(
        _ books: Books, _ lease: Lease, quotas: [String: Int] = [:], deadlines: [String: ClassDeadline] = [:],
        most: Int = 99
    ) async throws -> [String] {
        var request = ConformanceBooks.request(lease)
        request.quotas = quotas
        request.deadlines = deadlines
        var order: [String] = []
        while order.count < most, let claim = try await books.claim(request) {
            order.append(claim.production.rawValue)
            try await books.commit(
                Transition(
                    lease: lease, cell: ConformanceBooks.cell, actor: "test",
                    changes: [
                        .attempt(claim.attempt, .dropped, reason: "test"),
                        .record(claim.production, .held, reason: "test"),
                    ]))
        }
        return order
    }

    @Test func `The nearness rises evenly from its beginning to the deadline and stays there`() {
        let deadline = ClassDeadline(at: WallTime(microseconds: 100 * Self.day), rise: 10 * Self.day)
        func nearness(_ days: Double) -> Int64 {
            deadline.nearness(WallTime(microseconds: Int64(days * Double(Self.day))))
        }
        #expect([0, 89.9, 90, 95, 97.5, 100, 200].map(nearness) == [0, 0, 0, 500, 750, 1000, 1000])
        let half = WallTime(microseconds: 95 * Self.day)
        #expect(deadline.earlier(half) == 5 * Self.day && deadline.quota(40, half) == 70)
        #expect(!deadline.isOverdue(half) && deadline.isOverdue(deadline.at))
        let years = ClassDeadline(at: WallTime(microseconds: 30_000 * Self.day), rise: 365 * Self.day)
        #expect(years.earlier(years.at) == 365 * Self.day)
    }

    /// Two days apart, the campaign's records approved after the others.
    @Test(arguments: StoreKind.allCases)
    func `a class goes ahead as its deadline comes nearer, and before all but remakes when it is over`(kind: StoreKind)
        async throws
    {
        let fixture = try await ConformanceBooks(kind)
        let time = JumpingTime()
        let start = time.wall().microseconds
        let books = try await Books.open(fixture.url, keys: fixture.keys, time: time)
        let deadlines = [
            "campaign": ClassDeadline(at: WallTime(microseconds: start + 10 * Self.day), rise: 4 * Self.day)
        ]
        let lease = try await fixture.takeOver()
        func intake(_ from: Int) async throws {
            let normal = (from..<from + 2).map { ConformanceBooks.record($0, approved: start + Int64($0)) }
            let campaign = (from + 2..<from + 4).map {
                ConformanceBooks.record($0, class: "campaign", approved: start + 2 * Self.day + Int64($0))
            }
            let outcomes = try await books.intake(normal + campaign, batch: ConformanceBooks.batch, cursor: nil)
            try #require(outcomes.allSatisfy { $0 == .taken })
        }
        // long before: by approval
        try await intake(1)
        #expect(try await order(books, lease, deadlines: deadlines) == ["PROD1", "PROD2", "PROD3", "PROD4"])
        // a quarter of the rise: one day earlier, which is not enough
        time.jump(7 * 86_400)
        try await intake(11)
        #expect(try await order(books, lease, deadlines: deadlines) == ["PROD11", "PROD12", "PROD13", "PROD14"])
        // three quarters: three days earlier
        time.jump(2 * 86_400)
        try await intake(21)
        #expect(try await order(books, lease, deadlines: deadlines) == ["PROD23", "PROD24", "PROD21", "PROD22"])
        // over: before everything but a remake
        time.jump(2 * 86_400)
        try await intake(31)
        let old = ConformanceBooks.record(35, approved: start - 900 * Self.day)
        _ = try await books.intake([old], batch: ConformanceBooks.batch, cursor: nil)
        try await fixture.sql("UPDATE production SET remake = 1 WHERE production = 'PROD32'")
        #expect(
            try await order(books, lease, deadlines: deadlines) == ["PROD32", "PROD33", "PROD34", "PROD35", "PROD31"])
    }

    @Test(arguments: StoreKind.allCases)
    func `the quota of a class opens towards its deadline`(kind: StoreKind) async throws {
        let fixture = try await ConformanceBooks(kind)
        let time = JumpingTime()
        let start = time.wall().microseconds
        let books = try await Books.open(fixture.url, keys: fixture.keys, time: time)
        let deadlines = [
            "campaign": ClassDeadline(at: WallTime(microseconds: start + 10 * Self.day), rise: 10 * Self.hour)
        ]
        let lease = try await fixture.takeOver()
        func intake(_ from: Int) async throws {
            let normal = (from..<from + 4).map { ConformanceBooks.record($0, approved: start + Int64($0)) }
            let campaign = (from + 4..<from + 8).map {
                ConformanceBooks.record(
                    $0, class: "campaign", approved: start + Self.hour + Int64($0), headStart: 2 * Self.hour)
            }
            _ = try await books.intake(normal + campaign, batch: ConformanceBooks.batch, cursor: nil)
        }
        func share(_ names: [String], from: Int) -> Int {
            names.count { name in (from + 4..<from + 8).contains(Int(name.dropFirst(4)) ?? 0) }
        }
        try await intake(1)
        let first = try await order(books, lease, quotas: ["campaign": 25], deadlines: deadlines, most: 4)
        #expect(share(first, from: 1) == 1)
        _ = try await order(books, lease)
        // at the deadline nothing limits it
        time.jump(10 * 86_400 - 60)
        try await intake(11)
        let last = try await order(books, lease, quotas: ["campaign": 25], deadlines: deadlines, most: 4)
        #expect(share(last, from: 11) == 4)
    }

    @Test(arguments: StoreKind.allCases)
    func `a class is said to be overdue while records of it are not made`(kind: StoreKind) async throws {
        let fixture = try await ConformanceBooks(kind)
        let end = WallTime(microseconds: 50 * Self.day)
        let deadlines = ["campaign": ClassDeadline(at: end, rise: Self.day), "other": ClassDeadline(at: end, rise: 1)]
        _ = try await fixture.books.intake(
            (1...2).map { ConformanceBooks.record($0, class: "campaign") }, batch: ConformanceBooks.batch, cursor: nil)
        func standing(_ now: WallTime) async throws -> [ClassStanding] {
            try await fixture.books.read(
                ClassDeadlinesQuery(product: ConformanceBooks.product, deadlines: deadlines, now: now))
        }
        #expect(try await standing(WallTime(microseconds: end.microseconds - 1)).allSatisfy { !$0.isOverdue })
        let over = try await standing(end)
        #expect(over.map(\.priorityClass) == ["campaign", "other"] && over.map(\.isOverdue) == [true, false])
        #expect(over.map(\.waiting) == [2, 0])
        let report = try await fixture.books.read(
            AgeingQuery(
                now: end,
                deadlines: ClassDeadlinesQuery(product: ConformanceBooks.product, deadlines: deadlines, now: end)))
        #expect(report.classes == over)
    }
}
