import Ground
import Stations
import Testing

@testable import Ledger

/// People take records out of the queue and give them back, at both stores.
@Suite struct ConformanceHoldTests {
    @Test(arguments: StoreKind.allCases)
    func `a held record is passed over, and once released it has its old place`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        let held = try await books.books.hold(QueueSelection(names: ["REQ-1"]), why: "photo", by: "engineer")
        #expect(held.map(\.record.production.rawValue) == ["PROD1"])
        #expect(held.allSatisfy { $0.refusal == nil })
        #expect(try await books.claim(lease, CellID("cell-1"))?.production.rawValue == "PROD2")
        let there = try await books.books.read(QueueQuery(QueueSelection(), states: [.held], limit: 9))
        #expect(there.map(\.reason) == [Books.heldByPerson])
        let released = try await books.books.release(QueueSelection(names: ["PROD1"]), why: "fine", by: "engineer")
        #expect(released.map(\.refusal) == [nil])
        let first = try #require(
            try await books.books.read(QueueQuery(QueueSelection(), states: [.queued], limit: 1)).first)
        #expect(first.production.rawValue == "PROD1" && !first.isRemake)
        #expect(try await books.claim(lease, CellID("cell-2"))?.production.rawValue == "PROD1")
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `what is made or withdrawn stays as it is, and each is said`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...1)
        try await books.produce(lease, try await books.bound(lease, 1), 1)
        try await books.withdraw(ProductionID("PROD2"))
        let all = QueueSelection(batch: ConformanceBooks.batch.batch)
        let codes = try await books.books.hold(all, why: "check", by: "engineer").map { $0.refusal?.code.rawValue }
        #expect(codes == ["queue.record.made", "queue.record.withdrawn", nil])
        let again = try await books.books.hold(all, why: "check", by: "engineer").map { $0.refusal?.code.rawValue }
        #expect(again.last == "queue.record.held")
        #expect(try await books.count("production WHERE state = 'held'") == 1)
        await #expect(throws: failure("queue.none")) {
            _ = try await books.books.hold(QueueSelection(), why: "check", by: "engineer")
        }
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a hold of a record in the making refuses the good exit until it is released`(kind: StoreKind) async throws {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        let one = QueueSelection(names: [claim.production.rawValue])
        let held = try await books.books.hold(one, why: "check", by: "engineer")
        #expect(held.map(\.refusal) == [nil] && held.allSatisfy(\.concernsCard))
        #expect(try await books.books.read(HeldByPersonQuery(claim.production)))
        let again = try await books.books.hold(one, why: "check", by: "engineer")
        #expect(again.map { $0.refusal?.code.rawValue } == ["queue.record.held"])
        let good = [Change.intend(StepKey(claim.attempt, .eject, try: 1), facts: ["exit": "good"])]
        await #expect(throws: failure("hold.person")) { try await books.commit(lease, good) }
        #expect(try await books.books.release(one, why: "fine", by: "engineer").map(\.refusal) == [nil])
        #expect(try await !books.books.read(HeldByPersonQuery(claim.production)))
        try await books.commit(lease, good)
        let none = try await books.books.release(one, why: "fine", by: "engineer")
        #expect(none.map { $0.refusal?.code.rawValue } == ["queue.record.not_held"])
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a card that is spoiled while its record is held is made again only after the release`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        let one = QueueSelection(names: [claim.production.rawValue])
        _ = try await books.books.hold(one, why: "check", by: "engineer")
        try await books.spoil(lease, claim)
        #expect(try await books.claim(lease) == nil)
        let there = try await books.books.read(QueueQuery(one, states: [.held], limit: 9))
        #expect(there.map(\.reason) == [Books.heldByPerson] && there.allSatisfy(\.isRemake))
        #expect(try await books.books.release(one, why: "fine", by: "engineer").map(\.refusal) == [nil])
        #expect(try await books.claim(lease)?.number == 2)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a card that waits for an inspector is not passed while a person holds its record`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        let blank = ConformanceBooks.blank(1)
        try await books.putAside(lease, claim, reason: "focus")
        let one = QueueSelection(names: [claim.production.rawValue])
        let held = try await books.books.hold(one, why: "check", by: "engineer")
        #expect(held.map(\.refusal) == [nil] && held.allSatisfy(\.concernsCard))
        let passed: [Change] = [
            .verdict(.given(claim.attempt, blank, .pass, reason: nil, by: "Ann")),
            .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
            .move(blank, from: .held, to: .good, reason: "verdict.passed", attempt: claim.attempt),
        ]
        await #expect(throws: failure("verdict.held")) { try await books.commit(lease, passed) }
        #expect(try await books.books.release(one, why: "fine", by: "engineer").map(\.refusal) == [nil])
        // the card still waits: only the hold has ended
        #expect(try await books.count("production WHERE state = 'held'") == 1)
        try await books.commit(lease, passed)
        #expect(try await books.count("production WHERE state = 'produced'") == 1)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `an engineer gives a record with used-up attempts back to the head, once its card is settled`(kind: StoreKind)
        async throws
    {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        try await books.spoil(lease, claim, death: .unconfirmed)
        let one = QueueSelection(names: [claim.production.rawValue])
        let refusal = try await books.books.release(one, why: "try again", by: "engineer").first?.refusal
        #expect(refusal?.code == "queue.record.open")
        #expect(try await books.count("production WHERE state = 'held'") == 1)
        try await books.commit(lease, [.death(claim.attempt, .confirmed)])
        try await books.intake(2...2)
        #expect(try await books.books.release(one, why: "try again", by: "engineer").map(\.refusal) == [nil])
        let next = try #require(try await books.claim(lease))
        #expect(next.production == claim.production && next.number == 2)
        _ = try await books.books.verify()
    }

    /// The hold came after the good exit was ordered.
    @Test(arguments: StoreKind.allCases)
    func `a good document whose record a person holds is not packed before the release`(kind: StoreKind) async throws {
        let (books, lease, claim) = try await ConformanceBooks.working(kind)
        let one = QueueSelection(names: [claim.production.rawValue])
        _ = try await books.books.hold(one, why: "check", by: "engineer")
        try await books.produce(lease, claim, 1)
        let blank = ConformanceBooks.blank(1)
        func pack() async throws {
            let goal = ShippingGoal(route: "office", region: "BGW", place: "office-baghdad")
            let released = ShippingChange.released(claim.production, blank, goal)
            try await books.books.ship(ScanNote(act: "release", items: []), by: "amal") { _ in
                (ShippingVerdict([released]), ())
            }
        }
        await #expect(throws: failure("shipping.document.stopped")) { try await pack() }
        let released = try await books.books.release(one, why: "fine", by: "engineer")
        #expect(released.map(\.refusal) == [nil] && released.map(\.record.state) == [.produced])
        try await pack()
        #expect(try await books.count("parcel") == 1)
        _ = try await books.books.verify()
    }

    /// However holds and claims meet: each record is held, and only those are in work that were claimed before.
    @Test(arguments: StoreKind.allCases)
    func `a hold that races with claims holds all, in the queue or in work`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...30)
        let lease = try await books.takeOver()
        let other = try await books.again()
        async let held = other.hold(
            QueueSelection(batch: ConformanceBooks.batch.batch), why: "campaign", by: "engineer")
        var claimed = 0
        for cell in 1...12 where try await books.claim(lease, CellID("cell-\(cell)")) != nil { claimed += 1 }
        let decisions = try await held
        #expect(decisions.allSatisfy { $0.refusal == nil } && decisions.count == 30)
        #expect(decisions.count(where: \.concernsCard) == claimed)
        #expect(try await books.count("attempt") == claimed)
        #expect(try await books.count("production WHERE state = 'claimed'") == claimed)
        #expect(try await books.count("production WHERE state = 'held'") == 30 - claimed)
        #expect(try await books.count("person_hold") == 30)
        #expect(try await books.claim(lease, CellID("cell-13")) == nil)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `the documents of a batch that are made are recalled by it`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        let claims = [try await books.bound(lease, 1)]
        try await books.produce(lease, claims[0], 1)
        var filter = RecallFilter()
        filter.batch = ConformanceBooks.batch.batch
        #expect(try await books.books.read(RecallQuery(filter)).map(\.attempt) == claims.map(\.attempt))
        filter.production = ProductionID("PROD2")
        #expect(try await books.books.read(RecallQuery(filter)).isEmpty)
        filter.production = claims[0].production
        let blanks = try await books.books.recall(filter, reason: "check", custodian: "Op", place: "safe", by: "sup")
        #expect(blanks == [ConformanceBooks.blank(1)])
        _ = try await books.books.verify()
    }
}
