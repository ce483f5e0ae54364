import Connectors
import Foundation
import Ground
import KeyVault
import Ledger
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Testing

@Suite("Numbers of booklets in the void feed") struct VoidBookletTests {
    private let folder = TemporaryFolder()
    private let line = LineID("line-1")
    private let cell = CellID("cell-1")
    private static let stock = "passport-b-regular"

    private func blank(_ number: Int) -> BlankID { BlankID("\(Self.stock):B\(number)") }

    /// Booklets B1 to B9 in the hopper of a cell.
    private func receive(_ books: Books) async throws {
        let range = try #require(SerialRange("B1..B9"))
        let manifest = try StockManifest(
            id: LotID(stock: Self.stock, lot: "L1"), chipLot: nil, transportKey: nil, category: "regular",
            isEngraved: true, serials: [range], boxes: [], count: 9, digest: Bytes(repeating: 1, count: 32))
        _ = try await books.receive(manifest, delivered: nil, by: "vault")
        try await books.issue(range, stock: Self.stock, to: line, cell: cell, by: "vault")
    }

    /// Two records: the first booklet is bound and spoiled, and its record withdrawn afterwards; the second is good and
    /// taken back; the third was dead on arrival; the fourth is missing.
    private func work(_ books: Books) async throws {
        let records = try World.records(2).map { (record) throws in
            IntakeRecord(
                production: record.productionID, requestID: record.requestID, authority: record.authority,
                product: record.product, stock: Self.stock, numberSpace: "UTO/P", documentNumber: nil,
                priorityClass: "normal", approvedAt: record.approvedAt, envelope: try World.envelope(record))
        }
        let header = BatchHeader(batch: BatchID("batch-1"), authority: "UTO-CIVIL", product: World.product)
        _ = try await books.intake(records, batch: header, cursor: nil)
        let lease = try await books.takeOver(line, by: LeaseHolder(name: "test", host: "host", duration: 3_600_000_000))
        func commit(_ changes: [Change]) async throws {
            try await books.commit(Transition(lease: lease, cell: cell, actor: "test", changes: changes))
        }
        var claims: [Claim] = []
        for number in 1...2 {
            let claim = try #require(
                try await books.claim(
                    ClaimRequest(lease: lease, cell: cell, product: World.product, stocks: [Self.stock], actor: "test"))
            )
            try await commit([
                .move(blank(number), from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank(number), ChipIdentity("C\(number)")), .number(claim.attempt, "B\(number)"),
            ])
            claims.append(claim)
        }
        try await commit([
            .attempt(claims[0].attempt, .spoiled, reason: "print.fault"),
            .move(blank(1), from: .cell, to: .spoiled, reason: "print.fault", attempt: claims[0].attempt),
            .record(claims[0].production, .queued, reason: "remake"),
            .attempt(claims[1].attempt, .produced, reason: nil),
            .record(claims[1].production, .produced, reason: nil),
            .move(blank(2), from: .cell, to: .good, reason: "produced", attempt: claims[1].attempt),
            .move(blank(3), from: .line, to: .spoiled, reason: "chip.mute", attempt: nil),
            .move(blank(4), from: .line, to: .missing, reason: "shift.missing", attempt: nil),
        ])
        for claim in claims {
            try await books.commit(
                Transition(plant: .queue, actor: "test", changes: [.withdraw(claim.production, reason: "court.order")]))
        }
    }

    private func publish(_ books: Books) async throws -> PublishCount {
        let pki = World.repository + "/seeds/test-pki"
        let text = """
            sakk: 1
            seal: {certificate: \(pki)/approval-signer.pem, key: \(pki)/approval-signer.key.pem}
            void_folder: void
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/outgoing.yaml"))
        let time = World.Clock(time: World.now)
        let publisher = Publisher(
            books: books, configuration: try OutgoingConfiguration(path: folder.path + "/outgoing.yaml"),
            verification: RecordVerifier(trust: [try World.folder().certificate("approval-ca")], time: time),
            time: time
        ) { _ in "UTO/P" }
        return try await publisher.publish()
    }

    private func entries() throws -> [JSONValue] {
        try folder.names("/void").filter { $0.hasSuffix(".p7m") }.flatMap { name throws -> [JSONValue] in
            let envelope = Bytes(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/void/\(name)")))
            let verified = try CMS.verify(
                envelope, trust: [try World.folder().certificate("approval-ca")],
                expectedContentType: CMS.dataContentType, at: World.now)
            return try JSONValue(parsing: verified.content)["entries"]?.array ?? []
        }
    }

    @Test("Spoiled, dead, missing and taken back: each number is told once", arguments: StoreKind.allCases)
    func once(_ kind: StoreKind) async throws {
        let store = StoreOfBooks(kind)
        let books = try await store.open()
        try await receive(books)
        try await work(books)
        #expect(try await publish(books).voidNumbers == 4)
        let told = try entries()
        #expect(told.compactMap { $0["document_number"]?.string } == ["B1", "B3", "B4", "B2"])
        #expect(told.compactMap { $0["reason"]?.string } == ["print.fault", "chip.mute", "shift.missing", "withdrawn"])
        let authority = try World.records(1)[0].authority
        #expect(told.map { $0["authority"]?.string } == [authority, nil, nil, authority])
        #expect(told.allSatisfy { $0["number_space"]?.string == Self.stock && $0["booklet"] != nil })
        // shredded, and missed again: nothing new
        try await books.destroy(
            DestructionCertificate(
                number: "D-1", blanks: [blank(1), blank(3)], consumables: [], method: "shredded", place: "room 4",
                people: try TwoPeople("Ann", "Bob")), by: "Ann")
        #expect(try await publish(books) == PublishCount())
        #expect(try entries().count == 4)
        _ = try await books.verify()
    }

    @Test("A crash at any point between void and feed leaves no number out and tells none twice") func crashes()
        async throws
    {
        let store = StoreOfBooks(.sqlite)
        // its folder goes with it
        defer { withExtendedLifetime(store) {} }
        let books = try await store.open()
        try await receive(books)
        try await work(books)
        var point = 0
        while true {
            point += 1
            try? FileManager.default.removeItem(atPath: folder.path + "/void")
            let scope = CrashScope(at: point)
            _ = try? await scope.run { try await publish(books) }
            _ = try await publish(books)
            #expect(try entries().compactMap { $0["document_number"]?.string } == ["B1", "B3", "B4", "B2"])
            guard scope.didCrash else { break }
        }
        #expect(point >= 5)
    }

    @Test("Books that were restored from before learn from the feed what is void, and tell it no second time")
    func restored() async throws {
        let keys = try FileWeekKeys(folder: folder.path + "/vault")
        try keys.prepare()
        let time = World.Clock(time: World.now)
        let books = try await Books.open(folder.path + "/ledger.db", keys: keys, time: time)
        try await receive(books)
        _ = try await books.backup(to: folder.path + "/backup.db")
        try await work(books)
        #expect(try await publish(books).voidNumbers == 4)
        let again = try await Books.restore(
            folder.path + "/backup.db", to: folder.path + "/restored.db", keys: keys, time: time, by: "admin")
        #expect(try await again.read(BookletQuery("B3"))?.isVoid == false)
        #expect(try await publish(again).voidNumbers == 0)
        for number in 1...4 { #expect(try await again.read(BookletQuery("B\(number)"))?.isVoid == true) }
        #expect(try await again.read(BookletQuery("B5"))?.isVoid == false)
        #expect(try entries().count == 4)
        _ = try await again.verify()
    }
}
