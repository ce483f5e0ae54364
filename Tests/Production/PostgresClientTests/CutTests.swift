import Foundation
import Ground
import PostgresClient
import PostgresRig
import Testing

struct CutTests {
    @Test func `a session that was ended is away, and nothing of its transaction is there`() throws {
        try PostgresServer.withSchema { options in
            let other = try PostgresConnection(options)
            try other.run("CREATE TABLE t (i BIGINT)")
            let connection = try PostgresConnection(options)
            try connection.begin(.write)
            try connection.execute("INSERT INTO t VALUES (1)")
            try other.execute("SELECT pg_terminate_backend(?::int, 5000)", [.integer(Int64(connection.backend))])
            let failure = #expect(throws: PostgresFailure.self) { try connection.execute("INSERT INTO t VALUES (2)") }
            #expect(failure?.kind == .away)
            #expect(failure?.inDoubt == false)
            #expect(!connection.isOpen)
            #expect(try other.rows("SELECT count(*) AS n FROM t")[0]["n"] == .integer(0))
            let after = #expect(throws: PostgresFailure.self) { try connection.rows("SELECT 1") }
            #expect(after?.kind == .away)
        }
    }

    @Test(arguments: [CuttingProxy.Cut.before, .after, .silence])
    func `a cut during COMMIT is in doubt, whether or not it got through`(cut: CuttingProxy.Cut) throws {
        try PostgresServer.withSchema({ if cut == .silence { $0.answerTimeout = .seconds(12) } }) { options in
            let other = try PostgresConnection(options)
            try other.run("CREATE TABLE t (i BIGINT)")
            let proxy = try CuttingProxy(to: options.conninfo)
            defer { proxy.close() }
            var through = options
            through.conninfo = proxy.conninfo
            let connection = try PostgresConnection(through)
            try connection.begin(.write)
            try connection.execute("INSERT INTO t VALUES (1)")
            proxy.arm(cut, at: "COMMIT\u{0}")
            let failure = #expect(throws: PostgresFailure.self) { try connection.commit() }
            #expect(failure?.kind == .away)
            #expect(failure?.inDoubt == true)
            let there = try other.rows("SELECT count(*) AS n FROM t")[0]["n"]
            #expect(there == .integer(cut == .before ? 0 : 1))
        }
    }

    @Test func `a frozen server is away after the answer timeout`() throws {
        try PostgresServer.withSchema({ $0.answerTimeout = .seconds(12) }) { options in
            let connection = try PostgresConnection(options)
            let backend = connection.backend
            try #require(kill(backend, SIGSTOP) == 0, "the tests run as root or as the server's user")
            defer { kill(backend, SIGCONT) }
            // without the limit this would never end
            let failure = #expect(throws: PostgresFailure.self) { try connection.rows("SELECT 1") }
            #expect(failure?.kind == .away)
        }
    }

    @Test func `a statement that runs too long ends alone`() throws {
        var options = try PostgresServer.options()
        options.statementTimeout = .seconds(4)
        let connection = try PostgresConnection(options)
        let failure = #expect(throws: PostgresFailure.self) { try connection.rows("SELECT pg_sleep(100)") }
        #expect(failure?.sqlstate == "57014")
        #expect(try connection.rows("SELECT 1 AS one")[0]["one"] == .integer(1))
    }

    @Test func `a client that froze inside a transaction loses its session and its locks`() throws {
        try PostgresServer.withSchema({ $0.idleInTransactionTimeout = .seconds(5) }) { options in
            let frozen = try PostgresConnection(options)
            let other = try PostgresConnection(options)
            try other.run("CREATE TABLE t (i BIGINT); INSERT INTO t VALUES (1)")
            try frozen.begin(.write)
            try frozen.execute("UPDATE t SET i = 2")
            // waits for the lock until the server has ended the frozen session
            #expect(try other.execute("UPDATE t SET i = 3") == 1)
            let failure = #expect(throws: PostgresFailure.self) { try frozen.commit() }
            #expect(failure?.kind == .away)
            #expect(try other.rows("SELECT i FROM t")[0]["i"] == .integer(3))
        }
    }

