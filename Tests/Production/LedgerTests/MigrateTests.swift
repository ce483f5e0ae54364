import Foundation
import Ground
import KeyVault
import Stations
import Testing

@testable import Ledger

/// Books of an older format: what is sure of them is their journal.
struct MigrateTests {
    /// Five records, one of them produced, one under way; then the tables of a younger format are taken away.
    private func old() async throws -> (TestBooks, Lease) {
        let books = try await TestBooks()
        _ = try await books.ledger.intake((1...5).map { TestBooks.record($0) }, batch: TestBooks.batch, cursor: nil)
        let blanks = try await books.ledger.load(
            count: 8, stock: "id1", lot: "L", line: TestBooks.line, cell: TestBooks.cell, by: "test")
        let lease = try await books.takeOver()
        for blank in blanks.prefix(2) {
            let claim = try #require(try await books.claim(lease))
            try await books.commit(
                lease,
                [
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                    .bind(claim.attempt, blank, ChipIdentity("chip of \(blank)")),
                ])
            guard blank == blanks[0] else { continue }
            try await books.commit(
                lease,
                [
                    .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                    .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
                ])
        }
        try books.sql("DROP TABLE command")
        try books.sql("ALTER TABLE production DROP COLUMN governorate")
        // one to which tables cannot only be added
        try books.sql("UPDATE meta SET version = 2")
        return (books, lease)
    }

    private func migrated(_ books: TestBooks, to url: String? = nil) async throws(SakkError) -> Books {
        try await Books.migrate(
            books.path, to: url ?? books.folder.appendingPathComponent("new.db").path,
            keys: try FileWeekKeys(folder: books.path + ".vault"), time: SystemTime(), by: "supervisor")
    }

    @Test func `Older books go on in new ones, and the old ones are closed for ever`() async throws {
        let (books, lease) = try await old()
        let refused = await failure { () throws(SakkError) in _ = try await TestBooks.open(books.path) }
        #expect(refused?.code == "ledger.version")
        let new = try await migrated(books)
        _ = try await new.verify()
        let totals = try await new.status(TestBooks.line).totals
        #expect(totals.records == 5 && totals.good == 1 && totals.waiting == 3 && totals.inWork == 1)
        #expect(try await new.envelope(of: ProductionID("PROD3")) == Bytes("envelope 3".utf8))
        // a controller that has the old books open does nothing more there
        let late = await failure { () throws(SakkError) in
            try await books.commit(lease, [.note(kind: "cell.test", subjects: [], facts: [:])])
        }
        #expect(late?.code == "ledger.epoch.stale")
        let taken = await failure { () throws(SakkError) in
            let next = BatchHeader(batch: BatchID("batch-2"), authority: "UTO-MOI", product: "iq-national-id")
            _ = try await books.ledger.intake([TestBooks.record(6)], batch: next, cursor: nil)
        }
        #expect(taken?.code == "ledger.rule")
        let closed = await failure { () throws(SakkError) in _ = try await TestBooks.open(books.path) }
        #expect(closed?.code == "ledger.version")
        let next = try await new.takeOver(TestBooks.line, by: LeaseHolder(name: "test", host: "host"))
        #expect(next.epoch > lease.epoch)
        let claim = try await new.claim(
            ClaimRequest(
                lease: next, cell: TestBooks.cell, product: "iq-national-id", stocks: ["id1"], actor: "test"))
        #expect(claim?.production == ProductionID("PROD3"))
    }

    @Test func `A migration that was cut short is repeated, and one without need is refused`() async throws {
        let (books, _) = try await old()
        // closed, and nothing made yet
        try books.sql("UPDATE meta SET version = -version, generation = generation + 1")
        let new = try await migrated(books)
        #expect(try await new.status(TestBooks.line).totals.records == 5)
        let again = await failure { () throws(SakkError) in _ = try await migrated(books) }
        #expect(again?.code == "ledger.migrate.occupied")
        let path = books.folder.appendingPathComponent("new.db").path
        let none = await failure { () throws(SakkError) in
            _ = try await Books.migrate(
                path, to: path + ".2", keys: try FileWeekKeys(folder: books.path + ".vault"), time: SystemTime(),
                by: "supervisor")
        }
        #expect(none?.code == "ledger.migrate.none")
    }

    @Test func `A changed journal and another vault are not migrated`() async throws {
        let (books, _) = try await old()
        try books.sql("DROP TRIGGER journal_stays")
        try books.sql("UPDATE journal SET actor = 'other' WHERE seq = 2 AND log = 'queue'")
        let broken = await failure { () throws(SakkError) in _ = try await migrated(books) }
        #expect(broken?.code == "ledger.journal.broken" && broken?.subject == "queue/2")
        let other = await failure { () throws(SakkError) in
            let keys = try FileWeekKeys(folder: books.path + ".other")
            try keys.prepare()
            _ = try await Books.migrate(
                books.path, to: books.path + ".new", keys: keys, time: SystemTime(), by: "supervisor")
        }
        #expect(other?.code == "ledger.key.wrong")
    }
}
