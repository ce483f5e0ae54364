public import Ground
import Stations

/// Books of a simulation, made as large as a plant's are after years: what is in them is copied again and again under
/// other names, with its journal rows, by the store itself. For measuring only: the copies bear the hashes of their
/// originals, so `verify` finds such books changed, and nobody can open a copied record.
///
/// The pattern is the work of one line; its log and those of the plant grow without gaps.
public struct GrownBooks: Sendable {
    private let store: any SQLStore
    /// Copies that were made.
    private var copies = 0
    /// Logs of the pattern, and the rows that it has of each.
    private let logs: [String: Int64]
    /// The ticks of the pattern: first and last.
    private let ticks: ClosedRange<Int64>
    /// Records of the pattern.
    public let documents: Int

    /// Takes what is in the books now for the pattern; `ledger.purpose` in a plant's books.
    public init(_ books: Books) async throws(SakkError) {
        store = books.store
        let source = books.store.source
        try await books.store.read { session in
            guard try session.row("SELECT purpose FROM meta")?.text("purpose") == Books.Purpose.simulation.rawValue
            else {
                throw SakkError(
                    "ledger.purpose", source: source, text: "A benchmark does not run in a plant's books.",
                    remedy: "Name another ledger.")
            }
        }
        try await store.define(
            GrownBooks.tables.map { "CREATE TABLE grown_\($0.name) AS SELECT * FROM \($0.name)" })
        (logs, ticks, documents) = try await store.read { session in
            let logs = try session.rows("SELECT log, MAX(seq) AS n FROM grown_journal GROUP BY log", [])
            let tick = try session.row("SELECT MIN(tick) AS low, MAX(tick) AS high FROM grown_journal")
            let low = tick?.optionalInteger("low") ?? 0
            return (
                try Dictionary(uniqueKeysWithValues: logs.map { (try $0.text("log"), try $0.integer("n")) }),
                low...(tick?.optionalInteger("high") ?? low),
                try session.row("SELECT COUNT(*) AS n FROM grown_production")?.count("n") ?? 0
            )
        }
    }

    /// Copies until so many records are there, those of the pattern counted.
    public mutating func grow(to wanted: Int, told: (Int) -> Void = { _ in }) async throws(SakkError) {
        while documents > 0, documents * (copies + 1) < wanted {
            try await grow()
            told(documents * (copies + 1))
        }
    }

    /// One more copy of the pattern, in one transaction.
    public mutating func grow() async throws(SakkError) {
        copies += 1
        let (number, logs, ticks) = (copies, logs, ticks)
        _ = try await store.write { session in
            var bases: [String: Int64] = [:]
            for (log, count) in logs.sorted(by: { $0.key < $1.key }) {
                let row = try session.row(
                    "UPDATE log SET seq = seq + ? WHERE log = ? RETURNING seq", [.integer(count), .text(log)])
                bases[log] = (try row?.integer("seq") ?? 0) - count
            }
            var tick: Int64 = 0
            if session.dialect == .sqlite {
                let count = ticks.upperBound - ticks.lowerBound + 1
                let row = try session.row("UPDATE meta SET tick = tick + ? RETURNING tick", [.integer(count)])
                tick = (try row?.integer("tick") ?? 0) - ticks.upperBound
            }
            // what has no column for its log belongs to the line's
            let line = bases.first { !LogID(rawValue: $0.key).isPlant }
            for table in GrownBooks.tables {
                for (log, base) in table.hasLog ? Array(bases) : [(line?.key ?? "", line?.value ?? 0)] {
                    try table.copy(number, log, base: base, tick: tick, session)
                }
            }
        }
    }

    /// Tells the server how large the tables are now, as it finds out by itself in a plant that grows slowly. A file
    /// needs nothing.
    public func settle() async throws(SakkError) {
        guard store.dialect == .postgres else { return }
        _ = try await store.write { session in try session.execute("ANALYZE", []) }
    }

    /// Rows of the whole journal; its logs have no gaps.
    public var journalRows: Int64 {
        get async throws(SakkError) {
            try await store.read { session in
                try session.row("SELECT CAST(SUM(seq) AS BIGINT) AS n FROM log")?.integer("n") ?? 0
            }
        }
    }

    private struct Table {
        let name: String
        let columns: String
        /// `@` stands for the copy's name, `~` for what its rows' numbers begin after, `^` for what its dates are later
        /// by, `%` for its ticks.
        let values: String
        var hasLog = false

        func copy(_ number: Int, _ log: String, base: Int64, tick: Int64, _ session: any SQLSession) throws {
            let digits = String(number)
            let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "/"
            var sql = ""
            var arguments: [SQLValue] = []
            for character in values {
                switch character {
                case "@":
                    sql += "? || "
                    arguments.append(.text(name))
                case "~":
                    sql += "? + "
                    arguments.append(.integer(base))
                case "^":
                    sql += "? + "
                    arguments.append(.integer(Int64(number) * 1_000_000_000))
                case "%" where session.dialect == .postgres: sql += "nextval('tick')"
                case "%":
                    sql += "? + tick"
                    arguments.append(.integer(tick))
                default: sql.append(character)
                }
            }
            if hasLog { arguments.append(.text(log)) }
            try session.execute(
                "INSERT INTO \(self.name) (\(columns)) SELECT \(sql) FROM grown_\(self.name)"
                    + (hasLog ? " WHERE log = ?" : ""), arguments)
        }
    }

    /// In the order that foreign keys ask for.
    private static let tables = [
        Table(
            name: "batch", columns: "batch, authority, product, received",
            values: "@batch, authority, product, received"),
        Table(
            name: "production",
            columns: """
                production, batch, authority, request, product, stock, digest, class, approved, due, office, governorate,
                remake, state, reason, since
                """,
            values: """
                @production, @batch, authority, @request, product, stock, digest, class, ^approved, ^due, office,
                governorate, remake, state, reason, since
                """),
        Table(
            name: "blank",
            columns: """
                blank, stock, lot, ordinal, line, account, hopper, chip, attempt, reason, number, exit, place, cell
                """,
            values: """
                @blank, stock, lot, ordinal, line, account, hopper, @chip, @attempt, reason, @number, exit, place, cell
                """),
        Table(
            name: "attempt",
            columns: """
                attempt, production, number, line, cell, epoch, state, reason, blank, chip, engraved, sod_hash, death,
                started, ended
                """,
            values: """
                @attempt, @production, number, line, cell, epoch, state, reason, @blank, @chip, @engraved, sod_hash,
                death, started, ended
                """),
        Table(name: "genealogy", columns: "attempt, key, value", values: "@attempt, key, value"),
        Table(
            name: "movement", columns: "log, seq, blank, from_account, to_account, reason, attempt, wall",
            values: "log, ~seq, @blank, from_account, to_account, reason, @attempt, wall", hasLog: true),
        Table(
            name: "intent", columns: "attempt, step, try, line, cell, epoch, seq, wall, facts, open",
            values: "@attempt, step, try, line, cell, epoch, ~seq, wall, facts, open"),
        Table(
            name: "result", columns: "attempt, step, try, outcome, seq, wall, facts",
            values: "@attempt, step, try, outcome, ~seq, wall, facts"),
        Table(
            name: "journal",
            columns: """
                log, seq, tick, epoch, kind, kind_version, wall, boot, mono, actor, subjects, cause, body, leaf
                """,
            values: """
                log, ~seq, %, epoch, kind, kind_version, wall, boot, mono, actor, subjects, ~cause, body, leaf
                """, hasLog: true),
    ]
}
