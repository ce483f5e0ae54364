import Foundation
import GRDB
import Ground
import Ledger
import Testing

/// The rules hold against any program with the file, not only against our own code.
struct RuleTests {
    /// A ledger with two records, three blanks, and one attempt bound to the first blank.
    private func bound() async throws -> (TestBooks, Lease) {
        let books = try await TestBooks()
        _ = try await books.ledger.intake(
            [TestBooks.record(1), TestBooks.record(2)], batch: TestBooks.batch, cursor: nil)
        _ = try await books.ledger.load(
            count: 3, stock: "id1", lot: "L", line: TestBooks.line, cell: TestBooks.cell, by: "test")
        let epoch = try await books.takeOver()
        _ = try await books.claim(epoch)
        try await books.commit(
            epoch,
            [
                .move(BlankID("id1:0000001"), from: .line, to: .cell, reason: "fed", attempt: AttemptID("PROD1-1")),
                .bind(AttemptID("PROD1-1"), BlankID("id1:0000001"), ChipIdentity("C1")),
            ])
        return (books, epoch)
    }

    private func insertAttempt(_ id: String, _ production: String, _ number: Int, _ state: String, blank: String?)
        -> (String, StatementArguments)
    {
        (
            """
            INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, blank, chip, started)
            VALUES (?,?,?,'line-1','cell-1',1,?,?,?,0)
            """, [id, production, number, state, blank, blank == nil ? nil : "chip of \(id)"]
        )
    }

    private func refused(_ books: TestBooks, _ sql: (String, StatementArguments), by index: String) {
        do {
            try books.sql(sql.0, sql.1)
            Issue.record("the store took it: \(sql.0)")
        } catch let error as DatabaseError {
            #expect(error.resultCode == .SQLITE_CONSTRAINT && (error.message ?? "").contains(index), "\(error)")
        } catch {
            Issue.record("another error: \(error)")
        }
    }

    @Test func `One live attempt per record`() async throws {
        let (books, _) = try await bound()
        refused(books, insertAttempt("PROD1-2", "PROD1", 2, "claimed", blank: nil), by: "attempt.production")
    }

    @Test func `One good document per record`() async throws {
        let (books, _) = try await bound()
        try books.sql("UPDATE attempt SET state = 'produced' WHERE attempt = 'PROD1-1'")
        refused(books, insertAttempt("PROD1-2", "PROD1", 2, "produced", blank: "id1:0000002"), by: "attempt.production")
    }

    @Test func `One attempt per blank and per chip, for ever`() async throws {
        let (books, _) = try await bound()
        try books.sql("UPDATE attempt SET state = 'spoiled' WHERE attempt = 'PROD1-1'")
        refused(books, insertAttempt("PROD2-1", "PROD2", 1, "bound", blank: "id1:0000001"), by: "attempt.blank")
        let same = (
            "INSERT INTO attempt VALUES ('PROD2-1','PROD2',1,'l','c',1,'bound',NULL,'id1:0000002','C1',NULL,NULL,NULL,0,NULL)",
            StatementArguments()
        )
        refused(books, same, by: "attempt.chip")
        refused(
            books, ("UPDATE blank SET chip = 'C1' WHERE blank = 'id1:0000002'", StatementArguments()), by: "blank.chip")
    }

    @Test func `No attempt is written to without a blank`() async throws {
        let (books, _) = try await bound()
        refused(books, insertAttempt("PROD2-1", "PROD2", 1, "encoded", blank: nil), by: "CHECK")
    }

    @Test func `State words are a list`() async throws {
        let (books, _) = try await bound()
        for sql in [
            "UPDATE attempt SET state = 'printing'", "UPDATE production SET state = 'maybe'",
            "UPDATE blank SET account = 'pocket'",
            "INSERT INTO cell VALUES ('l','c','fine','production',NULL,'','',0,NULL,NULL)",
        ] {
            refused(books, (sql, StatementArguments()), by: "CHECK")
        }
    }

    @Test func `One act is open per cell, an intent is unique, a result names its intent once`() async throws {
        let (books, epoch) = try await bound()
        let attempt = AttemptID("PROD1-1")
        let key = StepKey(attempt, .personalise, try: 1)
        try await books.commit(epoch, [.intend(key, facts: [:])])
        for other in [key, StepKey(attempt, .print, try: 1)] {
            let error = await failure { () throws(SakkError) in
                try await books.commit(epoch, [.intend(other, facts: [:])])
            }
            #expect(error?.code == "ledger.rule" && error?.outcome == .notDone)
        }
        try await books.commit(epoch, [.conclude(key, outcome: .done, facts: [:])])
        let again = await failure { () throws(SakkError) in
            try await books.commit(epoch, [.conclude(key, outcome: .notDone, facts: [:])])
        }
        #expect(again?.code == "ledger.rule")
        #expect(try await books.ledger.openIntents(TestBooks.line).isEmpty)
    }

