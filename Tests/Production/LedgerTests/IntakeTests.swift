import Foundation
import GRDB
import Ground
import Ledger
import Testing

struct IntakeTests {
    @Test func `The same batch twice changes nothing`() async throws {
        let books = try Books()
        let records = (1...3).map { Books.record($0) }
        #expect(try await books.ledger.intake(records, batch: Books.batch) == [.taken, .taken, .taken])
        let before = try await books.ledger.verifyJournal()
        #expect(try await books.ledger.intake(records, batch: Books.batch) == [.known, .known, .known])
        #expect(try await books.ledger.verifyJournal() == before)
    }

    @Test func `A known request with other content is refused and alarmed, and the known one stays`() async throws {
        let books = try Books()
        _ = try await books.ledger.intake([Books.record(1)], batch: Books.batch)
        let outcome = try await books.ledger.intake([Books.record(1, content: "other")], batch: Books.batch)
        guard case .refused(let error) = outcome[0] else { throw TestFailure("not refused") }
        #expect(error.code == "record.conflict" && error.outcome == .notDone)
        #expect(try books.sql("SELECT 1 FROM journal WHERE kind = 'record.conflict'").count == 1)
        #expect(try await books.ledger.envelope(of: ProductionID("PROD1")) == Bytes("envelope 1".utf8))
    }

    @Test func `A document number is used once`() async throws {
        let books = try Books()
        let outcome = try await books.ledger.intake(
            [Books.record(1, document: "X1"), Books.record(2, document: "X1")], batch: Books.batch)
        guard case .refused(let error) = outcome[1] else { throw TestFailure("not refused") }
        #expect(outcome[0] == .taken && error.code == "record.number.used")
        #expect(try books.sql("SELECT 1 FROM production").count == 1)
    }

    @Test func `Neither envelope nor document number can be read from the files of the ledger`() async throws {
        let books = try Books()
        let secret = "HASSAN-PLANTED-PII"
        _ = try await books.ledger.intake(
            [Books.record(1, content: secret, document: "PLANTED99")], batch: Books.batch)
        var searched = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: books.folder.path) {
            let data = try Data(contentsOf: books.folder.appendingPathComponent(name))
            searched += data.count
            #expect(data.range(of: Data(secret.utf8)) == nil && data.range(of: Data("PLANTED99".utf8)) == nil)
        }
        #expect(searched > 4096)
    }

    @Test func `The queue gives remakes first, then priority, then the oldest approval`() async throws {
        let books = try Books()
        _ = try await books.ledger.intake(
            [
                Books.record(1, priority: 5, approved: 30), Books.record(2, priority: 5, approved: 10),
                Books.record(3, priority: 1, approved: 40), Books.record(4, priority: 9, approved: 1),
            ], batch: Books.batch)
        try books.sql("UPDATE production SET remake = 1 WHERE production = 'PROD4'")
        let epoch = try await books.ledger.takeOver(Books.line, by: "test")
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
        let missing = await failure { () throws(SakkError) in _ = try Books.open("/nonexistent/folder/ledger.db") }
        #expect(missing?.code == "ledger.unwritable" && missing?.outcome == .notDone)
        let books = try Books()
        let wrong = await failure { () throws(SakkError) in _ = try Books.open(books.path, key: 8) }
        #expect(wrong?.code == "ledger.key.wrong")
        let junk = books.folder.appendingPathComponent("junk.db").path
        try Data(repeating: 0x5A, count: 9000).write(to: URL(fileURLWithPath: junk))
        let damaged = await failure { () throws(SakkError) in _ = try Books.open(junk) }
        #expect(damaged?.code == "ledger.corrupt")
    }

    @Test func `The write-ahead log is synced at each commit`() async throws {
        let books = try Books()
        #expect(try await books.ledger.durability() == "wal/2")
    }
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
