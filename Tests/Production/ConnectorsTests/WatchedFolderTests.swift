import Connectors
import Foundation
import Ground
import Records
import Stations
import Synchronization
import Testing

@Suite("The watched folder") struct WatchedFolderTests {
    private let folder = TemporaryFolder()

    private func put(_ name: String, _ content: Bytes) throws {
        try Data(content).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }

    private func source(_ afterwards: WatchedFolder.Afterwards = .keep) -> WatchedFolder {
        WatchedFolder(name: "drop", folder: folder.path, afterwards: afterwards)
    }

    private func waiting() -> [String] { folder.names().filter { !["taken", "refused", "work"].contains($0) } }

    @Test("Batches and single records are taken and moved away") func taken() async throws {
        try put("b.tar", try World.batch(try World.records(3)).tar)
        try put("c.p7m", try World.envelope(try World.records(4)[3]))
        let books = PocketBooks()
        let count = try await World.puller(source(), into: books).drain()
        #expect(count.items == 2)
        #expect(count.taken == 4)
        #expect(folder.names("/taken") == ["b.tar", "c.p7m"])
        #expect(waiting().isEmpty)
        #expect(books.state.withLock { $0.batches[$0.order[0]] } == BatchID("batch-1"))
    }

    @Test("A file that still grows is left alone at every length, and taken when it is whole") func growing()
        async throws
    {
        let tar = try World.batch(try World.records(2)).tar
        let single = try World.envelope(try World.records(3)[2])
        let books = PocketBooks()
        let watched = source()
        let puller = try World.puller(watched, into: books)
        let step = tar.count / 23
        for length in [0, 1, 100, 511, 512, 513, 1024] + Array(stride(from: step, to: tar.count - 1024, by: step))
            + [tar.count - 1024, tar.count - 513]
        {
            try put("b.tar", Bytes(tar.prefix(length)))
            try put("c.p7m", Bytes(single.prefix(length * single.count / tar.count)))
            #expect(try await puller.drain() == PullCount(), "\(length)")
        }
        #expect(await watched.waiting == ["b.tar", "c.p7m"])
        try put("b.tar", Bytes(repeating: 0, count: tar.count))
        #expect(try await puller.drain() == PullCount())
        try put("b.tar", tar)
        try put("c.p7m", single)
        #expect(try await puller.drain().taken == 3)
    }

    @Test("A refused file lies beside its reason; a batch with one bad record is taken and says so") func refused()
        async throws
    {
        let records = try World.records(2)
        try put("a.p7m", try World.envelope(records[0], by: "rogue-signer"))
        let good = try World.batch([records[0]])
        let bad = BatchFile.Entry(
            name: "2000.p7m", requestID: records[1].requestID,
            envelope: try World.envelope(records[1], by: "rogue-signer"))
        try put(
            "b.tar",
            BatchFile(
                batchID: good.batchID, authority: good.authority, created: good.created, entries: good.entries + [bad]
            ).tar)
        try put("c.tar", Bytes(repeating: 0x41, count: 4096))
        let books = PocketBooks()
        let count = try await World.puller(source(), into: books).drain()
        #expect(count.taken == 1)
        #expect(count.refused == 3)
        #expect(folder.names("/refused") == ["a.p7m", "a.p7m.json", "c.tar", "c.tar.json"])
        #expect(folder.names("/taken") == ["b.tar", "b.tar.json"])
        let text = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/refused/a.p7m.json"))
        let reason = try JSONValue(parsing: Bytes(text))
        #expect(reason["schema"]?.string == "sakk.refused/1")
        #expect(reason["refused"]?.array?.first?["code"]?.string == "cms.chain.untrusted")
    }

    @Test("The same file again changes nothing; another file of the same name replaces nothing") func again()
        async throws
    {
        let books = PocketBooks()
        let puller = try World.puller(source(), into: books)
        let first = try World.batch(try World.records(2)).tar
        try put("b.tar", first)
        #expect(try await puller.drain().taken == 2)
        try put("b.tar", first)
        #expect(try await puller.drain().known == 2)
        #expect(folder.names("/taken") == ["b.tar"])
        try put("b.tar", try World.batch(Array(try World.records(4).suffix(2)), id: "batch-2").tar)
        #expect(try await puller.drain().taken == 2)
        #expect(folder.names("/taken") == ["b.tar", "b.tar.2"])
    }

