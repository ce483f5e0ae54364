import Ground
import Stations
import Testing

@testable import Ledger

/// A campaign's last day moves its class forward, at both stores.
@Suite struct ConformanceDeadlineTests {
    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000

    /// A line whose clock jumps, on books with a class `campaign` whose deadline is ten days away.
    private struct Campaign {
        let fixture: ConformanceBooks
        let time = JumpingTime()
        let books: Books
        let lease: Lease
        let start: Int64
        let deadlines: [String: ClassDeadline]

        init(_ kind: StoreKind, rise: Int64) async throws {
            fixture = try await ConformanceBooks(kind)
            start = time.wall().microseconds
            books = try await Books.open(fixture.url, keys: fixture.keys, time: time)
            lease = try await fixture.takeOver()
            deadlines = [
                "campaign": ClassDeadline(
                    at: WallTime(microseconds: start + 10 * ConformanceDeadlineTests.day), rise: rise)
            ]
        }

        /// `count` normal records from number `from` on, and as many of the campaign that were approved later.
        func intake(_ from: Int, count: Int, later: Int64, headStart: Int64 = 0) async throws {
            let normal = (from..<from + count).map { ConformanceBooks.record($0, approved: start + Int64($0)) }
            let campaign = (from + count..<from + 2 * count).map {
                ConformanceBooks.record(
                    $0, class: "campaign", approved: start + later + Int64($0), headStart: headStart)
            }
            let outcomes = try await books.intake(normal + campaign, batch: ConformanceBooks.batch, cursor: nil)
            try #require(outcomes.allSatisfy { $0 == .taken })
        }

        /// The numbers of what is claimed next; who asks for the queue is told the same.
        func order(_ quotas: [String: Int] = [:], most: Int = 99) async throws -> [Int] {
            var request = ConformanceBooks.request(lease)
            request.quotas = quotas
            request.deadlines = deadlines
            let order = QueueOrder(
                product: ConformanceBooks.product, stock: ConformanceBooks.stock, quotas: quotas, deadlines: deadlines,
                now: time.wall())
            let told = try await books.read(
                QueueQuery(QueueSelection(), states: [.queued], limit: most, orders: [order])
            ).map { Int($0.production.rawValue.dropFirst(4)) ?? 0 }
            let taken = try await ConformanceBooks.order(books, request, most: most).map { made in
                Int(made.dropFirst(4).prefix { $0 != " " }) ?? 0
            }
            #expect(told == taken)
            return taken
        }
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
        let line = try await Campaign(kind, rise: 4 * Self.day)
        func intake(_ from: Int) async throws { try await line.intake(from, count: 2, later: 2 * Self.day) }
        // long before: by approval
        try await intake(1)
        #expect(try await line.order() == [1, 2, 3, 4])
        // a quarter of the rise: one day earlier, which is not enough
        line.time.jump(7 * 86_400)
        try await intake(11)
        #expect(try await line.order() == [11, 12, 13, 14])
        // three quarters: three days earlier
        line.time.jump(2 * 86_400)
        try await intake(21)
        #expect(try await line.order() == [23, 24, 21, 22])
        // over: before everything but a remake
        line.time.jump(2 * 86_400)
        try await intake(31)
        let old = ConformanceBooks.record(35, approved: line.start - 900 * Self.day)
        _ = try await line.books.intake([old], batch: ConformanceBooks.batch, cursor: nil)
        try await line.fixture.sql("UPDATE production SET remake = 1 WHERE production = 'PROD32'")
        #expect(try await line.order() == [32, 33, 34, 35, 31])
    }

    @Test(arguments: StoreKind.allCases)
    func `the quota of a class opens towards its deadline`(kind: StoreKind) async throws {
        let line = try await Campaign(kind, rise: 10 * Self.hour)
        func firstFour(_ from: Int) async throws -> Int {
            try await line.intake(from, count: 4, later: Self.hour, headStart: 2 * Self.hour)
            return try await line.order(["campaign": 25], most: 4).count { $0 >= from + 4 }
        }
        #expect(try await firstFour(1) == 1)
        _ = try await line.order()
        // at the deadline nothing limits it
        line.time.jump(10 * 86_400 - 60)
        #expect(try await firstFour(11) == 4)
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
