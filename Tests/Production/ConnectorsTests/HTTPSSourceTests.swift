import Connectors
import Ground
import Records
import Stations
import Synchronization
import Testing

@Suite("Pulling from the reference server") struct HTTPSSourceTests {
    private func filled(_ count: Int) throws -> ReferenceServer {
        let server = try ReferenceServer()
        for (index, envelope) in try World.envelopes(count).enumerated() { try server.put("r\(10 + index)", envelope) }
        return server
    }

    private func source(_ server: ReferenceServer, page: Int = 3) throws -> HTTPSSource {
        HTTPSSource(name: "registry", client: try server.client(), pageRecords: page)
    }

    private func names(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }

    @Test("All records come in order, page by page, and are acknowledged") func all() async throws {
        let server = try filled(7)
        let books = PocketBooks()
        let count = try await World.puller(source(server), into: books).drain()
        #expect(count.taken == 7)
        #expect(count.known == 0)
        #expect(books.order == (try World.records(7).map(\.productionID)))
        let report = try await server.report()
        #expect(names(report["taken"]) == ["r10", "r11", "r12", "r13", "r14", "r15", "r16"])
        #expect(report["acknowledgements"]?.array?.count == 3)
        let again = try await World.puller(source(server), into: books).drain()
        #expect(again == PullCount())
        #expect(try await server.report()["acknowledgements"]?.array?.count == 3)
    }

    @Test("Repeated and reordered records are in the queue once") func repeated() async throws {
        let server = try filled(5)
        try await server.order(["repeat": 9, "reorder": 1])
        let books = PocketBooks()
        let count = try await World.puller(source(server), into: books).drain()
        #expect(count.taken == 5)
        #expect(count.known == 5)
        #expect(Set(books.order).count == 5)
        #expect(books.order.count == 5)
    }

    @Test("What passes by itself is tried again with growing pauses, a limited number of times") func retries()
        async throws
    {
        let server = try filled(2)
        try await server.order(["busy": 1, "drop": 2, "cut": 1])
        let books = PocketBooks()
        let pauses = Counter()
        var retry = RetryPolicy()
        retry.pause = { pauses.add($0) }
        let puller = Puller(
            source: try source(server), reader: try World.importer(), intake: books, standing: nil, retry: retry)
        #expect(try await puller.drain().taken == 2)
        #expect(pauses.values == [500, 1000, 2000])
        try server.put("r20", try World.envelopes(3)[2])
        try await server.order(["busy": 99])
        await #expect(throws: SakkError("web.busy", source: "", text: "", remedy: "")) { _ = try await puller.drain() }
        #expect(pauses.values.count == 7)
        try await server.order(["busy": 0])
        #expect(try await puller.drain().taken == 1)
    }

    @Test("A lost acknowledgement, or a lost answer to one, is made good; nothing comes twice") func lost() async throws
    {
        for order in ["lose_acknowledgement", "lose_answer"] {
            let server = try filled(4)
            // twice: curl itself tries once more when a connection that it kept turns out to be dead
            try await server.order(.object([order: 2]))
            let books = PocketBooks()
            await #expect(throws: SakkError("web.answer.cut", source: "", text: "", remedy: "")) {
                _ = try await World.puller(source(server, page: 10), into: books, tries: 1).drain()
            }
            #expect(books.order.count == 4)
            let count = try await World.puller(source(server, page: 10), into: books).drain()
            #expect(count.known == 4)
            #expect(books.order.count == 4)
            #expect(names(try await server.report()["taken"]).count == 4)
        }
    }

    @Test("A refused record is told back with its code and does not stop the others") func refused() async throws {
        let server = try filled(3)
        let records = try World.records(6)
        try server.put("r11", try World.envelope(records[3], by: "rogue-signer"))
        try server.put("r13", try World.envelope(records[4], by: "approval-expired"))
        try server.put("r14", [])
        var resigned = records[0]
        resigned.documentNumber = records[5].documentNumber
        try server.put("r15", try World.envelope(resigned))
        let books = PocketBooks()
        let count = try await World.puller(source(server, page: 10), into: books).drain()
        #expect(count.taken == 2)
        #expect(count.refused == 4)
        let refused = try await server.report()["refused"]
        #expect(refused?["r11"]?.string == "cms.chain.untrusted")
        #expect(refused?["r13"]?.string == "cms.certificate.expired")
        #expect(refused?["r14"]?.string == "batch.empty")
        #expect(refused?["r15"]?.string == "record.conflict")
        #expect(Set(books.noted) == ["cms.chain.untrusted", "cms.certificate.expired", "batch.empty"])
    }

    @Test("A server that leaves the protocol is not followed") func protocolErrors() async throws {
        let server = try filled(2)
        for (order, expected) in [
            ("wrong_schema", "web.answer.schema"), ("stay", "source.stuck"), ("gone", "web.cursor.gone"),
            ("forbid", "web.identity"),
        ] as [(String, SakkError.Code)] {
            try await server.order(.object([order: 1]))
            let books = PocketBooks()
            let puller = try World.puller(source(server), into: books)
            if order == "stay" { books.state.withLock { $0.places["registry"] = "{\"after\":\"AA==\"}" } }
            await #expect(throws: SakkError(expected, source: "", text: "", remedy: ""), "\(order)") {
                _ = try await puller.drain()
            }
            #expect(books.order.isEmpty)
        }
    }
}

@Suite("Crashes between pull, commit and acknowledgement") struct PullCrashTests {
    @Test("A crash at any point, and at the next start again: nothing lost, nothing twice, all acknowledged")
    func crashes() async throws {
        let records = try World.records(4)
        let server = try ReferenceServer()
        for (index, record) in records.prefix(3).enumerated() {
            try server.put("r\(index)", try World.envelope(record))
        }
        try server.put("r3", try World.envelope(records[3], by: "rogue-signer"))
        let client = try server.client()
        var point = 0
        while true {
            point += 1
            try await server.order(["forget": 1])
            let books = PocketBooks()
            var crashed = false
            for second in [point, 2, nil] {
                let scope = CrashScope(at: second)
                try? await scope.run {
                    let source = HTTPSSource(name: "registry", client: client, pageRecords: 2)
                    _ = try await World.puller(source, into: books).drain()
                }
                if second == point { crashed = scope.didCrash }
            }
            #expect(books.order == records.prefix(3).map(\.productionID), "point \(point)")
            let report = try await server.report()
            #expect(Set(report["taken"]?.array?.compactMap(\.string) ?? []) == ["r0", "r1", "r2"])
            #expect(report["refused"]?["r3"]?.string == "cms.chain.untrusted", "point \(point)")
            guard crashed else { break }
        }
        #expect(point > 8)
    }
}
