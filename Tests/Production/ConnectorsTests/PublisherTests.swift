import Connectors
import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Testing

@Suite("Publishing what changed in the books") struct PublisherTests {
    private let folder = TemporaryFolder()
    private let line = LineID("line-1")
    private let cell = CellID("cell-1")

    /// Books with a batch of two, and the files of an outgoing configuration.
    private func books(_ store: StoreOfBooks) async throws -> Books {
        let books = try await store.open()
        let records = try World.records(2).map { (record) throws in
            IntakeRecord(
                production: record.productionID, requestID: record.requestID, authority: record.authority,
                product: record.product, stock: "id1", numberSpace: "UTO/ID", documentNumber: record.documentNumber,
                priorityClass: "normal", approvedAt: record.approvedAt, envelope: try World.envelope(record))
        }
        let header = BatchHeader(batch: BatchID("batch-1"), authority: "UTO-CIVIL", product: World.product)
        _ = try await books.intake(records, batch: header, cursor: nil)
        return books
    }

    /// One record gets a blank, its card is spoiled, and then its authority withdraws it.
    private func withdrawOne(_ books: Books) async throws -> Claim {
        let claim = try await spoilOne(books, then: .queued, reason: nil)
        try await books.commit(
            Transition(
                plant: .queue, actor: "test", changes: [.withdraw(claim.production, reason: "court.order")]))
        return claim
    }