    @Test func `of two connections in a deadlock one is told to try again`() async throws {
        let name = "test_deadlock_\(UInt64.random(in: 0...UInt64.max))"
        let keeper = try PostgresServer.connect()
        try keeper.run(
            "CREATE TABLE \(name) (i BIGINT PRIMARY KEY, v BIGINT); INSERT INTO \(name) VALUES (1, 0), (2, 0)")
        defer { try? keeper.run("DROP TABLE \(name)") }
        let options = try PostgresServer.options()
        let meeting = Meeting(of: 2)
        let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
            for (mine, yours) in [(Int64(1), Int64(2)), (2, 1)] {
                group.addTask {
                    try await Sideways.run {
                        let connection = try PostgresConnection(options)
                        try connection.run("SET deadlock_timeout TO '50ms'")
                        try connection.begin(.write)
                        try connection.execute("UPDATE \(name) SET v = v + 1 WHERE i = ?", [.integer(mine)])
                        meeting.arrive()
                        do {
                            try connection.execute("UPDATE \(name) SET v = v + 1 WHERE i = ?", [.integer(yours)])
                            try connection.commit()
                            return "done"
                        } catch let failure as PostgresFailure {
                            connection.rollback()
                            return failure.isTransient ? "again" : "\(failure)"
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.sorted() == ["again", "done"])
        #expect(try keeper.rows("SELECT SUM(v) AS n FROM \(name)")[0]["n"] == .integer(2))
    }

    @Test func `a failed statement makes COMMIT say so`() throws {
        let connection = try PostgresServer.connect()
        try connection.begin(.write)
        #expect(throws: PostgresFailure.self) { try connection.rows("SELECT 1 / 0") }
        let failure = #expect(throws: PostgresFailure.self) { try connection.commit() }
        #expect(failure?.sqlstate == "25P02")
        #expect(failure?.inDoubt == false)
        #expect(!connection.isInTransaction)
    }
}

struct ConnectTests {
    @Test func `a restarted server is there again for a new connection`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-pg-\(UUID().uuidString)").path
        let options = PostgresOptions(try PostgresServer.script("postgres_up '\(folder)'"))
        defer {
            _ = try? PostgresServer.script("postgres_down '\(folder)'")
            try? FileManager.default.removeItem(atPath: folder)
        }
        let first = try PostgresConnection(options)
        try first.run("CREATE TABLE t (i BIGINT)")
        try first.begin(.write)
        try first.execute("INSERT INTO t VALUES (1)")
        try first.commit()
        _ = try PostgresServer.script("postgres_restart '\(folder)'")
        let failure = #expect(throws: PostgresFailure.self) { try first.rows("SELECT i FROM t") }
        #expect(failure?.kind == .away)
        let second = try PostgresConnection(options)
        #expect(try second.rows("SELECT i FROM t")[0]["i"] == .integer(1))
        _ = try PostgresServer.script("postgres_down '\(folder)'")
        let gone = #expect(throws: PostgresFailure.self) { try PostgresConnection(options) }
        #expect(gone?.kind == .away)
    }

    @Test func `a server that accepts and says nothing is away after the connect timeout`() throws {
        let proxy = try CuttingProxy(to: nil)
        defer { proxy.close() }
        var options = PostgresOptions(proxy.conninfo)
        options.connectTimeout = .milliseconds(200)
        let failure = #expect(throws: PostgresFailure.self) { try PostgresConnection(options) }
        #expect(failure?.kind == .away)
    }

    @Test func `an unknown database is refused, and no error shows the password`() throws {
        let options = PostgresOptions(
            try PostgresServer.conninfo().replacing("sakk@", with: "sakk:geheim77@").replacing(
                "/postgres", with: "/nothere"))
        let failure = #expect(throws: PostgresFailure.self) { try PostgresConnection(options) }
        #expect(failure?.kind == .refused)
        #expect(failure.map { "\($0)".contains("geheim77") } == false)
        let broken = #expect(throws: PostgresFailure.self) {
            try PostgresConnection(PostgresOptions("postgresql://u:geheim%zz@h/d"))
        }
        #expect(broken?.kind == .refused)
        #expect(broken.map { "\($0)".contains("geheim") } == false)
    }
}

struct NotificationTests {
    @Test func `what another session notifies is seen, with its payload`() throws {
        let listener = try PostgresServer.connect()
        let channel = "Sakk news \(UInt64.random(in: 0...UInt64.max))"
        try listener.listen(channel)
        let speaker = try PostgresServer.connect()
        try speaker.notify(channel, payload: "queue")
        let notification = try #require(try listener.notification(within: .seconds(10)))
        #expect(notification.channel == channel)
        #expect(notification.payload == "queue")
        #expect(notification.sender == speaker.backend)
        #expect(try listener.notification(within: .zero) == nil)
    }

    @Test func `a wait ends when its waker is woken, and when the server goes`() throws {
        let listener = try PostgresServer.connect()
        let waker = PostgresWaker()
        waker.wake()
        #expect(try listener.notification(within: .seconds(60), waker: waker) == nil)
        #expect(try listener.notification(within: .zero, waker: waker) == nil)
        let other = try PostgresServer.connect()
        try other.execute("SELECT pg_terminate_backend(?::int, 5000)", [.integer(Int64(listener.backend))])
        let failure = #expect(throws: PostgresFailure.self) { try listener.notification(within: .seconds(60)) }
        #expect(failure?.kind == .away)
    }
}
