import Foundation
import Ground
import PostgresClient
import PostgresRig
import Synchronization
import Testing

@testable import Ledger

/// What only a server can do to a ledger: end sessions, answer late or never, break deadlocks.
@Suite struct PostgresStoreTests {
    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// A store in a schema of its own, with one table.
    private final class Rig: Sendable {
        let store: PostgresStore
        let schema: String
        private let address: PostgresAddress

        init(
            through conninfo: String? = nil, patience: Duration = .seconds(60),
            _ adjust: (inout PostgresOptions) -> Void = { _ in }
        ) async throws {
            let schema = PostgresServer.freshName()
            self.schema = schema
            address = PostgresAddress(try conninfo ?? PostgresServer.conninfo()).with { options in
                options.schema = schema
                options.wait(.seconds(120))
                adjust(&options)
            }
            store = try await PostgresStore(address, patience: patience)
            try await store.define(["CREATE TABLE t (i INTEGER NOT NULL PRIMARY KEY, v INTEGER NOT NULL) STRICT"])
        }

        deinit { PostgresServer.drop(schema: schema) }

        /// A second store at the same tables, straight to the server.
        func beside() async throws -> PostgresStore {
            try await PostgresStore(
                PostgresAddress(PostgresServer.conninfo()).with {
                    $0.schema = schema
                    $0.wait(.seconds(120))
                }, patience: .seconds(60))
        }

        func insert(_ number: Int64) async throws(SakkError) {
            _ = try await store.write { session in
                try session.execute("INSERT INTO t VALUES (?, 0)", [.integer(number)])
            }
        }

        func backend() async throws -> Int64 {
            try await store.write { session in
                try session.row("SELECT pg_backend_pid()::bigint AS pid")?.integer("pid") ?? 0
            }
        }
    }

    private func count(_ store: PostgresStore) async throws -> Int {
        try await store.read { session in try session.row("SELECT COUNT(*) AS n FROM t")?.count("n") ?? -1 }
    }

    @Test func `a session that the server ended while nobody used it is replaced without a word`() async throws {
        let rig = try await Rig()
        let backend = try await rig.backend()
        try PostgresServer.connect().execute("SELECT pg_terminate_backend(?::int, 5000)", [.integer(backend)])
        try await rig.insert(1)
        #expect(try await count(rig.store) == 1)
        #expect(try await rig.backend() != backend)
    }

