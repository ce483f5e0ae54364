/// How to reach a server, and how long to wait for it.
public struct PostgresOptions: Sendable {
    /// A libpq connection string, `postgresql://user@host/db` or `host=... dbname=...`. May hold a password: never shown.
    public var conninfo: String
    /// The whole search path when set, so that a missing table is never found elsewhere; made by the caller, not here.
    public var schema: String?
    public var application = "sakk"
    /// The whole of one attempt to connect, address look-up excepted.
    public var connectTimeout: Duration = .seconds(5)
    /// The server ends a statement after this (`statement_timeout`); zero is never.
    public var statementTimeout: Duration = .seconds(20)
    /// Silence of the server after which it counts as away: longer than the statement timeout, for frozen hosts.
    public var answerTimeout: Duration = .seconds(30)
    /// `lock_timeout` (SQLSTATE 55P03).
    public var lockTimeout: Duration = .seconds(5)
    /// The server ends the session of a client that froze inside a transaction, so that its locks do not stop a plant.
    public var idleInTransactionTimeout: Duration = .seconds(10)
    /// Prepared statements kept per connection; the one unused for longest goes.
    public var statementLimit = 256
    /// Refuses a server whose COMMIT is not on disk: `fsync` or `full_page_writes` off. Off only for benches.
    public var demandsDurability = true

    public init(_ conninfo: String) { self.conninfo = conninfo }
}
