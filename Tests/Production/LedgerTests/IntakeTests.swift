import Foundation
import GRDB
import Ground
import KeyVault
import Testing

@testable import Ledger

struct IntakeTests {
    @Test func `The same batch twice changes nothing`() async throws {
        let books = try await TestBooks()
        let records = (1...3).map { TestBooks.record($0) }
        #expect(
            try await books.ledger.intake(records, batch: TestBooks.batch, cursor: nil) == [.taken, .taken, .taken])
        let before = try await books.ledger.verify()
        #expect(
            try await books.ledger.intake(records, batch: TestBooks.batch, cursor: nil) == [.known, .known, .known])
        #expect(try await books.ledger.verify() == before)
    }

    @Test func `A known request with other content is refused and alarmed, and the known one stays`() async throws {
        let books = try await TestBooks()
        _ = try await books.ledger.intake([TestBooks.record(1)], batch: TestBooks.batch, cursor: nil)
        let outcome = try await books.ledger.intake(
            [TestBooks.record(1, content: "other")], batch: TestBooks.batch, cursor: nil)
        guard case .refused(let error) = outcome[0] else { throw TestFailure("not refused") }
        #expect(error.code == "record.conflict" && error.outcome == .notDone)
        #expect(try books.sql("SELECT 1 FROM journal WHERE kind = 'record.conflict'").count == 1)
        #expect(try await books.ledger.envelope(of: ProductionID("PROD1")) == Bytes("envelope 1".utf8))
    }

    @Test func `A document number is used once`() async throws {
        let books = try await TestBooks()
        let outcome = try await books.ledger.intake(
            [TestBooks.record(1, document: "X1"), TestBooks.record(2, document: "X1")], batch: TestBooks.batch,
            cursor: nil)
        guard case .refused(let error) = outcome[1] else { throw TestFailure("not refused") }
        #expect(outcome[0] == .taken && error.code == "record.number.used")
        #expect(try books.sql("SELECT 1 FROM production").count == 1)
    }

    @Test func `Neither envelope nor document number can be read from the files of the ledger`() async throws {
        let books = try await TestBooks()
        let secret = "HASSAN-PLANTED-PII"
        _ = try await books.ledger.intake(
            [TestBooks.record(1, content: secret, document: "PLANTED99")], batch: TestBooks.batch, cursor: nil)
        var searched = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: books.folder.path)
        where name != "ledger.db.vault" {
            let data = try Data(contentsOf: books.folder.appendingPathComponent(name))
            searched += data.count
            #expect(data.range(of: Data(secret.utf8)) == nil && data.range(of: Data("PLANTED99".utf8)) == nil)
        }
        #expect(searched > 4096)
    }

    @Test func `The queue gives remakes first, then what is due first: approval less the head start of the class`()
        async throws
    {
        let books = try await TestBooks()
        _ = try await books.ledger.intake(
            [
                TestBooks.record(1, approved: 30), TestBooks.record(2, approved: 10),
                TestBooks.record(3, headStart: 35, priorityClass: "urgent", approved: 40),
                TestBooks.record(4, approved: 90),
            ], batch: TestBooks.batch, cursor: nil)
        try books.sql("UPDATE production SET remake = 1 WHERE production = 'PROD4'")
        let epoch = try await books.takeOver()
        var order: [String] = []
        while let claim = try await books.claim(epoch) {
            order.append(claim.production.rawValue)
            try await books.commit(
                epoch,
                [.attempt(claim.attempt, .dropped, reason: "test"), .record(claim.production, .held, reason: "t")])
        }
        #expect(order == ["PROD4", "PROD3", "PROD2", "PROD1"])
    }

    @Test func `A missing folder, a damaged file and a wrong key are three different errors`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileWeekKeys(folder: folder).prepare()
        let missing = await failure { () throws(SakkError) in
            _ = try await Books.open(
                "/nonexistent/folder/ledger.db", keys: try FileWeekKeys(folder: folder), time: SystemTime())
        }
        #expect(missing?.code == "ledger.unwritable" && missing?.outcome == .notDone)
        let books = try await TestBooks()
        let wrong = await failure { () throws(SakkError) in _ = try await TestBooks.open(books.path, vault: "other") }
        #expect(wrong?.code == "ledger.key.wrong")
        let junk = books.folder.appendingPathComponent("junk.db").path
        try Data(repeating: 0x5A, count: 9000).write(to: URL(fileURLWithPath: junk))
        let damaged = await failure { () throws(SakkError) in _ = try await TestBooks.open(junk) }
        #expect(damaged?.code == "ledger.corrupt")
    }

    @Test func `The write-ahead log is synced at each commit`() async throws {
        let books = try await TestBooks()
        let words = try await books.ledger.store.write { session in
            try DurabilityQuery().answer(BooksReader(session: session, source: "test"))
        }
        #expect(words == "wal/2")
        // a snapshot takes no statement that could change something
        await #expect(throws: SakkError.self) { try await books.ledger.read(DurabilityQuery()) }
    }

    @Test func `A claim looks at live attempts only, however many were made`() async throws {
        let books = try await TestBooks()
        let plan = try await books.ledger.store.read { session in
            try session.rows(
                "EXPLAIN QUERY PLAN \(BooksWriter.untouchedAttempt)", [.text("line-1"), .text("cell-1")]
            ).map { try $0.text("detail") }
        }
        #expect(plan.contains { $0.contains("attempt_line") })
        #expect(!plan.contains { $0.hasPrefix("SCAN") })
    }

    @Test func `A class over its share waits for its approval time like everybody else`() async throws {
        let books = try await TestBooks()
        let urgent = (1...6).map {
            TestBooks.record($0, headStart: 1000, priorityClass: "urgent", approved: Int64(100 + $0))
        }
        let normal = (7...9).map { TestBooks.record($0, approved: Int64($0)) } + [TestBooks.record(10, approved: 200)]
        _ = try await books.ledger.intake(urgent + normal, batch: TestBooks.batch, cursor: nil)
        let lease = try await books.takeOver()
        var order: [String] = []
        while let claim = try await books.claim(lease, quotas: ["urgent": 50]) {
            order.append(claim.priorityMark)
            try await books.commit(
                lease,
                [.attempt(claim.attempt, .dropped, reason: "test"), .record(claim.production, .held, reason: "t")])
        }
        // one of two is urgent while others were approved earlier; then the urgent ones are also the oldest
        #expect(order == ["7", "1", "8", "2", "9", "3", "4", "5", "6", "10"])
    }
}

private struct DurabilityQuery: LedgerQuery {
    func answer(_ books: BooksReader) throws -> String {
        let mode = try books.row("PRAGMA journal_mode")?.text("journal_mode") ?? "?"
        return "\(mode)/\(try books.row("PRAGMA synchronous")?.integer("synchronous") ?? 0)"
    }
}

extension Claim {
    fileprivate var priorityMark: String { String(production.rawValue.dropFirst(4)) }
}

struct TestFailure: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

func failure(_ body: () async throws(SakkError) -> Void) async -> SakkError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}
