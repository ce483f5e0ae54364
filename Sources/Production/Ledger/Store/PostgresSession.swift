import Ground
import PostgresClient

/// A connection inside one transaction, in the words of `SQLSession`.
///
/// BEGIN, and statements that nobody waits for, leave with the next question: each wait for the server costs more than
/// most statements do.
final class PostgresSession: SQLSession {
    private let connection: PostgresConnection
    private var waiting: [Waiting]
    /// The server has begun the transaction; until then nothing of it has been done.
    private(set) var isBegun = false
    var dialect: SQLDialect { .postgres }

    private struct Waiting {
        let question: PostgresQuestion
        /// Of the number of rows changed; nil where any will do.
        let check: ((Int) throws -> Void)?
    }

    init(_ connection: PostgresConnection, _ mode: PostgresConnection.Mode) {
        self.connection = connection
        waiting = [Waiting(question: PostgresQuestion(mode.rawValue), check: nil)]
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int { try ask(sql, arguments)?.affected ?? 0 }

    func later(_ sql: String, _ arguments: [SQLValue], _ check: ((Int) throws -> Void)?) throws {
        waiting.append(Waiting(question: PostgresQuestion(sql, arguments.map(\.postgres)), check: check))
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try ask(sql, arguments)?.rows.map(SQLRow.init) ?? []
    }

    func answers(to questions: [SQLQuestion]) throws -> [[SQLRow]] {
        let asked = questions.map { PostgresQuestion($0.sql, $0.arguments.map(\.postgres)) }
        return try PostgresSession.mapping { try flush(then: asked).map { $0.rows.map(SQLRow.init) } }
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try flush()
        try PostgresSession.mapping {
            try injected()
            try connection.forEach(sql, arguments.map(\.postgres)) { try body(SQLRow($0)) }
        }
    }

    /// On disk when this returns. A failure in doubt says so; any other means that nothing was done.
    func commit() throws {
        // what fails before the server has begun can be said again, and what is looked at may refuse: COMMIT comes after
        if !isBegun || waiting.contains(where: { $0.check != nil }) { try flush() }
        do {
            guard try flush(then: [PostgresQuestion("COMMIT")]).last?.tag == "COMMIT" else {
                throw PostgresFailure(.server, sqlstate: "25P02", detail: "a statement of the transaction had failed")
            }
            // once more: it is done, and nobody heard of it
            try injected()
        } catch let failure as PostgresFailure {
            throw SQLFailure(failure.kind == .away ? failure.doubting() : failure)
        }
    }

    private func ask(_ sql: String, _ arguments: [SQLValue]) throws -> PostgresReply? {
        try PostgresSession.mapping { try flush(then: [PostgresQuestion(sql, arguments.map(\.postgres))]).last }
    }

    private func flush() throws { try PostgresSession.mapping { _ = try flush(then: []) } }

    /// The answers to the questions; those to what waited are looked at here.
    private func flush(then questions: [PostgresQuestion]) throws -> ArraySlice<PostgresReply> {
        let sent = waiting
        waiting = []
        let all = sent.map(\.question) + questions
        for _ in all { try injected() }
        let answers = try connection.exchange(all)
        isBegun = true
        for (reply, waiting) in zip(answers.replies, sent) { try waiting.check?(reply.affected) }
        if let failure = answers.failure { throw failure }
        return answers.replies.dropFirst(sent.count)
    }

    /// As if the way to the server were cut here.
    private func injected() throws(PostgresFailure) {
        guard FaultInjection.fails(.sqlStatement) else { return }
        connection.close()
        throw PostgresFailure(.away, detail: "the connection was cut")
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
