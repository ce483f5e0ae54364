import Connectors
import Foundation
import Ground
import OpenSSLCrypto
import Seeds
import Synchronization
import Testing

@Suite("What goes out") struct OutgoingTests {
    private let folder = TemporaryFolder()

    private func seal() throws -> FileSeal {
        let signer = try World.folder().signer()
        return FileSeal(certificate: signer.certificate, key: signer.key)
    }

    private func open(_ path: String) throws -> JSONValue {
        let envelope = Bytes(try Data(contentsOf: URL(fileURLWithPath: path)))
        let verified = try CMS.verify(
            envelope, trust: [try World.folder().certificate("approval-ca")],
            expectedContentType: CMS.dataContentType, at: World.now)
        return try JSONValue(parsing: verified.content)
    }

    @Test("A batch's status is a signed file with counts that add up to its productions") func status() throws {
        let productions = ["good", "good", "waiting", "spoiled"].enumerated().map { index, state in
            BatchStatus.Production(
                production: ProductionID("P\(index)"), state: state, reason: state == "spoiled" ? "print.fault" : nil,
                attempts: 1)
        }
        let status = BatchStatus(
            batch: BatchID("batch/1"), authority: "UTO-CIVIL", number: 12, asOf: World.now, productions: productions)
        let path = try BatchStatusFile.write(status, to: folder.path + "/out", seal: try seal())
        let value = try open(path)
        #expect(value["schema"]?.string == "sakk.batch-status/1")
        #expect(value["counts"] == ["good": 2, "waiting": 1, "spoiled": 1])
        #expect(value["productions"]?.array?.count == 4)
        #expect(value["productions"]?.array?.last?["reason"]?.string == "print.fault")
        #expect(folder.names("/out").count == 1)
        #expect(!path.contains("batch/1"))
        #expect(try BatchStatusFile.write(status, to: folder.path + "/out", seal: try seal()) == path)
    }

    private func void(_ number: Int) -> VoidNumber {
        VoidNumber(
            attempt: AttemptID("P\(number)-1"), authority: "UTO-CIVIL", numberSpace: "UTO/ID",
            number: "AB000000\(number)", reason: "chip.dead", voidedAt: World.now)
    }

    private func feed() throws -> VoidFeed {
        try VoidFeed(
            folder: folder.path, seal: try seal(), trust: [try World.folder().certificate("approval-ca")],
            time: World.Clock(time: World.now))
    }

    @Test("A void number stands in the feed once, whatever is restarted in between") func once() async throws {
        try await #expect(feed().append([void(1), void(2), void(1)], at: World.now) == 1)
        try await #expect(feed().append([void(2), void(3)], at: World.now) == 2)
        try await #expect(feed().append([void(3)], at: World.now) == nil)
        let numbers = try folder.names().flatMap { name in
            try open("\(folder.path)/\(name)")["entries"]?.array?.compactMap { $0["document_number"]?.string } ?? []
        }
        #expect(numbers == ["AB0000001", "AB0000002", "AB0000003"])
    }

    @Test("A crash at any point of a page leaves a whole page or none") func crashes() async throws {
        for point in 1...8 {
            let scope = CrashScope(at: point)
            try? await scope.run { _ = try await feed().append([void(point)], at: World.now) }
            try await feed().append([void(point)], at: World.now)
            #expect(try await feed().count == point)
        }
    }

    @Test("A page that is gone or changed breaks the feed and is named") func broken() async throws {
        for number in 1...3 { try await feed().append([void(number)], at: World.now) }
        let path = URL(fileURLWithPath: folder.path + "/void-000000002.p7m")
        let page = try Data(contentsOf: path)
        var changed = page
        changed[changed.count - 1] ^= 1
        try changed.write(to: path)
        #expect(throws: SakkError("voidfeed.broken", source: "", text: "", remedy: "")) { _ = try feed() }
        try FileManager.default.removeItem(at: path)
        #expect(throws: SakkError("voidfeed.broken", source: "", text: "", remedy: "")) { _ = try feed() }
        try page.write(to: path)
        #expect(try await feed().count == 3)
    }
}

@Suite("The webhook") struct WebhookTests {
    private let folder = TemporaryFolder()