    @Test func `A transition that breaks a rule leaves nothing behind`() async throws {
        let (books, epoch) = try await bound()
        let before = try await books.ledger.verify()
        let error = await failure { () throws(SakkError) in
            try await books.commit(
                epoch,
                [
                    .attempt(AttemptID("PROD1-1"), .encoded, reason: nil),
                    .move(BlankID("id1:0000001"), from: .line, to: .good, reason: "wrong account", attempt: nil),
                ])
        }
        #expect(error?.code == "ledger.rule")
        #expect(try await books.ledger.verify() == before)
        #expect(try await books.ledger.attempts(.attempt(AttemptID("PROD1-1"))).first?.state == .bound)
    }

    @Test func `What is produced or spoiled stays so`() async throws {
        let (books, epoch) = try await bound()
        try await books.commit(epoch, [.attempt(AttemptID("PROD1-1"), .spoiled, reason: "test")])
        let error = await failure { () throws(SakkError) in
            try await books.commit(epoch, [.attempt(AttemptID("PROD1-1"), .encoded, reason: nil)])
        }
        #expect(error?.code == "ledger.rule")
    }

    @Test func `A stale epoch commits nothing, and its results are kept as late observations`() async throws {
        let (books, epoch) = try await bound()
        let key = StepKey(AttemptID("PROD1-1"), .personalise, try: 1)
        try await books.commit(epoch, [.intend(key, facts: [:])])
        let next = try await books.takeOver(by: "other")
        #expect(next.epoch == epoch.epoch + 1)
        let error = await failure { () throws(SakkError) in
            try await books.commit(
                epoch,
                [
                    .conclude(key, outcome: .done, facts: [:]), .attempt(AttemptID("PROD1-1"), .encoded, reason: nil),
                    .intend(StepKey(AttemptID("PROD1-1"), .readback, try: 1), facts: [:]),
                ])
        }
        #expect(error?.code == "ledger.epoch.stale" && error?.outcome == .notDone)
        #expect(try await books.ledger.openIntents(TestBooks.line).map(\.key) == [key])
        #expect(try await books.ledger.attempts(.attempt(AttemptID("PROD1-1"))).first?.state == .bound)
        #expect(try books.sql("SELECT 1 FROM journal WHERE kind = 'observation.late'").count == 1)
        let claim = await failure { () throws(SakkError) in _ = try await books.claim(epoch) }
        #expect(claim?.code == "ledger.epoch.stale")
    }

    @Test func `Journal rows are neither changed nor deleted, and a change behind the triggers is found`() async throws
    {
        let (books, _) = try await bound()
        #expect(throws: DatabaseError.self) {
            try books.sql("UPDATE journal SET actor = 'x' WHERE log = 'queue' AND seq = 3")
        }
        #expect(throws: DatabaseError.self) { try books.sql("DELETE FROM journal WHERE log = 'queue' AND seq = 3") }
        let log = try #require(try await books.ledger.verify().logs.first { $0.log == "queue" })
        #expect(log.rows == 3 && log.root.count == 32)
        try books.sql("DROP TRIGGER journal_stays")
        try books.sql("DROP TRIGGER journal_keeps")
        try books.sql("UPDATE journal SET actor = 'x' WHERE log = 'queue' AND seq = 3")
        let changed = await failure { () throws(SakkError) in _ = try await books.ledger.verify() }
        #expect(changed?.code == "ledger.journal.broken" && changed?.subject == "queue/3")
        try books.sql("DELETE FROM journal WHERE log = 'queue' AND seq = 2")
        let missing = await failure { () throws(SakkError) in _ = try await books.ledger.verify() }
        #expect(missing?.subject == "queue/2")
    }

    @Test func `Two programs on one file see the same books`() async throws {
        let (books, epoch) = try await bound()
        let second = try await TestBooks.open(books.path)
        let taken = try await second.takeOver(TestBooks.line, by: LeaseHolder(name: "second", host: "host"))
        #expect(taken.epoch == epoch.epoch + 1)
        let error = await failure { () throws(SakkError) in
            try await books.commit(epoch, [.note(kind: "test", subjects: [], facts: [:])])
        }
        #expect(error?.code == "ledger.epoch.stale")
        #expect(try await second.status(TestBooks.line).live.map(\.attempt) == [AttemptID("PROD1-1")])
    }
}