    @Test func `a session that is ended in a transaction is away, and nothing of it is there`() async throws {
        let rig = try await Rig()
        let error = await #expect(throws: SakkError.self) {
            try await rig.store.write { session in
                try session.execute("INSERT INTO t VALUES (1, 0)", [])
                let backend = try session.row("SELECT pg_backend_pid()::bigint AS pid")?.integer("pid") ?? 0
                try PostgresServer.connect().execute("SELECT pg_terminate_backend(?::int, 5000)", [.integer(backend)])
                try session.execute("INSERT INTO t VALUES (2, 0)", [])
            }
        }
        #expect(error?.code == "ledger.away")
        #expect(error?.outcome == .notDone)
        #expect(try await count(rig.store) == 0)
    }

    @Test(arguments: [CuttingProxy.Cut.before, .after, .silence])
    func `a COMMIT without an answer is unknown, and the next transaction finds the truth`(cut: CuttingProxy.Cut)
        async throws
    {
        let proxy = try CuttingProxy(to: PostgresServer.conninfo())
        defer { proxy.close() }
        let rig = try await Rig(through: proxy.conninfo) { if cut == .silence { $0.answerTimeout = .seconds(12) } }
        proxy.arm(cut, at: "COMMIT\u{0}")
        let error = await #expect(throws: SakkError.self) { try await rig.insert(1) }
        #expect(error?.code == "ledger.away")
        #expect(error?.outcome == .unknown)
        let found = try await rig.store.write { session in
            try session.row("SELECT COUNT(*) AS n FROM t")?.count("n") ?? -1
        }
        #expect(found == (cut == .before ? 0 : 1))
    }

    @Test func `a frozen server does not hang the line`() async throws {
        let rig = try await Rig { $0.answerTimeout = .seconds(12) }
        let backend = pid_t(try await rig.backend())
        try #require(kill(backend, SIGSTOP) == 0, "the tests run as root or as the server's user")
        defer { kill(backend, SIGCONT) }
        // BEGIN goes unanswered: nothing was done, and a new session takes over
        try await rig.insert(1)
        #expect(try await rig.backend() != Int64(backend))
    }

    @Test func `two transactions in a deadlock both end well`() async throws {
        let rig = try await Rig()
        let other = try await rig.beside()
        for number in Int64(1)...2 { try await rig.insert(number) }
        let meeting = Meeting(of: 2)
        let runs = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (store, mine, yours) in [(rig.store, Int64(1), Int64(2)), (other, 2, 1)] {
                group.addTask {
                    _ = try await store.write { session in
                        try session.execute("SET LOCAL deadlock_timeout TO '50ms'", [])
                        try session.execute("UPDATE t SET v = v + 1 WHERE i = ?", [.integer(mine)])
                        if runs.next() <= 2 { meeting.arrive() }
                        return try session.execute("UPDATE t SET v = v + 1 WHERE i = ?", [.integer(yours)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(runs.next() == 4)
        let sum = try await rig.store.read { session in try session.row("SELECT SUM(v) AS n FROM t")?.integer("n") }
        #expect(sum == 4)
    }

    @Test func `a lock that stays taken is busy in the end, and nothing was done`() async throws {
        let rig = try await Rig(patience: .seconds(1))
        try await rig.insert(1)
        let holder = try PostgresConnection(PostgresServer.options())
        try holder.begin(.write)
        try holder.execute("UPDATE \(rig.schema).t SET v = 7")
        let error = await #expect(throws: SakkError.self) {
            try await rig.store.write { session in
                try session.execute("SET LOCAL lock_timeout TO '50ms'", [])
                try session.execute("UPDATE t SET v = 8", [])
            }
        }
        #expect(error?.code == "ledger.busy")
        #expect(error?.outcome == .notDone)
        holder.rollback()
    }

    @Test func `a long report sees one moment and does not hold up the line`() async throws {
        let rig = try await Rig()
        let begun = Meeting(of: 2)
        let written = Meeting(of: 2)
        async let seen = rig.store.read { session in
            let first = try session.row("SELECT COUNT(*) AS n FROM t")?.count("n")
            begun.arrive()
            let met = written.arrive()
            let second = try session.row("SELECT COUNT(*) AS n FROM t")?.count("n")
            return (met, first, second)
        }
        #expect(try await Sideways.run { begun.arrive() })
        try await rig.insert(1)
        #expect(try await Sideways.run { written.arrive() })
        let (met, first, second) = try await seen
        #expect(met)
        #expect(first == 0)
        #expect(second == 0)
        #expect(try await count(rig.store) == 1)
    }

    @Test func `a report cannot write`() async throws {
        let rig = try await Rig()
        let error = await #expect(throws: SakkError.self) {
            _ = try await rig.store.read { session in try session.execute("INSERT INTO t VALUES (1, 0)", []) }
        }
        #expect(error?.code == "ledger.unwritable")
    }

    @Test func `a statement that failed and was not minded does not look like a commit`() async throws {
        let rig = try await Rig()
        await #expect(throws: SakkError.self) {
            try await rig.store.write { session in
                try session.execute("INSERT INTO t VALUES (1, 0)", [])
                _ = try? session.execute("INSERT INTO t VALUES (1, 0)", [])
            }
        }
        #expect(try await count(rig.store) == 0)
    }

    @Test func `the clock is the server's`() async throws {
        let rig = try await Rig()
        let first = try await rig.store.now()
        let second = try await rig.store.now()
        #expect(second > first)
        // a plausible time in microseconds: after 2025, before 2100
        #expect((1_735_689_600_000_000..<4_102_444_800_000_000).contains(first))
    }

    @Test func `a server that is not there is away, and a wrong database is refused, without the password`()
        async throws
    {
        let nobody = PostgresAddress("postgresql://sakk:geheim77@127.0.0.1:1/x")
        let away = await #expect(throws: SakkError.self) {
            try await PostgresStore(nobody, patience: .milliseconds(100))
        }
        #expect(away?.code == "ledger.away")
        let wrong = PostgresAddress(
            try PostgresServer.conninfo().replacing("sakk@", with: "sakk:geheim77@")
                .replacing("/postgres", with: "/nothere"))
        let refused = await #expect(throws: SakkError.self) { try await PostgresStore(wrong) }
        #expect(refused?.code == "ledger.refused")
        for error in [away, refused] { #expect(error.map { "\($0)".contains("geheim") } == false) }
    }

    @Test func `the address gives its own words to Sakk and the others to the server`() {
        let address = PostgresAddress(
            "postgresql://u:p@h:5433/d?sakk_schema=plant%20a&sslmode=require&sakk_durability=bench&sakk_patience=60")
        #expect(address.options.conninfo == "postgresql://u:p@h:5433/d?sslmode=require")
        #expect(address.options.schema == "plant a")
        #expect(!address.options.demandsDurability)
        #expect(address.options.idleInTransactionTimeout == .seconds(60))
        #expect(address.options.answerTimeout == .seconds(70))
        #expect(address.name == "postgresql h:5433/d schema plant a")
        #expect(PostgresAddress("postgresql://h/d").options.conninfo == "postgresql://h/d")
        #expect(PostgresAddress("postgresql://h/d").options.demandsDurability)
    }
}

@Suite struct PostgresNewsTests {
    @Test func `a line hears of new records, and again after the server ended its session`() async throws {
        let books = try await ConformanceBooks(.postgres)
        var news = books.books.news(.queue).makeAsyncIterator()
        // said once when the connection stands, because something may have come before
        await news.next()
        try await books.intake(1...3)
        await news.next()
        try PostgresServer.connect().execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'sakk-news' AND query LIKE ?
            """, [.text("LISTEN%" + books.schema + "%")])
        await news.next()
        try await books.intake(4...4)
        await news.next()
    }
}

@Suite struct PostgresDialectTests {
    @Test func `tables are told in PostgreSQL's words, and quoted words stay`() {
        #expect(
            PostgresDialect.translate("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c TEXT) STRICT")
                == "CREATE TABLE t (a BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, b BYTEA, c TEXT COLLATE \"C\")"
        )
        #expect(
            PostgresDialect.translate("CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID")
                == "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY)")
        #expect(
            PostgresDialect.translate("CREATE TABLE t (a INTEGER CHECK (a IN ('TEXT','BLOB')))")
                == "CREATE TABLE t (a BIGINT CHECK (a IN ('TEXT','BLOB')))")
        let index = "CREATE INDEX i ON t (a DESC) WHERE b = 'INTEGER'"
        #expect(PostgresDialect.translate(index) == index)
    }
}
