/// What the server or the way to it reports. Never a value, never a password: `detail` is made of SQLSTATEs and of the
/// names of tables, columns and constraints; the server's own words are kept only for classes that quote no data.
public struct PostgresFailure: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not reachable, cut, shut down, or silent for longer than the answer timeout. The connection is closed.
        case away
        /// The server answered with an error; `sqlstate` says which.
        case server
        /// The server is there and turns this client down: password, role, database, unsafe settings.
        case refused
        /// The caller's fault, seen before anything was sent: wrong count of arguments, NUL in a text.
        case misuse
    }
    public let kind: Kind
    /// Five characters (PostgreSQL manual, appendix A); nil when the server said nothing.
    public let sqlstate: String?
    /// The constraint that refused (class 23), if the server named it.
    public let constraint: String?
    public let detail: String
    /// COMMIT was sent and its answer never came: the transaction may be in the books or not.
    public let inDoubt: Bool

    public init(
        _ kind: Kind, sqlstate: String? = nil, constraint: String? = nil, detail: String, inDoubt: Bool = false
    ) {
        self.kind = kind
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.detail = detail
        self.inDoubt = inDoubt
    }

    /// Nothing was done, and the same transaction may well succeed now: deadlock, serialization, lock not available.
    public var isTransient: Bool { sqlstate == "40P01" || sqlstate == "40001" || sqlstate == "55P03" }

    /// The same failure of a transaction whose COMMIT had left.
    public func doubting() -> PostgresFailure {
        PostgresFailure(kind, sqlstate: sqlstate, constraint: constraint, detail: detail, inDoubt: true)
    }

    /// The session is over, whatever the socket still says: connection exceptions, shutdown, crash, start-up, idle
    /// limits (57P05, 25P03).
    static func endsSession(_ sqlstate: String) -> Bool {
        sqlstate.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03"].contains(sqlstate)
    }

    /// Classes whose primary message quotes the statement, roles or settings, and never a value of a column.
    static func mayQuote(_ sqlstate: String) -> Bool {
        ["08", "0A", "25", "26", "28", "34", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX"]
            .contains(String(sqlstate.prefix(2)))
    }
}
