import Ground
import PostgresClient
import Synchronization

/// A PostgreSQL database, or one schema of it: any number of controllers on any number of hosts share it.
///
/// One connection writes, a few others read, so that a long report never holds up the line. A COMMIT that is answered is
/// on the server's disk; one whose answer never came is `unknown`.
final class PostgresStore: SQLStore {
    let dialect = SQLDialect.postgres
    let source: String
    private let writer: PostgresDesk
    private let readers: [PostgresDesk]
    private let heard: PostgresNews
    /// Transactions that wait or run at each reader.
    private let busy: Mutex<[Int]>

    /// Connects, so that a wrong address or an unsafe server is known at once.
    ///
    /// Errors: `ledger.away`, `ledger.refused`.
    init(_ address: PostgresAddress, patience: Duration = .seconds(10)) async throws(SakkError) {
        let source = "ledger \(address.name)"
        self.source = source
        var writing = address.options
        writing.application = "sakk-write"
        writer = PostgresDesk(writing, source: source, patience: patience)
        var reading = address.options
        reading.application = "sakk-read"
        // a report over millions of rows may take its time
        reading.statementTimeout = max(reading.statementTimeout, .seconds(300))
        reading.answerTimeout = max(reading.answerTimeout, .seconds(310))
        readers = (0..<3).map { _ in PostgresDesk(reading, source: source, patience: patience) }
        busy = Mutex(readers.map { _ in 0 })
        var listening = address.options
        listening.application = "sakk-news"
        heard = PostgresNews(listening)
        try await makeSchema(address.options.schema)
    }

    /// Making a hundred tables takes a busy server longer than a work's lock may be waited for.
    private static let patientLock = "SET LOCAL lock_timeout = '18s'"

    private func makeSchema(_ schema: String?) async throws(SakkError) {
        try await writer.transaction(.write) { session in
            guard let schema else { return }
            try session.execute(Self.patientLock, [])
            try session.execute("SELECT pg_advisory_xact_lock(hashtext('sakk.define.' || ?))", [.text(schema)])
            let known = try session.rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", [.text(schema)])
            let name = schema.replacing("\"", with: "\"\"")
            if known.isEmpty { try session.execute("CREATE SCHEMA \"\(name)\"", []) }
        }
    }

    func write<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value {
        try await writer.transaction(.write, body)
    }

    func read<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value {
        let free = busy.withLock { busy in
            let free = busy.indices.min { busy[$0] < busy[$1] } ?? 0
            busy[free] += 1
            return free
        }
        defer { busy.withLock { $0[free] -= 1 } }
        return try await readers[free].transaction(.snapshot, body)
    }

    func news(_ log: LogID) -> AsyncStream<Void> { heard.stream(of: log) }

    func now() async throws(SakkError) -> Int64 {
        try await read { session in
            let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now"
            guard let row = try session.row(sql) else { throw SQLFailure.shape("now") }
            return try row.integer("now")
        }
    }

    /// Vacuums the tables with personal data. The server may keep old bytes in pages that it has not reused, in its log
    /// and in its backups: what must be gone for certain goes with the key of its approval week.
    func scrub() async throws(SakkError) { try await writer.outside(["VACUUM data_key", "VACUUM payload"]) }

    func define(_ statements: [String]) async throws(SakkError) {
        try await writer.transaction(.write) { session in
            // the second of two that come at once to an empty schema waits here, and finds it made
            try session.execute(Self.patientLock, [])
            try session.execute("SELECT pg_advisory_xact_lock(hashtext('sakk.define.' || current_schema()))", [])
            if let first = statements.first.flatMap(PostgresDialect.tableMade) {
                let there = try session.rows(
                    "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?", [.text(first)])
                guard there.isEmpty else { return }
            }
            for statement in statements { try session.execute(PostgresDialect.translate(statement), []) }
        }
    }
}
