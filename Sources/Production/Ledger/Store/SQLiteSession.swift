import Foundation
import GRDB
import Ground

/// GRDB's connection inside one transaction, in the words of `SQLSession`.
struct SQLiteSession: SQLSession {
    let db: Database
    /// False inside a snapshot: a statement that would change something is refused.
    var mayWrite = true
    var dialect: SQLDialect { .sqlite }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try SQLiteSession.mapping {
            try injected()
            let statement = try prepared(sql)
            try statement.execute(arguments: SQLiteSession.bound(arguments))
            return db.changesCount
        }
    }

    func later(_ sql: String, _ arguments: [SQLValue], _ check: ((Int) throws -> Void)?) throws {
        let changed = try execute(sql, arguments)
        try check?(changed)
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try forEach(sql, arguments) { rows.append($0) }
        return rows
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try SQLiteSession.mapping {
            try injected()
            let statement = try prepared(sql)
            let names = Dictionary(statement.columnNames.enumerated().map { ($1, $0) }) { first, _ in first }
            let cursor = try Row.fetchCursor(statement, arguments: SQLiteSession.bound(arguments))
            while let row = try cursor.next() {
                try body(SQLRow(columns: names, values: row.databaseValues.map(SQLiteSession.value)))
            }
        }
    }

    private func prepared(_ sql: String) throws -> Statement {
        let statement = try db.cachedStatement(sql: sql)
        guard mayWrite || statement.isReadonly else {
            throw SQLFailure(
                .other, native: .init(kind: "sqlite", value: "8"), detail: "a snapshot changes nothing")
        }
        return statement
    }

    /// As if the disk failed here.
    func injected() throws {
        guard FaultInjection.fails(.sqlStatement) else { return }
        throw SQLFailure(.unwritable, native: .init(kind: "sqlite", value: "10"), detail: "disk I/O error")
    }

    private static func bound(_ arguments: [SQLValue]) -> StatementArguments {
        StatementArguments(
            arguments.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .null: nil
                case .integer(let integer): integer
                case .text(let text): text
                case .blob(let bytes): Data(bytes)
                }
            })
    }

    private static func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let integer): .integer(integer)
        case .double(let number): .integer(Int64(number))
        case .string(let text): .text(text)
        case .blob(let data): .blob(Bytes(data))
        }
    }

    static func mapping<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw failure(error)
        }
    }

    static func failure(_ error: DatabaseError, inDoubt: Bool = false) -> SQLFailure {
        let kind: SQLFailure.Kind =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_IOERR, .SQLITE_FULL: .unwritable
            case .SQLITE_CONSTRAINT: .rule
            default: .other
            }
        return SQLFailure(
            kind, native: .init(kind: "sqlite", value: "\(error.extendedResultCode.rawValue)"),
            detail: error.message ?? "no words", inDoubt: inDoubt)
    }
}
