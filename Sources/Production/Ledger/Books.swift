import Foundation
public import Ground
public import Stations

/// The books of the plant, in SQLite or PostgreSQL.
///
/// Every change is a journal row first; the tables follow from the rows (`Projector`), and the schema's constraints keep
/// the rules (DESIGN 2).
public final class Books: LedgerStore {
    let store: any SQLStore
    let vault: RecordVault
    let time: any TimeSource
    /// Whose hand these books are in; nil for a program's own work.
    let acting: Acting?

    /// What the books are for: a simulation refuses a plant's books, and a plant a simulation's.
    public enum Purpose: String, Sendable { case plant, simulation }

    init(store: any SQLStore, keys: any WeekKeys, time: any TimeSource) {
        self.store = store
        vault = RecordVault(keys: keys)
        self.time = time
        acting = nil
    }

    init(store: any SQLStore, vault: RecordVault, time: any TimeSource, acting: Acting) {
        self.store = store
        self.vault = vault
        self.time = time
        self.acting = acting
    }

    /// Opens the books and makes them when they are not there. `url` is `postgresql://…` or the path of a file.
    ///
    /// `executor` runs the statements of a file, which block; without one the file gets a thread of its own. `patience` is how
    /// long a file is waited for that another program writes to; a server's is part of its address.
    ///
    /// Errors: `ledger.unwritable`, `ledger.busy`, `ledger.corrupt`, `ledger.away`, `ledger.version`,
    /// `ledger.key.wrong`, `ledger.purpose`.
    public static func open(
        _ url: String, keys: any WeekKeys, time: any TimeSource, purpose: Purpose = .plant,
        executor: (any SerialExecutor)? = nil, patience: Duration = .seconds(5)
    ) async throws(SakkError) -> Books {
        let store = try await Books.store(url, time: time, executor: executor, patience: patience)
        let books = Books(store: store, keys: keys, time: time)
        try await books.prepare(purpose)
        return books
    }

    static func store(
        _ url: String, time: any TimeSource, executor: (any SerialExecutor)? = nil,
        patience: Duration = .seconds(5)
    ) async throws(SakkError) -> any SQLStore {
        if PostgresAddress.isOne(url) { return try await PostgresStore(PostgresAddress(url)) }
        return try SQLiteStore(path: url, time: time, executor: executor, patience: patience)
    }

    func prepare(_ purpose: Purpose) async throws(SakkError) {
        let source = store.source
        // the vault is set up with the books and never later: a new one could not open the records of old books
        let isNew = try await !hasTables()
        if isNew { try vault.keys.prepare() }
        let check = try vault.keys.check
        if isNew {
            try await store.define(Schema.statements + Schema.guards(store.dialect))
        }
        // apart from the tables, because a crash may come in between
        if try await store.read({ session in try session.row("SELECT 1 FROM meta") }) == nil {
            _ = try await store.write { session in
                try session.execute(
                    """
                    INSERT INTO meta (one, version, vault, generation, tick, purpose) VALUES (1, ?, ?, 1, 0, ?)
                    ON CONFLICT DO NOTHING
                    """, [.count(Schema.version), .blob(check), .text(purpose.rawValue)])
            }
        }
        let meta = try await store.read { session in try session.row("SELECT * FROM meta") }
        let version = meta?.optionalInteger("version") ?? 0
        let additions = version == Int64(Schema.version) ? [] : Schema.additions(from: version, store.dialect)
        guard let meta, let additions else {
            throw SakkError(
                "ledger.version", source: source,
                text: "The ledger has another format than this program (\(Schema.version)).",
                remedy: "Run the program that this ledger belongs to.")
        }
        guard meta.optionalText("purpose") == purpose.rawValue else {
            throw SakkError(
                "ledger.purpose", source: source,
                text: "These are books of a \(meta.optionalText("purpose") ?? "?"), not of a \(purpose.rawValue).",
                remedy: "Name another ledger: simulated and real documents never share one.")
        }
        guard meta.optionalBlob("vault") == check else {
            throw SakkError(
                "ledger.key.wrong", source: source, text: "The vault is not the one of this ledger.",
                remedy: "Give the token or key folder that was made with the ledger.")
        }
        // in one transaction, and only by a program that these books belong to
        if !additions.isEmpty { try await store.define(additions) }
    }

    func hasTables() async throws(SakkError) -> Bool {
        let sql =
            store.dialect == .sqlite
            ? "SELECT COUNT(*) AS n FROM sqlite_schema WHERE name = 'meta'"
            : "SELECT COUNT(*) AS n FROM pg_tables WHERE tablename = 'meta' AND schemaname = current_schema()"
        return try await store.read { session in try session.row(sql)?.integer("n") ?? 0 } > 0
    }

    /// Runs `body` in one transaction that is on disk when this returns.
    func write<Value: Sendable>(_ body: @escaping @Sendable (BooksWriter) throws -> Value) async throws(SakkError)
        -> Value
    {
        try FaultPoint.pass("ledger.commit.before")
        let time = time
        let source = store.source
        let acting = acting
        let value = try await store.write { session in
            let books = BooksWriter(
                session: session, wall: time.wall(), boot: time.boot(), source: source,
                acting: acting.map(ActingState.init))
            try books.begin()
            let value = try body(books)
            try books.end()
            return value
        }
        try FaultPoint.pass("ledger.commit.after")
        return value
    }

    public func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer {
        let source = store.source
        return try await store.read { session in
            try query.answer(BooksReader(session: session, source: source))
        }
    }
}