    /// One record gets a blank, and its card is spoiled.
    private func spoilOne(_ books: Books, then state: RecordState, reason: String?) async throws -> Claim {
        _ = try await books.load(count: 1, stock: "id1", lot: "L", line: line, cell: cell, by: "test")
        let lease = try await books.takeOver(line, by: LeaseHolder(name: "test", host: "host", duration: 3_600_000_000))
        let claim = try #require(
            try await books.claim(
                ClaimRequest(lease: lease, cell: cell, product: World.product, stocks: ["id1"], actor: "test")))
        let blank = BlankID("id1:0000001")
        func commit(_ changes: [Change]) async throws {
            try await books.commit(Transition(lease: lease, cell: cell, actor: "test", changes: changes))
        }
        try await commit([
            .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
            .bind(claim.attempt, blank, ChipIdentity("C1")),
        ])
        try await commit([
            .attempt(claim.attempt, .spoiled, reason: "print.fault"),
            .move(blank, from: .cell, to: .spoiled, reason: "print.fault", attempt: claim.attempt),
            .record(claim.production, state, reason: reason),
        ])
        return claim
    }

    /// What the authority is told of a good document: nothing, recalled, and suspended once it came back.
    @Test func theStatusFileSaysWhatHoldsOfADocument() async throws {
        let store = StoreOfBooks(.sqlite)
        let books = try await books(store)
        defer { withExtendedLifetime(store) {} }
        _ = try await books.load(count: 1, stock: "id1", lot: "L", line: line, cell: cell, by: "test")
        let lease = try await books.takeOver(line, by: LeaseHolder(name: "test", host: "host", duration: 3_600_000_000))
        let claim = try #require(
            try await books.claim(
                ClaimRequest(lease: lease, cell: cell, product: World.product, stocks: ["id1"], actor: "test")))
        let blank = BlankID("id1:0000001")
        try await books.commit(
            Transition(
                lease: lease, cell: cell, actor: "test",
                changes: [
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                    .bind(claim.attempt, blank, ChipIdentity("C1")), .attempt(claim.attempt, .produced, reason: nil),
                    .record(claim.production, .produced, reason: nil),
                    .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
                ]))
        func told() async throws -> [JSONValue?] {
            let status = try await books.read(BatchStatusQuery(BatchID("batch-1"), asOf: World.now))
            let row = status.map(BatchStatusFile.content)?["productions"]?.array?.first {
                $0["production_id"]?.string == claim.production.rawValue
            }
            return [row?["delivery"], row?["document"]]
        }
        func ship(_ change: ShippingChange) async throws {
            try await books.ship(ScanNote(act: "test", items: []), by: "test") { _ in
                (ShippingVerdict([change]), ())
            }
        }
        #expect(try await told() == [nil, nil])
        let goal = ShippingGoal(route: "home", region: "IQ-BG", place: "office-baghdad")
        try await ship(.released(claim.production, blank, goal))
        var filter = RecallFilter()
        filter.lot = "L"
        _ = try await books.recall(filter, reason: "chips", custodian: "eve", place: "safe", by: "test")
        #expect(try await told() == ["released", "recalled"])
        try await books.change(.releaseRecall(blank, reason: "tested", try TwoPeople("Ann", "Bob")), by: "test")
        #expect(try await told() == ["released", nil])
        try await ship(.cameBack(claim.production, reason: "damaged", person: "eve", place: "table"))
        #expect(try await told() == ["returned", "suspended"])
        _ = try await books.verify()
    }

    private func configuration(_ server: ReferenceServer) throws -> OutgoingConfiguration {
        let pki = World.repository + "/seeds/test-pki"
        let tls = try ReferenceServer.tls()
        let text = """
            sakk: 1
            seal: {certificate: \(pki)/approval-signer.pem, key: \(pki)/approval-signer.key.pem}
            status_folder: status
            void_folder: void
            webhook:
              address: https://localhost:\(server.port)/v1/events
              outbox: outbox
              key: \(server.folder.path)/events.hex
              tries: 2
              first_pause_ms: 10
              tls: {authorities: \(tls.authorities), certificate: \(tls.certificate), key: \(tls.key)}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/outgoing.yaml"))
        return try OutgoingConfiguration(path: folder.path + "/outgoing.yaml")
    }

    private func publish(_ books: Books, _ server: ReferenceServer) async throws -> PublishCount {
        let trust = [try World.folder().certificate("approval-ca")]
        let time = World.Clock(time: World.now)
        let publisher = Publisher(
            books: books, configuration: try configuration(server),
            verification: RecordVerifier(trust: trust, time: time), time: time
        ) { _ in "UTO/ID" }
        return try await publisher.publish()
    }

    private func content(_ name: String) throws -> JSONValue {
        let envelope = Bytes(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
        let verified = try CMS.verify(
            envelope, trust: [try World.folder().certificate("approval-ca")],
            expectedContentType: CMS.dataContentType, at: World.now)
        return try JSONValue(parsing: verified.content)
    }

    private func events(_ server: ReferenceServer) async throws -> [String] {
        try await server.report()["events"]?.array?.compactMap { $0["body"]?["event"]?.string } ?? []
    }

    @Test(
        "A change goes out once as a signed file and an event, a void number once in the feed",
        arguments: StoreKind.allCases)
    func changes(_ kind: StoreKind) async throws {
        let server = try ReferenceServer()
        let store = StoreOfBooks(kind)
        let books = try await books(store)
        var count = try await publish(books, server)
        #expect(count.statuses == 1)
        #expect(count.delivered == 1)
        let first = try content("status/status-batch-1.p7m")
        #expect(first["counts"] == ["queued": 2])
        #expect(try await publish(books, server) == PublishCount())

        let claim = try await withdrawOne(books)
        count = try await publish(books, server)
        #expect(count.statuses == 1)
        #expect(count.voidNumbers == 1)
        #expect(count.delivered == 2)
        let status = try content("status/status-batch-1.p7m")
        #expect(status["counts"] == ["queued": 1, "withdrawn": 1])
        #expect(try #require(status["number"]?.integer) > #require(first["number"]?.integer))
        let page = try content("void/void-000000001.p7m")
        let entry = try #require(page["entries"]?.array?.first)
        let record = try #require(try World.records(2).first { $0.productionID == claim.production })
        #expect(entry["document_number"]?.string == record.documentNumber)
        #expect(entry["attempt"]?.string == claim.attempt.rawValue)
        #expect(entry["reason"]?.string == "court.order")
        #expect(try await publish(books, server) == PublishCount())
        #expect(try await events(server) == ["batch.status", "batch.status", "void.page"])
    }

    /// `on_remake: new`: no remake gets the number, so it is void as soon as its card is spoiled.
    @Test(
        "A number that a spoiled card had, and that no remake gets, stands in the feed once",
        arguments: StoreKind.allCases)
    func renumbered(_ kind: StoreKind) async throws {
        let server = try ReferenceServer()
        let store = StoreOfBooks(kind)
        defer { withExtendedLifetime(store) {} }
        let books = try await books(store)
        let claim = try await spoilOne(books, then: .held, reason: Books.numberIsVoid)
        #expect(try await publish(books, server).voidNumbers == 1)
        let entry = try #require(try content("void/void-000000001.p7m")["entries"]?.array?.first)
        let record = try #require(try World.records(2).first { $0.productionID == claim.production })
        #expect(entry["document_number"]?.string == record.documentNumber)
        #expect(entry["attempt"]?.string == claim.attempt.rawValue)
        #expect(entry["reason"]?.string == "record.number.new")
        // nobody lets it go on, and taken back it is void no second time
        let selection = QueueSelection(names: [claim.production.rawValue])
        let refused = try await books.release(selection, why: "again", by: "engineer").map(\.refusal?.code)
        #expect(refused == ["queue.record.number"])
        try await books.commit(
            Transition(plant: .queue, actor: "test", changes: [.withdraw(claim.production, reason: "renewed")]))
        #expect(try await publish(books, server).voidNumbers == 0)
        #expect(folder.names("/void").filter { $0.hasSuffix(".p7m") }.count == 1)
    }

    @Test("Books from before a void number learn it from the feed: no card gets it again") func restored() async throws
    {
        let server = try ReferenceServer()
        let store = StoreOfBooks(.sqlite)
        defer { withExtendedLifetime(store) {} }
        let after = try await books(store)
        let claim = try await spoilOne(after, then: .held, reason: Books.numberIsVoid)
        #expect(try await publish(after, server).voidNumbers == 1)
        // the same records, and nothing made yet
        let other = StoreOfBooks(.sqlite)
        defer { withExtendedLifetime(other) {} }
        let before = try await books(other)
        #expect(try await publish(before, server).voidNumbers == 0)
        let held = try await before.read(QueueQuery(QueueSelection(), states: [.held], limit: 9))
        #expect(held.map(\.production) == [claim.production] && held.map(\.reason) == [Books.numberIsVoid])
        #expect(try await before.read(QueueQuery(QueueSelection(), states: [.queued], limit: 9)).count == 1)
        #expect(try await publish(before, server).voidNumbers == 0)
    }

    @Test("No personal data is in a status file or an event") func privacy() async throws {
        let server = try ReferenceServer()
        let store = StoreOfBooks(.sqlite)
        let books = try await books(store)
        _ = try await withdrawOne(books)
        _ = try await publish(books, server)
        var said = try content("status/status-batch-1.p7m").canonicalText
        said += try await server.report()["events"]?.canonicalText ?? ""
        for record in try World.records(2) {
            for secret in [
                record.documentNumber, record.nationalNumber, record.names.latin.surname, record.names.latin.given,
                record.requestID,
            ] { #expect(!said.contains(secret)) }
        }
    }

    @Test("A crash at any point leaves nothing out and no number twice") func crashes() async throws {
        let server = try ReferenceServer()
        let store = StoreOfBooks(.sqlite)
        let books = try await books(store)
        _ = try await withdrawOne(books)
        var point = 0
        while true {
            point += 1
            for inner in ["status", "void", "outbox"] {
                try? FileManager.default.removeItem(atPath: folder.path + "/" + inner)
            }
            let scope = CrashScope(at: point)
            _ = try? await scope.run { try await publish(books, server) }
            _ = try await publish(books, server)
            #expect(try content("status/status-batch-1.p7m")["counts"] == ["queued": 1, "withdrawn": 1])
            #expect(folder.names("/void") == ["void-000000001.p7m"], "point \(point)")
            #expect(folder.names("/outbox/waiting").isEmpty)
            #expect(Set(try await events(server)) == ["batch.status", "void.page"])
            guard scope.didCrash else { break }
        }
        #expect(point > 15)
    }
}
