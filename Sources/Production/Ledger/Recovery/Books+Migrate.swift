import Foundation
import GRDB
public import Ground
public import Stations

extension Books {
    /// Makes books in this program's format out of older ones: the journal is replayed into new tables, because its rows
    /// never change and all tables but vault, payloads and keys follow from it.
    ///
    /// The old books are closed first: no program opens them any more, and a controller that still has them open is
    /// refused by its epoch. So two ledgers never give out one record. A run that was cut short is repeated; `url` must be
    /// empty. Nothing is held: what was under way is found by recovery, as after a crash.
    /// Errors: `ledger.migrate.occupied`, `ledger.migrate.none`, `ledger.version`, `ledger.key.wrong`,
    /// `ledger.journal.broken`.
    public static func migrate(
        _ old: String, to url: String, keys: any WeekKeys, time: any TimeSource, by actor: String
    ) async throws(SakkError) -> Books {
        let source = Books(store: try await Books.store(old, time: time), keys: keys, time: time)
        let target = Books(store: try await Books.store(url, time: time), keys: keys, time: time)
        guard try await !target.hasTables() else {
            throw SakkError(
                "ledger.migrate.occupied", source: target.store.source, text: "There are books here already.",
                remedy: "Migrate into a new file or schema; the old books stay beside it.")
        }
        let purpose = try await source.close(check: try keys.check)
        let part = NSTemporaryDirectory() + "sakk-migrate-\(UUID().uuidString)"
        defer { for ending in ["", "-journal"] { try? FileManager.default.removeItem(atPath: part + ending) } }
        try await source.replay(into: part)
        try await target.take(part)
        try await target.prepare(purpose)
        _ = try await target.write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            try books.append(
                [JournalEntry("ledger.migrated", [], ["version": .count(Schema.version)])], to: .queue, epoch: 0,
                actor: actor)
        }
        return target
    }

    /// A closed ledger bears its version with a minus: no program takes it for its own.
    private func close(check: Bytes) async throws(SakkError) -> Purpose {
        let source = store.source
        return try await store.write { session in
            guard let meta = try session.row("SELECT * FROM meta"), let version = meta.optionalInteger("version"),
                let purpose = meta.optionalText("purpose").flatMap(Purpose.init(rawValue:))
            else { throw SQLFailure.shape("meta") }
            guard abs(version) < Int64(Schema.version) || version < 0 else {
                let isOurs = version == Int64(Schema.version)
                throw SakkError(
                    isOurs ? "ledger.migrate.none" : "ledger.version", source: source,
                    text: isOurs
                        ? "The ledger has this program's format already."
                        : "The ledger has a newer format (\(version)) than this program (\(Schema.version)).",
                    remedy: isOurs ? "Go on with it." : "Run the program that this ledger belongs to.")
            }
            guard meta.optionalBlob("vault") == check else {
                throw SakkError(
                    "ledger.key.wrong", source: source, text: "The vault is not the one of this ledger.",
                    remedy: "Give the token or key folder that was made with the ledger.")
            }
            try session.execute(
                "UPDATE meta SET version = ?, generation = generation + 1", [.integer(-abs(version))])
            try session.execute(
                """
                UPDATE log SET deadline = 0, host = '',
                  epoch = CASE WHEN epoch = 0 THEN 0 ELSE (SELECT generation FROM meta) * 4294967296 END
                """, [])
            for statement in Books.closing(session.dialect) { try session.execute(statement, []) }
            return purpose
        }
    }

    /// Whoever still has the books open writes nothing more into them: a record that a connector took in here would be
    /// acknowledged and never be made.
    private static func closing(_ dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite:
            [
                """
                CREATE TRIGGER IF NOT EXISTS journal_closed BEFORE INSERT ON journal
                  BEGIN SELECT RAISE(ABORT, 'the books are closed'); END
                """
            ]
        case .postgres:
            [
                """
                CREATE OR REPLACE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  RAISE EXCEPTION 'the books are closed' USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME; END $$
                """,
                """
                CREATE OR REPLACE TRIGGER journal_closed BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION closed()
                """,
            ]
        }
    }

    /// One snapshot of these books, its tables made again from the journal, in a file of its own.
    private func replay(into part: String) async throws(SakkError) {
        let source = store.source
        try await store.read { session in
            try SQLiteSession.mapping {
                let file = try BooksCopy.open(part, readonly: false)
                try file.inDatabase { db in
                    try db.inTransaction {
                        for statement in Schema.statements { try db.execute(sql: statement) }
                        let copy = SQLiteSession(db: db)
                        // logs before rows, rows before what belongs to records
                        let tables = BooksCopy(source: session, target: copy)
                        try tables.copy("log")
                        let verifier = Verifier(session: session, replay: copy, source: source)
                        _ = try verifier.journal()
                        for table in ["journal"] + Schema.kept { try tables.copy(table) }
                        try tables.copy("meta")
                        _ = try copy.execute("UPDATE meta SET version = ?", [.count(Schema.version)])
                        return .commit
                    }
                }
            }
        }
    }

    /// Takes all rows of a file in this program's format into the empty store.
    private func take(_ path: String) async throws(SakkError) {
        let file = try LedgerFailure.mapping(source: path) { try BooksCopy.open(path, readonly: true) }
        let statements = Schema.statements + Schema.guards(store.dialect)
        try await store.define(statements)
        _ = try await store.write { session in
            _ = try SQLiteSession.mapping {
                try file.read { db in try BooksCopy(source: SQLiteSession(db: db), target: session).run() }
            }
            guard session.dialect == .postgres else { return }
            _ = try session.rows("SELECT setval('tick', (SELECT COALESCE(MAX(tick), 0) + 1 FROM journal))", [])
        }
    }
}