    @Test("Files of other kinds, folders, links and names that are not plain are left where they are") func others()
        async throws
    {
        let envelope = try World.envelopes(1)[0]
        try put("readme.txt", envelope)
        try put(".b.tar", envelope)
        try put("a name.p7m", envelope)
        try put("b.p7m.part", envelope)
        try FileManager.default.createDirectory(atPath: folder.path + "/d.tar", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/l.p7m", withDestinationPath: folder.path + "/b.p7m.part")
        let watched = source()
        #expect(try await World.puller(watched, into: PocketBooks()).drain() == PullCount())
        #expect(waiting() == ["a name.p7m", "b.p7m.part", "d.tar", "l.p7m", "readme.txt"])
        #expect(await watched.waiting == ["a name.p7m", "d.tar", "l.p7m"])
    }

    @Test("Taken files are removed where the configuration says so") func removed() async throws {
        try put("b.tar", try World.batch(try World.records(1)).tar)
        let books = PocketBooks()
        #expect(try await World.puller(source(.remove), into: books).drain().taken == 1)
        #expect(folder.names("/taken").isEmpty)
        #expect(folder.names("/work").isEmpty)
    }

    @Test("A second program on the same folder is kept out") func locked() async throws {
        let first = source()
        _ = try await first.pull(after: nil)
        await #expect(throws: SakkError("source.folder.busy", source: "", text: "", remedy: "")) {
            _ = try await self.source().pull(after: nil)
        }
        _ = try await first.pull(after: nil)
    }

    @Test("A new file ends the wait", .timeLimit(.minutes(20))) func news() async throws {
        let watched = source()
        _ = try await watched.pull(after: nil)
        async let waited: Void = watched.waitForNews(atMost: 3_600_000)
        try put("b.p7m", try World.envelopes(1)[0])
        await waited
    }

    @Test("A crash at any point, and at the next start again: nothing lost, nothing twice", .timeLimit(.minutes(20)))
    func crashes() async throws {
        let records = try World.records(2)
        let tar = try World.batch([records[0]]).tar
        let other = try World.batch([records[1]], id: "batch-2").tar
        let rogue = try World.envelope(records[0], by: "rogue-signer")
        var point = 0
        while true {
            point += 1
            let place = TemporaryFolder()
            for (name, content) in [("a.tar", tar), ("b.tar", other), ("r.p7m", rogue)] {
                try Data(content).write(to: URL(fileURLWithPath: "\(place.path)/\(name)"))
            }
            let books = PocketBooks()
            var crashed = false
            for second in [point, 2, nil] {
                let didCrash = await start(dyingAt: second, in: place.path, books)
                if second == point { crashed = didCrash }
            }
            #expect(books.order.sorted() == records.map(\.productionID).sorted(), "point \(point)")
            #expect(place.names("/taken") == ["a.tar", "b.tar"], "point \(point)")
            #expect(place.names("/refused") == ["r.p7m", "r.p7m.json"], "point \(point)")
            #expect(place.names("/work").isEmpty)
            guard crashed else { break }
        }
        #expect(point > 20)
    }

    /// A start of a program that dies at the given point; whether it did. The lock of the start before may outlive it for a
    /// moment: in the child of another test's, between fork and exec.
    private func start(dyingAt point: Int?, in folder: String, _ books: PocketBooks) async -> Bool {
        while true {
            let scope = CrashScope(at: point)
            do {
                try await scope.run {
                    _ = try await World.puller(WatchedFolder(name: "drop", folder: folder), into: books).drain()
                }
            } catch let error as SakkError where error.code == "source.folder.busy" {
                await Task.yield()
                continue
            } catch {}
            return scope.didCrash
        }
    }
}
