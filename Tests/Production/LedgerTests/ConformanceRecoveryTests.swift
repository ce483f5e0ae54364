import Foundation
import Ground
import PostgresRig
import Stations
import Testing

@testable import Ledger

/// Verify, backup and restore mean the same at both stores.
@Suite struct ConformanceRecoveryTests {
    /// One document produced, one spoiled and queued again, one claimed with an open act.
    private func worked(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease) {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...4)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...3)
        let good = try await books.bound(lease, 1)
        try await books.produce(lease, good, 1)
        let bad = try await books.bound(lease, 2)
        try await books.commit(
            lease,
            [
                .attempt(bad.attempt, .spoiled, reason: "print.bad"), .death(bad.attempt, .confirmed),
                .move(ConformanceBooks.blank(2), from: .cell, to: .spoiled, reason: "print.bad", attempt: bad.attempt),
                .exit(ConformanceBooks.blank(2), .reject), .record(bad.production, .queued, reason: nil),
            ])
        let open = try #require(try await books.claim(lease))
        try await books.commit(lease, [.intend(StepKey(open.attempt, .feed, try: 1), facts: [:])])
        return (books, lease)
    }

    @Test(arguments: StoreKind.allCases)
    func `the journal explains every table`(kind: StoreKind) async throws {
        let (books, _) = try await worked(kind)
        let verification = try await books.books.verify()
        #expect(Set(verification.logs.map(\.log)) == ["queue", "vault", "line-1"])
        #expect(verification.tables.first { $0.table == "production" }?.rows == 4)
        #expect(verification.tables.first { $0.table == "attempt" }?.rows == 3)
    }

    @Test(arguments: StoreKind.allCases)
    func `a changed table and a changed journal are found`(kind: StoreKind) async throws {
        let (books, _) = try await worked(kind)
        try await books.sql("UPDATE blank SET account = 'missing' WHERE blank = 'B1'")
        await #expect(throws: failure("ledger.tables.differ")) { try await books.books.verify() }
        try await books.sql("UPDATE blank SET account = 'good' WHERE blank = 'B1'")
        _ = try await books.books.verify()
        // who owns the database can take the guard away; the hash remains
        try await books.sql(
            kind == .sqlite ? "DROP TRIGGER journal_stays" : "ALTER TABLE journal DISABLE TRIGGER journal_stays")
        try await books.sql("UPDATE journal SET actor = 'somebody else' WHERE log = 'line-1' AND seq = 2")
        await #expect(throws: failure("ledger.journal.broken")) { try await books.books.verify() }
    }

    @Test(arguments: StoreKind.allCases, StoreKind.allCases)
    func `a backup of one store is restored into the other, and gives out nothing until reconciled`(
        kind: StoreKind, target: StoreKind
    ) async throws {
        let (books, old) = try await worked(kind)
        let path = books.folder.appendingPathComponent("backup").path
        try await books.books.backup(to: path)
        let name = PostgresServer.freshName()
        defer { if target == .postgres { PostgresServer.drop(schema: name) } }
        let url =
            target == .sqlite
            ? books.folder.appendingPathComponent("restored.db").path
            : try PostgresServer.conninfo() + "?sakk_schema=\(name)&sakk_patience=120"
        let restored = try await Books.restore(
            path, to: url, keys: books.keys, time: SystemTime(), by: "engineer")
        #expect(try await restored.envelope(of: ProductionID("PROD4")) == Bytes("envelope 4".utf8))
        _ = try await restored.verify()
        await #expect(throws: failure("ledger.epoch.stale")) { try await restored.extend(old) }
        let lease = try await restored.takeOver(
            ConformanceBooks.line, by: LeaseHolder(name: "controller", host: "elsewhere", duration: 3_600_000_000))
        #expect(lease.epoch >> 32 == old.epoch >> 32 + 1)
        await #expect(throws: failure("ledger.restored")) {
            try await restored.claim(ConformanceBooks.request(lease, CellID("cell-2")))
        }
        _ = try await restored.verify()
    }
}
