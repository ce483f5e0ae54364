import Foundation
import Ground
import KeyVault
import Ledger
import Stations
import Testing

/// A backup is older than the plant: what was made since is not in it.
struct RestoreTests {
    /// Five records, one produced before the backup, then `later` more.
    private func plant(later: Int) async throws -> (TestBooks, String, Lease) {
        let books = try await TestBooks()
        _ = try await books.ledger.intake((1...5).map { TestBooks.record($0) }, batch: TestBooks.batch, cursor: nil)
        _ = try await books.ledger.load(
            count: 8, stock: "id1", lot: "L", line: TestBooks.line, cell: TestBooks.cell, by: "test")
        let lease = try await books.takeOver()
        try await produce(books, lease)
        let backup = books.folder.appendingPathComponent("backup.db").path
        try await books.ledger.backup(to: backup)
        for _ in 0..<later { try await produce(books, lease) }
        return (books, backup, lease)
    }

    private func produce(_ books: TestBooks, _ lease: Lease) async throws {
        let claim = try #require(try await books.claim(lease))
        let blank = try #require(
            try await books.ledger.blanks(.hopper(TestBooks.line, TestBooks.cell, limit: 1)).first?.blank)
        try await books.commit(
            lease,
            [
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("chip of \(blank)")),
                .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
            ])
    }

    private func restored(_ books: TestBooks, _ backup: String) async throws -> Books {
        try await Books.restore(
            backup, to: books.folder.appendingPathComponent("restored.db").path,
            keys: try FileWeekKeys(folder: books.path + ".vault"), time: SystemTime(), by: "supervisor")
    }

    private func claim(_ books: Books) async throws(SakkError) -> Claim? {
        let lease = try await books.takeOver(TestBooks.line, by: LeaseHolder(name: "test", host: "host"))
        return try await books.claim(
            ClaimRequest(
                lease: lease, cell: TestBooks.cell, product: "iq-national-id", stocks: ["id1"], actor: "test"))
    }

    @Test func `A restored ledger gives out nothing and refuses the old controller's epoch`() async throws {
        let (books, backup, lease) = try await plant(later: 2)
        let second = try await restored(books, backup)
        let refused = await failure { () throws(SakkError) in _ = try await claim(second) }
        #expect(refused?.code == "ledger.restored")
        let next = try await second.takeOver(TestBooks.line, by: LeaseHolder(name: "test", host: "host"))
        #expect(next.epoch >> 32 == lease.epoch >> 32 + 1)
        let state = try await second.read(ReconciliationQuery())
        #expect(state.isOpen && state.heldRecords == 4 && state.quarantined == 7)
        // a record that comes again is held too: it may have been made in the time that is missing
        _ = try await second.intake([TestBooks.record(9)], batch: TestBooks.batch, cursor: nil)
        #expect(try await second.read(ReconciliationQuery()).heldRecords == 5)
        #expect(try await second.verify().tables.contains { $0.table == "production" && $0.rows == 6 })
    }

    @Test func `It goes on only when as many documents were counted as are named, and makes none of them again`()
        async throws
    {
        let (books, backup, _) = try await plant(later: 2)
        let second = try await restored(books, backup)
        try await second.markProduced([ProductionID("PROD2")], by: "supervisor", evidence: "acknowledged")
        let early = await failure { () throws(SakkError) in
            try await second.finishReconciliation(countedGood: 2, hoppers: [], by: "a", witness: "b")
        }
        #expect(early?.code == "ledger.reconcile.count")
        let alone = await failure { () throws(SakkError) in
            try await second.finishReconciliation(countedGood: 1, hoppers: [], by: "a", witness: "a")
        }
        #expect(alone?.code == "ledger.reconcile.witness")
        let read = try await second.productions(numberSpace: "UTO/ID", numbers: ["AA0000003"])
        #expect(read == [ProductionID("PROD3")])
        try await second.markProduced(read, by: "supervisor", evidence: "card")
        // a hopper that nobody counted is not empty
        let blind = await failure { () throws(SakkError) in
            try await second.finishReconciliation(countedGood: 2, hoppers: [], by: "a", witness: "b")
        }
        #expect(blind?.code == "ledger.reconcile.hopper" && blind?.text.contains(TestBooks.cell.rawValue) == true)
        let hopper = HopperCount(line: TestBooks.line, cell: TestBooks.cell, stock: "id1", count: 5)
        let twice = await failure { () throws(SakkError) in
            try await second.finishReconciliation(countedGood: 2, hoppers: [hopper, hopper], by: "a", witness: "b")
        }
        #expect(twice?.code == "ledger.reconcile.hopper")
        try await second.finishReconciliation(countedGood: 2, hoppers: [hopper], by: "a", witness: "b")
        #expect(try await claim(second)?.production == ProductionID("PROD4"))
        let lie = try await second.blanks(.hopper(TestBooks.line, TestBooks.cell, limit: 10))
        #expect(lie.map(\.blank.rawValue).sorted() == (4...8).map { "id1:000000\($0)" })
        #expect(try await second.blanks(.account(TestBooks.line, .good, limit: 10)).count == 3)
        _ = try await second.verify()
    }

    @Test func `A number that no record has, and a record that is not there, are said`() async throws {
        let (books, backup, _) = try await plant(later: 0)
        let second = try await restored(books, backup)
        let number = await failure { () throws(SakkError) in
            _ = try await second.productions(numberSpace: "UTO/ID", numbers: ["ZZ"])
        }
        let record = await failure { () throws(SakkError) in
            try await second.markProduced([ProductionID("NOBODY")], by: "a", evidence: "card")
        }
        #expect(number?.code == "ledger.reconcile.unknown" && record?.code == "ledger.reconcile.unknown")
        let occupied = await failure { () throws(SakkError) in
            _ = try await Books.restore(
                backup, to: books.path, keys: try FileWeekKeys(folder: books.path + ".vault"), time: SystemTime(),
                by: "a")
        }
        #expect(occupied?.code == "ledger.restore.occupied")
    }

    @Test func `Forgotten people are unreadable at once, and with the week's key gone in every backup`() async throws {
        let books = try await TestBooks()
        let planted = "HASSAN-PLANTED-PII"
        _ = try await books.ledger.intake(
            [TestBooks.record(1, content: planted), TestBooks.record(2, content: planted)], batch: TestBooks.batch,
            cursor: nil)
        let lease = try await books.takeOver()
        for _ in 1...2 {
            let claim = try #require(try await books.claim(lease))
            let early = await failure { () throws(SakkError) in
                try await books.ledger.forget([claim.production], by: "a", witness: "b")
            }
            #expect(early?.code == "ledger.forget.live")
            try await books.commit(
                lease,
                [.attempt(claim.attempt, .dropped, reason: "t"), .record(claim.production, .withdrawn, reason: "t")])
        }
        let backup = books.folder.appendingPathComponent("backup.db").path
        try await books.ledger.backup(to: backup)
        try await books.ledger.forget([ProductionID("PROD1")], by: "a", witness: "b")
        let gone = await failure { () throws(SakkError) in
            _ = try await books.ledger.envelope(of: ProductionID("PROD1"))
        }
        #expect(gone?.code == "ledger.payload.gone")
        let second = try await restored(books, backup)
        #expect(try await second.envelope(of: ProductionID("PROD1")) == Bytes("\(planted) 1".utf8))
        let week = ApprovalWeek(WallTime(microseconds: 1))
        try await books.ledger.forget(week: week, by: "a", witness: "b")
        for production in ["PROD1", "PROD2"] {
            let unreadable = await failure { () throws(SakkError) in
                _ = try await second.envelope(of: ProductionID(production))
            }
            #expect(unreadable?.code == "vault.key.destroyed")
        }
        for name in try FileManager.default.subpathsOfDirectory(atPath: books.folder.path) {
            let path = books.folder.appendingPathComponent(name).path
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            #expect(data.range(of: Data(planted.utf8)) == nil, "\(name)")
        }
        _ = try await books.ledger.verify()
    }

    @Test func `Of passports made since the backup each booklet is named, and no other is taken for good`() async throws
    {
        let books = try await TestBooks()
        let stock = ConformanceBooks.stock
        _ = try await books.ledger.receive(
            try StockTests.manifest(["P1..P5"], isEngraved: true), delivered: nil, by: "vault-1")
        try await books.ledger.issue(
            try #require(SerialRange("P1..P5")), stock: stock, to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        let records = (1...3).map { number in
            IntakeRecord(
                production: ProductionID("PROD\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
                product: "iq-passport", stock: stock, numberSpace: "UTO/P", documentNumber: nil,
                priorityClass: "normal", approvedAt: WallTime(microseconds: Int64(number)), envelope: Bytes("x".utf8))
        }
        let batch = BatchHeader(batch: BatchID("p"), authority: "UTO-MOI", product: "iq-passport")
        _ = try await books.ledger.intake(records, batch: batch, cursor: nil)
        let backup = books.folder.appendingPathComponent("backup.db").path
        try await books.ledger.backup(to: backup)
        // since then P1 was spoiled, P2 and P3 became passports, P4 and P5 lie in the hopper
        let second = try await restored(books, backup)
        let wrong = await failure { () throws(SakkError) in
            try await second.markProduced(
                booklets: [FoundBooklet(ProductionID("PROD1"), number: "P9")], by: "supervisor", evidence: "booklet")
        }
        #expect(wrong?.code == "ledger.reconcile.booklet")
        let found = [("PROD1", "P2"), ("PROD2", "P3")].map { FoundBooklet(ProductionID($0), number: $1) }
        try await second.markProduced(booklets: found, by: "supervisor", evidence: "booklet")
        try await second.markProduced(booklets: found, by: "supervisor", evidence: "booklet")
        let hopper = HopperCount(line: TestBooks.line, cell: TestBooks.cell, stock: stock, count: 2)
        try await second.finishReconciliation(countedGood: 2, hoppers: [hopper], by: "supervisor", witness: "second")
        var accounts: [String: Account] = [:]
        for number in 1...5 {
            accounts["P\(number)"] = try await second.blanks(.blank(BlankID("\(stock):P\(number)"))).first?.account
        }
        #expect(accounts == ["P1": .missing, "P2": .good, "P3": .good, "P4": .line, "P5": .line])
        // the number on no document is void, and the only one
        let void = try await second.read(VoidNumbersQuery())
        #expect(void.map(\.number) == ["P1"])
        let totals = try await second.status(TestBooks.line).totals
        #expect(totals.good == 2 && totals.waiting == 1)
        _ = try await second.verify()
    }
}
