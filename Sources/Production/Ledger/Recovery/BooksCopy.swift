import Foundation
import Glibc
import GRDB
public import Ground

/// Copies books from one store to another, row by row from one snapshot: a backup is a SQLite file whatever store it was
/// taken from, and is restored into either.
struct BooksCopy {
    static var tables: [String] {
        ["meta", "log"] + Schema.derived.map(\.table) + Schema.kept + ["journal"]
    }

    let source: any SQLSession
    let target: any SQLSession

    /// The number of rows.
    func run() throws -> Int {
        try BooksCopy.tables.reduce(0) { count, table in try count + copy(table) }
    }

    /// The number of rows.
    @discardableResult
    func copy(_ table: String) throws -> Int {
        guard try sourceHas(table) else { return 0 }
        var count = 0
        var insert: (sql: String, columns: [String])?
        try source.forEach("SELECT * FROM \(table)", []) { row in
            let statement = insert ?? BooksCopy.statement(table, row)
            insert = statement
            try target.execute(statement.sql, statement.columns.map { row[$0] })
            count += 1
        }
        return count
    }

    /// A backup of an older format has fewer tables.
    private func sourceHas(_ table: String) throws -> Bool {
        guard source.dialect == .sqlite else { return true }
        return try source.row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", [.text(table)]) != nil
    }

    private static func statement(_ table: String, _ row: SQLRow) -> (sql: String, columns: [String]) {
        let columns = row.columns.keys.sorted()
        let marks = columns.map { _ in "?" }.joined(separator: ",")
        return ("INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))", columns)
    }

    /// A file of its own without a write-ahead log beside it.
    static func open(_ path: String, readonly: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = true
        return try SQLiteSession.mapping { try DatabaseQueue(path: path, configuration: configuration) }
    }
}

extension Books {
    /// Writes one snapshot of the books into a new file. The file is whole or not there: written beside, synced, renamed.
    ///
    /// It holds the records as they are in the books, sealed; without the vault nobody reads them. Returns the number of
    /// rows. Errors: `ledger.backup.exists`, `ledger.unwritable`.
    @discardableResult
    public func backup(to path: String) async throws(SakkError) -> Int {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw SakkError(
                "ledger.backup.exists", source: path, text: "There is a file of this name already.",
                remedy: "Give the backup a name of its own.")
        }
        let part = path + ".part"
        try? FileManager.default.removeItem(atPath: part)
        let dialect = SQLDialect.sqlite
        let rows = try await store.read { session in
            try SQLiteSession.mapping {
                let file = try BooksCopy.open(part, readonly: false)
                return try file.inDatabase { db in
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    var rows = 0
                    try db.inTransaction {
                        for statement in Schema.statements { try db.execute(sql: statement) }
                        rows = try BooksCopy(source: session, target: SQLiteSession(db: db)).run()
                        for statement in Schema.guards(dialect) { try db.execute(sql: statement) }
                        return .commit
                    }
                    return rows
                }
            }
        }
        try DurableRename.rename(part, to: path)
        return rows
    }
}

/// Write, sync, rename, sync the folder: after a power cut the file is whole or not there.
enum DurableRename {
    static func rename(_ part: String, to path: String) throws(SakkError) {
        guard sync(part, O_RDWR), !FaultInjection.fails(.fileRename), Glibc.rename(part, path) == 0,
            sync(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY)
        else {
            throw SakkError(
                "ledger.unwritable", source: path, native: .init(kind: "errno", value: "\(errno)"),
                text: "The file cannot be made durable.", remedy: "Check the disk; the file is not to be relied on.")
        }
    }

    private static func sync(_ path: String, _ flags: Int32) -> Bool {
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return !FaultInjection.fails(.fileSync) && fsync(descriptor) == 0
    }
}
