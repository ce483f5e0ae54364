import Connectors
import Foundation
import Ground
import PostgresClient
import Records
import Synchronization
import Testing

/// A registry's table in a schema of its own, on the server that scripts/test names, else on one that ends with the tests.
final class Registry {
    let conninfo: String
    let schema = "registry_" + UUID().uuidString.lowercased().filter { $0 != "-" }

    init() throws {
        conninfo = try Registry.server.get()
        try connect().run(
            """
            CREATE SCHEMA \(schema);
            CREATE TABLE \(schema).cards (id bigint PRIMARY KEY, cms bytea, acknowledged_at timestamptz, refusal text)
            """)
    }

    deinit { try? connect().run("DROP SCHEMA \(schema) CASCADE") }

    private struct Silent: Error {}

    /// The shell stops the server when its standard input closes, that is with this process.
    static let server = Result {
        if let given = ProcessInfo.processInfo.environment["SAKK_TEST_POSTGRES"] { return given }
        let folder = TemporaryFolder(keep: true).path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c",
            """
            source scripts/postgres.sh; postgres_up \(folder) || exit 1
            cat >/dev/null; postgres_down \(folder); rm -rf \(folder)
            """,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: World.repository)
        let output = Pipe()
        let input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        held.withLock { $0 = input }
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Silent() }
            line += more
        }
        return String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let held = Mutex<Pipe?>(nil)

    func connect() throws -> PostgresConnection { try PostgresConnection(PostgresOptions(conninfo)) }

    func insert(_ id: Int64, _ record: Bytes?) throws {
        _ = try connect().execute(
            "INSERT INTO \(schema).cards (id, cms) VALUES (?, ?)", [.integer(id), record.map { .blob($0) } ?? .null])
    }

    /// Ids that nobody acknowledged, and refusals by id.
    func open() throws -> [Int64] {
        try connect().rows("SELECT id FROM \(schema).cards WHERE acknowledged_at IS NULL ORDER BY id").map { row in
            guard case .integer(let id) = row["id"] else { return -1 }
            return id
        }
    }

    func refusal(_ id: Int64) throws -> PostgresValue? {
        try connect().rows("SELECT refusal FROM \(schema).cards WHERE id = ?", [.integer(id)]).first?["refusal"]
    }

    func source(page: Int = 2, window: Int64 = 10, change: (inout TableSource.Table) -> Void = { _ in }) -> TableSource
    {
        var table = TableSource.Table(schema + ".cards")
        table.refusal = "refusal"
        change(&table)
        return TableSource(
            name: "registry", database: conninfo, table: table, window: window, pageRecords: page)
    }
}

@Suite("A registry's table") struct TableSourceTests {
    @Test("Rows are taken in order, page by page, and acknowledged; refused ones with their code") func rows()
        async throws
    {
        let registry = try Registry()
        let records = try World.records(6)
        for (index, record) in records.prefix(5).enumerated() {
            try registry.insert(Int64(index + 1), try World.envelope(record))
        }
        try registry.insert(6, try World.envelope(records[5], by: "rogue-signer"))
        try registry.insert(7, nil)
        let books = PocketBooks()
        let count = try await World.puller(registry.source(), into: books).drain()
        #expect(count.taken == 5)
        #expect(count.refused == 2)
        #expect(books.order == records.prefix(5).map(\.productionID))
        #expect(try registry.open().isEmpty)
        #expect(try registry.refusal(5) == .null)
        #expect(try registry.refusal(6) == .text("cms.chain.untrusted"))
        #expect(try registry.refusal(7) == .text("batch.empty"))
        #expect(try await World.puller(registry.source(), into: books).drain() == PullCount())
    }

    @Test("A lower id that is committed late is taken, within the window at once and behind it at the next start")
    func late() async throws {
        let registry = try Registry()
        let envelopes = try World.envelopes(6)
        let books = PocketBooks()
        let puller = try World.puller(registry.source(window: 10), into: books)
        try registry.insert(100, envelopes[0])
        #expect(try await puller.drain().taken == 1)
        for (index, id) in [95, 96, 97, 50].enumerated() { try registry.insert(Int64(id), envelopes[1 + index]) }
        #expect(try await puller.drain().taken == 3)
        #expect(try registry.open() == [50])
        try registry.insert(101, envelopes[5])
        #expect(try await puller.drain().taken == 1)
        #expect(try registry.open() == [50])
        #expect(try await World.puller(registry.source(window: 10), into: books).drain().taken == 1)
        #expect(try registry.open().isEmpty)
        #expect(books.order.count == 6)
    }

    @Test("A crash at any point, and at the next start again: nothing lost, nothing twice, all acknowledged")
    func crashes() async throws {
        let registry = try Registry()
        let records = try World.records(4)
        let envelopes = try World.envelopes(3) + [try World.envelope(records[3], by: "rogue-signer")]
        for (index, envelope) in envelopes.enumerated() { try registry.insert(Int64(index + 1), envelope) }
        let connection = try registry.connect()
        var point = 0
        while true {
            point += 1
            try connection.run("UPDATE \(registry.schema).cards SET acknowledged_at = NULL, refusal = NULL")
            let books = PocketBooks()
            var crashed = false
            for second in [point, 2, nil] {
                let scope = CrashScope(at: second)
                try? await scope.run { _ = try await World.puller(registry.source(), into: books).drain() }
                if second == point { crashed = scope.didCrash }
            }
            #expect(books.order == records.prefix(3).map(\.productionID), "point \(point)")
            #expect(try registry.open().isEmpty, "point \(point)")
            #expect(try registry.refusal(4) == .text("cms.chain.untrusted"))
            guard crashed else { break }
        }
        #expect(point > 6)
    }

    @Test("A table of another shape, and a server that is not there, are told apart") func errors() async throws {
        let registry = try Registry()
        func code(_ source: TableSource) async -> SakkError.Code? {
            do throws(SakkError) {
                _ = try await source.pull(after: nil)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(await code(registry.source { $0.name = "nothing" }) == "source.table.statement")
        #expect(await code(registry.source { $0.record = "nothing" }) == "source.table.statement")
        try registry.insert(1, [1])
        #expect(await code(registry.source { $0.id = "cms" }) == "source.table.statement")
        let away = TableSource(
            name: "registry", database: "postgresql://nobody@127.0.0.1:1/none", table: TableSource.Table("cards"))
        #expect(await code(away) == "source.table.away")
    }
}
