import Foundation
import Ground
import PostgresRig
import Stations
import Testing

@testable import Ledger

/// Claims, leases and the journal under several controllers, at both stores.
@Suite struct ConformanceLineTests {
    @Test(arguments: StoreKind.allCases)
    func `a line that was given back is taken over at once from another host, and nothing more is written under it`(
        kind: StoreKind
    ) async throws {
        let books = try await ConformanceBooks(kind)
        let lease = try await books.takeOver()
        #expect(try await books.books.holder(of: lease.line)?.works == true)
        await #expect(throws: failure("ledger.line.leased")) { _ = try await books.takeOver(host: "there") }
        try await books.books.release(lease)
        #expect(try await books.books.holder(of: lease.line)?.works == false)
        _ = try await books.takeOver(host: "there")
        await #expect(throws: failure("ledger.epoch.stale")) { try await books.books.release(lease) }
        await #expect(throws: failure("ledger.epoch.stale")) {
            try await books.commit(lease, [.note(kind: "test.note", subjects: [], facts: [:])])
        }
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a command waits for the holder of the line and is answered once`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let lease = try await books.takeOver()
        let command = LineCommand(
            id: "c-1", line: lease.line, cell: nil, word: .hold, actor: "operator", facts: ["why": "cleaning"])
        try await books.books.commit(Transition(plant: .queue, actor: "operator", changes: [.command(command)]))
        let waiting = try await books.books.read(WaitingCommandsQuery(line: lease.line))
        #expect(waiting == [command] && waiting.first?.facts == command.facts)
        #expect(try await books.books.read(CommandAnswerQuery(id: command.id)) == nil)
        let answer = CommandAnswer(isAccepted: false, code: "line.command", text: "no", remedy: "later")
        try await books.commit(lease, [.answer(command: command.id, answer)])
        #expect(try await books.books.read(WaitingCommandsQuery(line: lease.line)) == [])
        #expect(try await books.books.read(CommandAnswerQuery(id: command.id)) == answer)
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(lease, [.answer(command: command.id, answer)])
        }
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `remakes come first, then what is due, then by name as bytes`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let records = [
            ConformanceBooks.record(1, approved: 300), ConformanceBooks.record(2, approved: 100),
            ConformanceBooks.record(3, class: "urgent", approved: 350, headStart: 200),
            ConformanceBooks.record(4, approved: 200, name: "PRODa"),
            ConformanceBooks.record(5, approved: 200, name: "PRODB"),
        ]
        _ = try await books.books.intake(records, batch: ConformanceBooks.batch, cursor: nil)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...1)
        let first = try await books.bound(lease, 1)
        #expect(first.production.rawValue == "PROD2")
        try await books.commit(
            lease,
            [
                .attempt(first.attempt, .spoiled, reason: "print.bad"),
                .move(
                    ConformanceBooks.blank(1), from: .cell, to: .spoiled, reason: "print.bad", attempt: first.attempt),
                .record(first.production, .queued, reason: nil),
            ])
        var order: [String] = []
        for cell in 1...6 {
            if let claim = try await books.claim(lease, CellID("c\(cell)")) { order.append(claim.production.rawValue) }
        }
        #expect(order == ["PROD2", "PROD3", "PRODB", "PRODa", "PROD1"])
    }

    @Test(arguments: StoreKind.allCases)
    func `a record that was let go untouched keeps its place`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        let claim = try #require(try await books.claim(lease))
        try await books.commit(lease, [.release(claim.attempt, claim.production)])
        let again = try #require(try await books.claim(lease))
        #expect(again.production == claim.production)
        #expect(again.number == 2)
    }

    /// Controllers that share the books, each with a connection of its own; none sees a record that another has.
    @Test(arguments: [(StoreKind.sqlite, 4, 25), (.postgres, 4, 500)])
    func `claims at once never meet`(kind: StoreKind, controllers: Int, each: Int) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...(controllers * each))
        let taken = try await withThrowingTaskGroup(of: [ProductionID].self) { group in
            for number in 1...controllers {
                let mine = try await books.again()
                group.addTask {
                    let lease = try await ConformanceBooks.patiently {
                        try await mine.takeOver(
                            LineID("line-\(number)"),
                            by: LeaseHolder(name: "controller", host: "here", duration: 3_600_000_000))
                    }
                    var taken: [ProductionID] = []
                    while let claim = try await ConformanceBooks.patiently({
                        try await mine.claim(ConformanceBooks.request(lease, CellID("cell-\(taken.count)")))
                    }) {
                        taken.append(claim.production)
                    }
                    return taken
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let all = taken.flatMap { $0 }
        #expect(all.count == controllers * each)
        #expect(Set(all).count == all.count)
        #expect(try await books.count("attempt WHERE state = 'claimed'") == all.count)
        try await expectDense(books)
    }

    @Test(arguments: StoreKind.allCases)
    func `cells of one line that claim at once never meet`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...24)
        let lease = try await books.takeOver()
        let taken = try await withThrowingTaskGroup(of: ProductionID?.self) { group in
            for cell in 1...30 {
                group.addTask { try await books.claim(lease, CellID("cell-\(cell)"))?.production }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(taken.compactMap { $0 }).count == 24)
        #expect(taken.count { $0 == nil } == 6)
        try await expectDense(books)
    }

    @Test(arguments: StoreKind.allCases)
    func `a line is taken over at once on its host, and elsewhere when the lease has run out`(kind: StoreKind)
        async throws
    {
        let books = try await ConformanceBooks(kind)
        let first = try await books.takeOver()
        let second = try await books.takeOver()
        #expect(second.epoch > first.epoch)
        await #expect(throws: failure("ledger.epoch.stale")) { try await books.books.extend(first) }
        let longer = try await books.books.extend(second)
        #expect(longer.epoch == second.epoch)
        #expect(longer.deadline >= second.deadline)
        await #expect(throws: failure("ledger.line.leased")) { try await books.takeOver(host: "elsewhere") }
        let forced = try await books.takeOver(host: "elsewhere", forced: true)
        #expect(forced.epoch > second.epoch)
        // what is written in the books is the store's clock, not ours
        try await books.sql("UPDATE log SET deadline = 1 WHERE log = 'line-1'")
        let after = try await books.takeOver(host: "third")
        #expect(after.epoch > forced.epoch)
    }

    @Test(arguments: StoreKind.allCases)
    func `an older controller claims and intends nothing, and its result moves no table`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let old = try await books.takeOver()
        try await books.load(old, 1...2)
        let claim = try #require(try await books.claim(old))
        let feed = StepKey(claim.attempt, .feed, try: 1)
        try await books.commit(old, [.intend(feed, facts: [:])])
        let new = try await books.takeOver()
        await #expect(throws: failure("ledger.epoch.stale")) { try await books.claim(old, CellID("cell-2")) }
        await #expect(throws: failure("ledger.epoch.stale")) {
            try await books.commit(old, [.intend(StepKey(claim.attempt, .print, try: 1), facts: [:])])
        }
        await #expect(throws: failure("ledger.epoch.stale")) {
            try await books.commit(
                old,
                [
                    .conclude(feed, outcome: .done, facts: [:]),
                    .move(ConformanceBooks.blank(1), from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                ])
        }
        #expect(try await books.count("journal WHERE kind = 'observation.late'") == 1)
        #expect(try await books.count("intent WHERE open = 1") == 1)
        #expect(try await books.count("intent") == 1)
        #expect(try await books.count("result") == 0)
        #expect(try await books.count("blank WHERE account = 'line'") == 2)
        try await books.commit(new, [.conclude(feed, outcome: .unknown, facts: [:])])
        try await expectDense(books)
    }

    @Test(arguments: StoreKind.allCases)
    func `an envelope comes back byte for byte`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(7...7)
        #expect(try await books.books.envelope(of: ProductionID("PROD7")) == Bytes("envelope 7".utf8))
    }

    @Test func `books that two controllers open at once in an empty database are made once`() async throws {
        for _ in 1...3 {
            let books = try await ConformanceBooks(.postgres)
            let empty = books.url + "2"
            defer { PostgresServer.drop(schema: books.schema + "2") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...4 { group.addTask { _ = try await books.open(empty) } }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `books whose making was cut short are finished by the next`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.sql("DELETE FROM meta")
        let again = try await books.again()
        #expect(try await books.count("meta") == 1)
        _ = try await again.intake([ConformanceBooks.record(1)], batch: ConformanceBooks.batch, cursor: nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `a scrub leaves what is in the books`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        try await books.books.store.scrub()
        #expect(try await books.books.envelope(of: ProductionID("PROD2")) == Bytes("envelope 2".utf8))
    }

    /// Each log counts from 1 without a gap up to what its row says, no two rows share a tick, and in the order of the
    /// ticks the rows explain the tables.
    private func expectDense(_ books: ConformanceBooks) async throws {
        let rows = try await books.books.store.read { session in
            try session.rows(
                """
                SELECT j.log AS log, COUNT(*) AS n, MIN(j.seq) AS low, MAX(j.seq) AS high, MAX(l.seq) AS said
                FROM journal j JOIN log l ON l.log = j.log GROUP BY j.log
                """, [])
        }
        #expect(!rows.isEmpty)
        for row in rows {
            let count = try row.integer("n")
            #expect(try row.integer("low") == 1)
            #expect(try row.integer("high") == count)
            #expect(try row.integer("said") == count)
        }
        #expect(try await books.count("(SELECT tick FROM journal GROUP BY tick HAVING COUNT(*) > 1) AS twice") == 0)
        _ = try await books.books.verify()
    }

    /// Two products on two stocks: the hopper is changed for a whole group, and not for one record.
    @Test(arguments: StoreKind.allCases)
    func `records are grouped by the stock in the hopper within a window`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let lease = try await books.takeOver()
        func take(_ numbers: [Int], _ product: String, _ stock: String) async throws {
            let records = numbers.map { number in
                IntakeRecord(
                    production: ProductionID("PROD\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
                    product: product, stock: stock, numberSpace: "UTO/\(product)",
                    documentNumber: "AA\(number)", priorityClass: "normal",
                    approvedAt: WallTime(microseconds: Int64(number)), envelope: Bytes("envelope \(number)".utf8))
            }
            let batch = BatchHeader(batch: BatchID("batch-\(product)"), authority: "UTO-MOI", product: product)
            let outcomes = try await books.books.intake(records, batch: batch, cursor: nil)
            #expect(outcomes.allSatisfy { $0 == .taken })
        }
        try await take([10, 30, 50, 70], "card", "white")
        try await take([20, 25, 45], "permit", "blue")
        func order(_ product: String, _ stock: String, _ other: OtherWork, most: Int = 9) async throws -> [String] {
            var request = ClaimRequest(
                lease: lease, cell: ConformanceBooks.cell, product: product, stocks: [stock], stockWindow: 20,
                actor: "test")
            request.others = [other]
            return try await ConformanceBooks.order(books.books, request, most: most)
        }
        let white = OtherWork(product: "card", stock: "white")
        let blue = OtherWork(product: "permit", stock: "blue")
        // 20 is due 30 before 50: more than the window
        #expect(try await order("card", "white", blue) == ["PROD10 white", "PROD30 white", "PROD20 blue"])
        // what was given back has its old place, and a whole group is made of the other blanks
        #expect(
            try await order("permit", "blue", white) == ["PROD20 blue", "PROD25 blue", "PROD45 blue", "PROD50 white"])
        // nothing of the loaded blanks waits: the change is asked for at once
        try await take([90], "permit", "blue")
        #expect(try await order("card", "white", blue, most: 3) == ["PROD50 white", "PROD70 white", "PROD90 blue"])
        // a remake on other blanks waits for the window like the rest
        try await take([91], "card", "white")
        try await books.sql("UPDATE production SET remake = 1 WHERE production = 'PROD90'")
        #expect(try await order("card", "white", blue, most: 1) == ["PROD91 white"])
        _ = try await books.books.read(QueueHasWorkQuery(product: "permit", stock: "blue"))
    }
}
