public import Ground

/// What both stores understand. Times are microseconds, counts and flags are integers.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob(Bytes)

    public static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    public static func optional(_ integer: Int64?) -> SQLValue { integer.map(SQLValue.integer) ?? .null }
    public static func optional(_ blob: Bytes?) -> SQLValue { blob.map(SQLValue.blob) ?? .null }
    public static func count(_ integer: Int) -> SQLValue { .integer(Int64(integer)) }
    public static func flag(_ flag: Bool) -> SQLValue { .integer(flag ? 1 : 0) }
}

/// One row of an answer, by column name.
public struct SQLRow: Sendable {
    /// Shared by all rows of one answer.
    public let columns: [String: Int]
    public let values: [SQLValue]

    public init(columns: [String: Int], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// `null` too when there is no such column.
    public subscript(_ column: String) -> SQLValue { columns[column].map { values[$0] } ?? .null }

    public func optionalText(_ column: String) -> String? {
        if case .text(let text) = self[column] { text } else { nil }
    }
    public func optionalInteger(_ column: String) -> Int64? {
        if case .integer(let integer) = self[column] { integer } else { nil }
    }
    public func optionalBlob(_ column: String) -> Bytes? {
        if case .blob(let blob) = self[column] { blob } else { nil }
    }

    // A column that must be there: another type is a damaged store.
    public func text(_ column: String) throws -> String {
        guard let value = optionalText(column) else { throw SQLFailure.shape(column) }
        return value
    }
    public func integer(_ column: String) throws -> Int64 {
        guard let value = optionalInteger(column) else { throw SQLFailure.shape(column) }
        return value
    }
    public func count(_ column: String) throws -> Int { Int(try integer(column)) }
    public func blob(_ column: String) throws -> Bytes {
        guard let value = optionalBlob(column) else { throw SQLFailure.shape(column) }
        return value
    }
}

/// What a store reports, before it is put into words (`LedgerFailure`).
public struct SQLFailure: Error, Sendable {
    public enum Kind: Sendable, Hashable {
        /// A constraint of the schema refused the change.
        case rule
        /// Locked by another program, or a deadlock that was broken: nothing was done.
        case busy
        /// Damaged file or page.
        case corrupt
        /// Disk full, read-only, failed write or fsync.
        case unwritable
        /// The server is not reachable or went away.
        case away
        case other
    }
    public let kind: Kind
    /// For example (`sqlite`, `787`) or (`sqlstate`, `23505`).
    public let native: SakkError.Native
    /// Names tables, columns and constraints; never values.
    public let detail: String
    /// True when the failure came while committing: whether the transaction is in the books is not known.
    public let inDoubt: Bool

    public init(_ kind: Kind, native: SakkError.Native, detail: String, inDoubt: Bool = false) {
        self.kind = kind
        self.native = native
        self.detail = detail
        self.inDoubt = inDoubt
    }

    static func shape(_ column: String) -> SQLFailure {
        SQLFailure(.corrupt, native: .init(kind: "column", value: column), detail: "column \(column) has another type")
    }
}

/// Where the two stores differ in words.
public enum SQLDialect: Sendable, Hashable {
    case sqlite, postgres

    /// Locks the rows that a SELECT returns; SQLite has one writer and needs none.
    public var forUpdate: String { self == .postgres ? " FOR UPDATE" : "" }
    /// As `forUpdate`, and goes past rows that another claim holds.
    public var skipLocked: String { self == .postgres ? " FOR UPDATE SKIP LOCKED" : "" }
}

/// A SELECT and its arguments.
public struct SQLQuestion: Sendable {
    public let sql: String
    public let arguments: [SQLValue]

    public init(_ sql: String, _ arguments: [SQLValue]) {
        self.sql = sql
        self.arguments = arguments
    }
}

/// One connection inside one transaction. Blocking; lives on the store's own thread and is used nowhere else.
///
/// Statements use `?` for each argument in order and are prepared once per connection. Only SQL that both stores
/// understand is written: `ON CONFLICT DO NOTHING`, `RETURNING`, partial indexes, `COALESCE`, `CASE`, CTEs.
/// Throws `SQLFailure`.
public protocol SQLSession {
    var dialect: SQLDialect { get }
    /// The number of rows changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
    /// As `execute`, for a statement whose answer nobody waits for: a store on a server sends it with the next question.
    /// `check` sees the number of rows changed before the transaction can be committed.
    func later(_ sql: String, _ arguments: [SQLValue], _ check: ((Int) throws -> Void)?) throws
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
    /// Answers to questions that do not need each other's, in their order: a store on a server is waited for once.
    func answers(to questions: [SQLQuestion]) throws -> [[SQLRow]]
    /// Row by row, for answers that do not fit into memory.
    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws
}

extension SQLSession {
    func later(_ sql: String, _ arguments: [SQLValue]) throws { try later(sql, arguments, nil) }
    func answers(to questions: [SQLQuestion]) throws -> [[SQLRow]] {
        try questions.map { try rows($0.sql, $0.arguments) }
    }
    func row(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLRow? { try rows(sql, arguments).first }
}

/// A store that runs transactions. Errors are `SakkError`s in the words of `LedgerFailure`.
protocol SQLStore: Sendable {
    var dialect: SQLDialect { get }
    /// Names the store in errors; no password.
    var source: String { get }
    /// One transaction, on disk when this returns. A failure that leaves the outcome open says `unknown`.
    func write<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value
    /// One snapshot.
    func read<Value: Sendable>(_ body: @Sendable (any SQLSession) throws -> Value) async throws(SakkError) -> Value
    /// The store's own clock in UTC microseconds: deadlines of leases are judged by it.
    func now() async throws(SakkError) -> Int64
    /// Removes what deleted rows left behind, as far as the store can: free pages, write-ahead log.
    func scrub() async throws(SakkError)
    /// Runs DDL statements outside of any prepared form, in one transaction.
    func define(_ statements: [String]) async throws(SakkError)
    /// A hint that somebody may have committed to the log.
    func news(_ log: LogID) -> AsyncStream<Void>
}
