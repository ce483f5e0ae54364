import Ground
import PostgresClient

/// A connection inside one transaction, in the words of `SQLSession`.
struct PostgresSession: SQLSession {
    let connection: PostgresConnection
    var dialect: SQLDialect { .postgres }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try PostgresSession.mapping { try connection.execute(sql, arguments.map(\.postgres)) }
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try PostgresSession.mapping { try connection.rows(sql, arguments.map(\.postgres)).map(SQLRow.init) }
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try PostgresSession.mapping {
            try connection.forEach(sql, arguments.map(\.postgres)) { try body(SQLRow($0)) }
        }
    }

    static func mapping<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let failure as PostgresFailure {
            throw SQLFailure(failure)
        }
    }
}

extension SQLValue {
    fileprivate var postgres: PostgresValue {
        switch self {
        case .null: .null
        case .integer(let integer): .integer(integer)
        case .text(let text): .text(text)
        case .blob(let blob): .blob(blob)
        }
    }

    fileprivate init(_ value: PostgresValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let integer): .integer(integer)
            case .text(let text): .text(text)
            case .blob(let blob): .blob(blob)
            }
    }
}

extension SQLRow {
    fileprivate init(_ row: PostgresRow) {
        self.init(columns: row.columns, values: row.values.map(SQLValue.init))
    }
}

extension SQLFailure {
    init(_ failure: PostgresFailure) {
        let state = failure.sqlstate ?? ""
        let kind: Kind =
            switch failure.kind {
            case .away, .refused: .away
            case .misuse: .other
            case .server: SQLFailure.kind(of: state)
            }
        self.init(
            kind, native: .init(kind: "sqlstate", value: state.isEmpty ? "none" : state),
            detail: kind == .rule ? failure.constraint ?? failure.detail : failure.detail, inDoubt: failure.inDoubt)
    }

    /// PostgreSQL manual, appendix A.
    private static func kind(of sqlstate: String) -> Kind {
        switch sqlstate {
        // disk full, I/O error, read-only transaction (a standby), no privilege
        case "53100", "58030", "25006", "42501": .unwritable
        case "XX001", "XX002": .corrupt
        // lock not available, statement ended by its timeout
        case "55P03", "57014": .busy
        case _ where sqlstate.hasPrefix("23"): .rule
        case _ where sqlstate.hasPrefix("40"): .busy
        default: .other
        }
    }
}
