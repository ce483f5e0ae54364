import Connectors
import Foundation
import Ground
import Ledger
import Records
import Seeds
import Stations
import Testing

@Suite("Pulling into the plant's books") struct BooksIntakeTests {
    private let folder = TemporaryFolder()

    private func intake(_ books: Books) -> BooksIntake {
        BooksIntake(books, actor: "pull") { accepted throws(SakkError) in
            let record = accepted.record
            guard record.product == World.product else {
                throw SakkError("record.product", source: accepted.name, text: "not made here", remedy: "Ask.")
            }
            return IntakeRecord(
                production: accepted.productionID, requestID: record.requestID, authority: record.authority,
                product: record.product, stock: "id1", numberSpace: "UTO/ID", documentNumber: record.documentNumber,
                priorityClass: record.priority.priorityClass, approvedAt: record.approvedAt,
                envelope: accepted.envelope)
        }
    }

    private struct Counts: LedgerQuery, Equatable {
        var productions = 0
        var journal: [String: Int] = [:]
        var batches = 0

        func answer(_ books: BooksReader) throws -> Counts {
            func count(_ sql: String) throws -> Int { Int(try books.row(sql)?.integer("n") ?? 0) }
            var counts = Counts(
                productions: try count("SELECT COUNT(*) AS n FROM production"),
                batches: try count("SELECT COUNT(*) AS n FROM batch"))
            for row in try books.rows("SELECT kind, COUNT(*) AS n FROM journal GROUP BY kind") {
                counts.journal[try row.text("kind")] = Int(try row.integer("n"))
            }
            return counts
        }
    }

    @Test(
        "Records and cursor are in the books; a page of which nothing is good moves the cursor and makes no batch",
        arguments: StoreKind.allCases)
    func cursor(_ kind: StoreKind) async throws {
        let server = try ReferenceServer()
        let records = try World.records(3)
        try server.put("a", try World.envelope(records[0], by: "rogue-signer"))
        let store = StoreOfBooks(kind)
        let books = try await store.open()
        func pull() async throws -> PullCount {
            let source = HTTPSSource(name: "registry", client: try server.client(), pageRecords: 2)
            return try await World.puller(source, into: intake(books)).drain()
        }
        #expect(try await pull().refused == 1)
        let first = try #require(try await books.read(CursorQuery(source: "registry")))
        var counts = try await books.read(Counts())
        #expect(counts.batches == 0)
        #expect(counts.journal["record.refused"] == 1)
        try server.put("b", try World.envelope(records[1]))
        try server.put("c", try World.envelope(records[2]))
        #expect(try await pull().taken == 2)
        #expect(try await books.read(CursorQuery(source: "registry")) != first)
        counts = try await books.read(Counts())
        #expect(counts.productions == 2)
        // each record stands under the day of its approval
        #expect(counts.batches == Set(records.suffix(2).map { $0.approvedAt.date }).count)
        #expect(try await pull() == PullCount())
        #expect(try await books.read(Counts()) == counts)
        #expect(try await books.envelope(of: records[1].productionID) == (try World.envelope(records[1])))
    }

    @Test("A crash at any point, the books' own included: nothing lost, nothing twice, all acknowledged")
    func crashes() async throws {
        let server = try ReferenceServer()
        let records = try World.records(3)
        for (index, record) in records.prefix(2).enumerated() {
            try server.put("r\(index)", try World.envelope(record))
        }
        try server.put("r2", try World.envelope(records[2], by: "rogue-signer"))
        let client = try server.client()
        var point = 0
        while true {
            point += 1
            try await server.order(["forget": 1])
            let store = StoreOfBooks(.sqlite)
            let crash = CrashScope(at: point)
            for scope in [crash, CrashScope(at: nil)] {
                try? await scope.run {
                    let source = HTTPSSource(name: "registry", client: client, pageRecords: 2)
                    _ = try await World.puller(source, into: intake(try await store.open())).drain()
                }
            }
            let counts = try await store.open().read(Counts())
            #expect(counts.productions == 2, "point \(point)")
            #expect(counts.journal["record.taken"] == 2, "point \(point)")
            let report = try await server.report()
            #expect(report["taken"]?.array?.count == 2, "point \(point)")
            #expect(report["refused"]?["r2"]?.string == "cms.chain.untrusted", "point \(point)")
            guard crash.didCrash else { break }
        }
        #expect(point > 6)
    }

