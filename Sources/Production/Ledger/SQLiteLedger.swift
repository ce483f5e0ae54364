import Foundation
import GRDB
public import Ground

/// The ledger in one SQLite file: write-ahead log, `synchronous=FULL`, one connection on a thread of its own. Several
/// processes may open the same file; the epoch of the line decides who may work.
public actor SQLiteLedger: LedgerStore {
    private let thread: DeviceThread
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let database: DatabaseQueue
    let path: String
    let time: any TimeSource
    let vault: RecordVault

    /// Opens the file and makes it when it is not there. `plantKey` (32 bytes) wraps the records' keys.
    ///
    /// Errors: `ledger.unwritable`, `ledger.busy`, `ledger.corrupt`, `ledger.version`, `ledger.key.wrong`.
    public init(path: String, plantKey: consuming SecretBytes, time: any TimeSource) throws(SakkError) {
        self.path = path
        self.time = time
        vault = RecordVault(plantKey: plantKey)
        let source = SQLiteLedger.source(path)
        let check = vault.check
        database = try LedgerFailure.mapping(source: source, outcome: .notDone) {
            try SQLiteLedger.open(path, keyCheck: check)
        }
        thread = DeviceThread(label: "ledger")
    }

    deinit { thread.stop() }

    static func source(_ path: String) -> String { "ledger \(path)" }

    private static func open(_ path: String, keyCheck: Bytes) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.label = "ledger"
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        // GRDB lowers this to NORMAL while it sets up the write-ahead log, so it comes after opening
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try queue.write { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            if version == 0 {
                try db.execute(sql: Schema.statements)
                try db.execute(sql: "INSERT INTO plant_key VALUES (1, ?)", arguments: [keyCheck.data])
            } else if version != Schema.version {
                throw SakkError(
                    "ledger.version", source: source(path),
                    text: "The ledger has format \(version), this program knows \(Schema.version).",
                    remedy: "Run the program that this ledger belongs to.")
            }
            let row = try Row.fetchOne(db, sql: "SELECT digest FROM plant_key")
            guard row?.bytes("digest") == keyCheck else {
                throw SakkError(
                    "ledger.key.wrong", source: source(path), text: "The plant key is not the one of this ledger.",
                    remedy: "Give the key file that was made with the ledger.")
            }
        }
        return queue
    }

    /// Runs `body` in one transaction that is on disk when this returns.
    func write<Value>(_ body: (BooksWriter) throws -> Value) throws(SakkError) -> Value {
        try FaultPoint.pass("ledger.commit.before")
        let value = try LedgerFailure.mapping(source: SQLiteLedger.source(path), outcome: .notDone) {
            try database.write { db in
                try body(BooksWriter(db: db, wall: time.wall(), boot: time.boot(), source: SQLiteLedger.source(path)))
            }
        }
        try FaultPoint.pass("ledger.commit.after")
        return value
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(SakkError) -> Value {
        try LedgerFailure.mapping(source: SQLiteLedger.source(path), outcome: .notDone) { try database.read(body) }
    }
}
