import Ground
import Stations
import Testing

@testable import Ledger

/// Heads of the logs, written down elsewhere.
@Suite struct CheckpointTests {
    @Test(arguments: StoreKind.allCases)
    func `a checkpoint holds while rows are only added, and finds a row that was changed`(kind: StoreKind) async throws
    {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        let seen = try await books.books.checkpoint()
        #expect(seen.heads.map(\.log) == ["line-1", "queue"] && seen.heads.map(\.rows) == [1, 4])
        #expect(LedgerCheckpoint(seen.json) == LedgerCheckpoint(try JSONValue(parsing: seen.json.canonical)))
        try await books.load(lease, 1...2)
        try await books.intake(4...5)
        try await books.books.compare(try #require(LedgerCheckpoint(seen.json)))
        // the same roots as a whole replay gives
        let verified = try await books.books.verify().logs
        #expect(try await books.books.checkpoint().heads.map(\.root) == verified.map(\.root))
        // somebody with the file writes history anew, with leaves that fit
        let drop = kind == .sqlite ? "DROP TRIGGER journal_stays" : "DROP TRIGGER journal_stays ON journal"
        try await books.sql(drop)
        try await books.sql("UPDATE journal SET actor = 'nobody' WHERE log = 'queue' AND seq = 2")
        let row = try #require(
            try await books.books.store.read { session in
                try session.row("SELECT * FROM journal WHERE log = 'queue' AND seq = 2")
            })
        try await books.sql(
            "UPDATE journal SET leaf = ? WHERE log = 'queue' AND seq = 2", [.blob(try JournalRow(row).leaf)])
        _ = try await books.books.verify()
        await refuses("ledger.checkpoint.differs") { try await books.books.compare(seen) }
    }

    @Test func `an older copy of the ledger is behind its checkpoint`() async throws {
        let books = try await ConformanceBooks(.sqlite)
        try await books.intake(1...1)
        let other = try await ConformanceBooks(.sqlite)
        try await other.intake(1...1)
        try await books.intake(2...2)
        let seen = try await books.books.checkpoint()
        await refuses("ledger.checkpoint.behind") { try await other.books.compare(seen) }
        #expect(LedgerCheckpoint(["schema": "sakk.checkpoint/2"]) == nil)
    }
}