    private func sender(
        _ outbox: Outbox, _ server: ReferenceServer, key: Bytes = ReferenceServer.eventsKey, tries: Int = 4,
        pauses: Counter = Counter()
    ) throws -> WebhookSender {
        var key = key
        var retry = RetryPolicy()
        retry.tries = tries
        retry.pause = { pauses.add($0) }
        let client = try WebClient(
            base: "https://localhost:\(server.port)/v1/events", tls: try ReferenceServer.tls(), name: "webhook")
        return WebhookSender(outbox: outbox, client: client, key: SecretBytes(wiping: &key), retry: retry)
    }

    private func heard(_ server: ReferenceServer) async throws -> [String] {
        try await server.report()["events"]?.array?.compactMap { $0["key"]?.string } ?? []
    }

    private func fill(_ outbox: Outbox, _ range: ClosedRange<Int>) async throws {
        for number in range { try await outbox.add(key: "batch-1:\(number)", body: ["batch": "batch-1"]) }
    }

    @Test("Events arrive once and in order, signed; an event that is known is not added again") func order()
        async throws
    {
        let server = try ReferenceServer()
        let outbox = try Outbox(folder: folder.path)
        try await fill(outbox, 1...3)
        #expect(try await outbox.add(key: "batch-1:2", body: [:]) == false)
        #expect(try await sender(outbox, server).run().delivered == 3)
        #expect(try await outbox.add(key: "batch-1:2", body: [:]) == false)
        #expect(try await heard(server) == ["batch-1:1", "batch-1:2", "batch-1:3"])
        #expect(await outbox.count == 0)
    }

    @Test("While the receiver is down events wait; then each arrives once, in order, with the same key") func down()
        async throws
    {
        let server = try ReferenceServer()
        let pauses = Counter()
        do {
            let outbox = try Outbox(folder: folder.path)
            try await fill(outbox, 1...2)
            try await server.order(["busy": 99])
            await #expect(throws: SakkError("webhook.undelivered", source: "", text: "", remedy: "")) {
                _ = try await self.sender(outbox, server, pauses: pauses).run()
            }
            #expect(pauses.values == [500, 1000, 2000])
        }
        // another controller, and a receiver that takes the first event but whose answer is lost
        try await server.order(["busy": 0, "lose_answer": 2])
        let outbox = try Outbox(folder: folder.path)
        try await fill(outbox, 3...3)
        #expect(try await sender(outbox, server).run().delivered == 3)
        #expect(try await heard(server) == ["batch-1:1", "batch-1:2", "batch-1:3"])
        #expect(try await server.report()["event_tries"]?.integer ?? 0 > 3)
    }

    @Test("An event that the receiver refuses is parked with its reason and stops nobody") func parked() async throws {
        let server = try ReferenceServer()
        let outbox = try Outbox(folder: folder.path)
        try await fill(outbox, 1...2)
        try await server.order(["reject": 1])
        var expected = WebhookSender.Count()
        expected.delivered = 1
        expected.parked = 1
        #expect(try await sender(outbox, server).run() == expected)
        #expect(try await heard(server) == ["batch-1:2"])
        #expect(folder.names("/parked").count == 2)
    }

    @Test("A wrong key stops the run and parks nothing") func wrongKey() async throws {
        let server = try ReferenceServer()
        let outbox = try Outbox(folder: folder.path)
        try await fill(outbox, 1...2)
        await #expect(throws: SakkError("web.identity", source: "", text: "", remedy: "")) {
            _ = try await self.sender(outbox, server, key: [1, 2, 3]).run()
        }
        #expect(await outbox.count == 2)
    }

    @Test("A crash at any point: every event is heard, in order, and counted once") func crashes() async throws {
        let server = try ReferenceServer()
        var expected: [String] = []
        for point in 1...40 {
            let scope = CrashScope(at: point)
            expected.append("batch-1:\(point)")
            try? await scope.run {
                let outbox = try Outbox(folder: folder.path)
                try await fill(outbox, point...point)
                _ = try await sender(outbox, server).run()
            }
            let outbox = try Outbox(folder: folder.path)
            try await fill(outbox, point...point)
            _ = try await sender(outbox, server).run()
            if !scope.didCrash { break }
            #expect(point < 40)
        }
        #expect(try await heard(server) == expected)
    }
}
