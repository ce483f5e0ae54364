import Foundation
import GRDB
import Ground

/// One SQLite file: write-ahead log, `synchronous=FULL`, one connection on a thread of its own. Several processes may
/// open the same file; the epoch of a line decides who may work.
///
/// A failed write or fsync closes the store for good: what the page cache then holds is not known, so nothing more is
/// written by this process (rule 1; the lesson of fsync errors that are reported once and forgotten).
actor SQLiteStore: SQLStore {
    /// Its own, unless another thread was given.
    private let thread: DeviceThread?
    private nonisolated let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let dialect = SQLDialect.sqlite
    nonisolated let source: String
    private let database: DatabaseQueue
    private let time: any TimeSource
    private var failed: SQLFailure?

    /// `executor` runs its statements, which block; without one it gets a thread of its own.
    init(
        path: String, time: any TimeSource, executor given: (any SerialExecutor)? = nil,
        patience: Duration = .seconds(5)
    ) throws(SakkError) {
        let source = "ledger \(path)"
        self.source = source
        self.time = time
        // with another's thread it is a simulation's: the more checkpoints, the more places to crash in
        let pages = given == nil ? SQLiteStore.checkpointPages : 1000
        database = try LedgerFailure.mapping(source: source) { try SQLiteStore.open(path, pages, patience) }
        let own = given == nil ? DeviceThread(label: "ledger") : nil
        thread = own
        executor = given ?? own ?? DeviceThread(label: "ledger")
    }

    deinit { thread?.stop() }

    /// The write-ahead log is copied back into the file when it has so many pages (32 MB). A commit that does it waits for
    /// the disk two more times; with this number it is one in about four hundred.
    private static let checkpointPages = 8000

    /// The virtual file system that the simulation puts under the file, named in `SAKK_SQLITE_VFS`-like tests by URI.
    private static func open(_ path: String, _ pages: Int, _ patience: Duration) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(Double(patience.components.seconds))
        configuration.foreignKeysEnabled = true
        configuration.label = "ledger"
        return try SQLiteSession.mapping {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                // GRDB lowers this to NORMAL while it sets up the write-ahead log, so it comes after opening
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // a forgotten payload leaves no bytes in free pages
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(pages)")
                let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
                guard level == 2 else {
                    throw SQLFailure(
                        .unwritable, native: .init(kind: "sqlite", value: "synchronous"),
                        detail: "the file cannot be written synchronously")
                }
            }
            return queue
        }
    }

    func write<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value {
        if let failed { throw LedgerFailure.describe(failed, source: source) }
        do {
            return try transaction { db in
                let session = SQLiteSession(db: db)
                let value = try body(session)
                // COMMIT, which comes next
                try session.injected()
                return value
            }
        } catch {
            let failure = (error as? DatabaseError).map { SQLiteSession.failure($0) } ?? (error as? SQLFailure)
            if let failure, failure.kind == .unwritable || failure.kind == .corrupt { failed = failure }
            throw LedgerFailure.words(error, source: source)
        }
    }

    func read<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value {
        try LedgerFailure.mapping(source: source) {
            try snapshot { db in try body(SQLiteSession(db: db, mayWrite: false)) }
        }
    }

    func now() async throws(SakkError) -> Int64 { time.wall().microseconds }

    func scrub() async throws(SakkError) {
        // secure_delete has zeroed the pages; the log still holds the old ones
        try LedgerFailure.mapping(source: source) {
            try SQLiteSession.mapping { try outside { db in _ = try db.checkpoint(.truncate) } }
        }
    }

    func define(_ statements: [String]) async throws(SakkError) {
        try LedgerFailure.mapping(source: source) {
            try SQLiteSession.mapping {
                try transaction { db in
                    // the second of two that come at once finds it made
                    if let first = statements.first.flatMap(PostgresDialect.tableMade), try db.tableExists(first) {
                        return
                    }
                    for statement in statements {
                        try SQLiteSession(db: db).injected()
                        try db.execute(sql: statement)
                    }
                }
            }
        }
    }

    // the synchronous forms: the thread is the store's own and may block
    private func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value { try database.write(body) }
    private func outside<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction(body)
    }
    /// Not the connection's own `read`: its `PRAGMA query_only` throws away every prepared statement, twice each time.
    /// `SQLiteSession` refuses statements that change something instead.
    private func snapshot<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction { db in
            try db.beginTransaction(.deferred)
            do {
                let value = try body(db)
                try db.commit()
                return value
            } catch {
                try? db.rollback()
                throw error
            }
        }
    }
}