    @Test("A record that was signed anew, or whose number is used, is refused and told", arguments: StoreKind.allCases)
    func conflicts(_ kind: StoreKind) async throws {
        let server = try ReferenceServer()
        let records = try World.records(3)
        var changed = records[0]
        changed.enrolmentSite = records[1].enrolmentSite
        changed.documentNumber = records[1].documentNumber
        var stolen = records[2]
        stolen.documentNumber = records[0].documentNumber
        try server.put("a", try World.envelope(records[0]))
        try server.put("b", try World.envelope(changed))
        try server.put("c", try World.envelope(stolen))
        let store = StoreOfBooks(kind)
        let books = try await store.open()
        let source = HTTPSSource(name: "registry", client: try server.client(), pageRecords: 9)
        let count = try await World.puller(source, into: intake(books)).drain()
        #expect(count.taken == 1)
        let refused = try await server.report()["refused"]
        #expect(refused?["b"]?.string == "record.conflict")
        #expect(refused?["c"]?.string == "record.number.used")
    }

    @Test(
        "A stop-list is in the books with what it withdraws; one of foreign records is refused whole",
        arguments: StoreKind.allCases)
    func stopList(_ kind: StoreKind) async throws {
        let records = try World.records(3)
        let drop = folder.path + "/drop"
        try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
        try Data(try World.batch(Array(records.prefix(2))).tar).write(to: URL(fileURLWithPath: drop + "/b.tar"))
        let store = StoreOfBooks(kind)
        let books = try await store.open()
        let intake = intake(books)
        #expect(
            try await World.puller(WatchedFolder(name: "drop", folder: drop), into: intake).drain().taken == 2)
        let authority = records[0].authority
        let keeper = StopListKeeper(
            StopListKeeper.Configuration(
                authorities: [authority, "UTO-OTHER"], trust: [try World.folder().certificate("approval-ca")],
                maxAgeSeconds: 86_400), books: intake, time: World.Clock(time: World.now))
        func list(_ number: Int64, _ authority: String, _ named: [ApprovedRecord]) throws -> Bytes {
            let signer = try World.folder().signer()
            let entries = Dictionary(named.map { ($0.productionID, "court.order") }) { first, _ in first }
            return try StopList(
                authority: authority, number: number, issuedAt: World.now,
                nextUpdate: WallTime(microseconds: World.now.microseconds + 3_600_000_000), entries: entries
            ).seal(signer: signer.certificate, key: signer.key)
        }
        await #expect(throws: SakkError("stoplist.foreign", source: "", text: "", remedy: "")) {
            try await keeper.accept(try list(1, "UTO-OTHER", [records[0]]))
        }
        #expect(try await intake.state(of: "UTO-OTHER") == nil)
        try await keeper.accept(try list(1, "UTO-OTHER", []))
        let first = try list(1, authority, [records[0], records[2]])
        #expect(try await keeper.accept(first) == .taken)
        #expect(try await keeper.accept(first) == .known)
        await #expect(throws: SakkError("stoplist.number.conflict", source: "", text: "", remedy: "")) {
            try await keeper.accept(try list(1, authority, records))
        }
        #expect(try await keeper.standing(of: records[0].productionID) == .withdrawn(reason: "court.order"))
        #expect(try await keeper.standing(of: records[1].productionID) == .valid)
        let before = try await books.read(Counts())
        #expect(before.journal["record.withdrawn"] == 2)
        // the next list names the same and one more: only that one is news
        try await keeper.accept(try list(2, authority, records))
        #expect(try await books.read(Counts()).journal["record.withdrawn"] == 3)
        #expect(try await keeper.standing(of: records[1].productionID) == .withdrawn(reason: "court.order"))
    }
}
