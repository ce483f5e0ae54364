public import Ground
public import Ledger
import PostgresClient

/// Makes each SQL statement of one short run fail, one in a run of its own: the n-th for every n.
///
/// A run without a fault tells how many there are. On SQLite the disk fails at the statement; on PostgreSQL the way to the
/// server is cut before it, or after a COMMIT whose answer then never comes. The process that meets it goes on, or ends and
/// says why; the next one finds what the books and the machines hold. A judge counts every card after each n.
public struct StatementSweep: Sendable {
    /// One world: documents, cells, profile and seed count, kills do not.
    public var options: SimulationOptions
    /// `postgresql://…` without a schema: each run has one of its own. Nil for disks in memory.
    public var server: String?
    /// From 1; each `every`-th from there on, up to `last` or the end.
    public var first = 1
    public var last: Int?
    public var every = 1
    var wrap: @Sendable (any LedgerStore) -> any LedgerStore = { $0 }

    public init(_ options: SimulationOptions) {
        self.options = options
        self.options.killEvery = 0
    }

    public struct Result: Sendable {
        /// Statements of the run in which none fails.
        public var total = 0
        public var tried = 0
        /// In which nobody had to be started again.
        public var wentOn = 0
        public var balance = Balance()
    }

    /// Errors: `simulation.server` when a schema cannot be dropped.
    public func run(progress: @escaping @Sendable (Result) -> Void = { _ in }) async throws(SakkError) -> Result {
        let counting = FaultInjection(nil)
        var result = Result()
        result.balance = try await world(counting, 0)
        result.total = counting.counts[.sqlStatement] ?? 0
        guard result.balance.breaches == 0 else { return result }
        result.balance = Balance()
        for number in stride(from: first, through: min(last ?? .max, result.total), by: every) {
            let injection = FaultInjection(.sqlStatement, at: number)
            var balance = try await world(injection, number)
            if injection.injected != 1 {
                balance.breaches += 1
                balance.findings.insert("it was never said", at: 0)
            }
            balance.findings = balance.findings.map { "statement \(number): \($0)" }
            result.tried += 1
            if balance.stops.isEmpty { result.wentOn += 1 }
            result.balance.add(balance)
            progress(result)
        }
        return result
    }

    private func world(_ injection: FaultInjection, _ number: Int) async throws(SakkError) -> Balance {
        var run = WorldRun(options: options, seed: options.seed, documents: options.documents)
        run.injection = injection
        run.wrap = wrap
        guard let server else { return await injection.run { await run.run() } }
        let schema = "sweep\(number)"
        try drop(schema)
        run.books = server + (server.contains("?") ? "&" : "?") + "sakk_schema=\(schema)"
        let balance = await injection.run { await run.run() }
        try drop(schema)
        return balance
    }

    private func drop(_ schema: String) throws(SakkError) {
        do {
            try PostgresConnection(PostgresAddress(server ?? "").options).run("DROP SCHEMA IF EXISTS \(schema) CASCADE")
        } catch {
            throw SakkError(
                "simulation.server", source: schema, text: "The schema cannot be dropped: \(error.detail).",
                remedy: "Look at the server.")
        }
    }
}
