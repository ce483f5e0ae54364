public import Ground
import PostgresClient
import Records

/// A registry's table or view in PostgreSQL: one row a record, with a growing `bigint` id, the signed record (`bytea`) and
/// the time of our acknowledgement, which is null until we set it.
///
/// Ids are given before transactions commit, so a lower id may appear behind a higher one. Therefore a page begins a
/// window below the cursor, and the first page after a start begins at the beginning: rows that were acknowledged are
/// left out by the table itself, rows that come twice by the ledger. An index on id where the acknowledgement is null
/// makes that cheap.
public actor TableSource: RecordSource {
    /// Names in the registry. Each is a plain identifier, the table with its schema if need be; they are quoted as they
    /// stand, so case counts.
    public struct Table: Sendable, Hashable {
        public var name: String
        public var id = "id"
        public var record = "cms"
        /// `timestamptz`, set to the server's `now()` for taken and refused rows alike.
        public var acknowledged = "acknowledged_at"
        /// `text`, set to the code of a refusal; nil: the table has no place for it.
        public var refusal: String?

        public init(_ name: String) { self.name = name }
    }

    public nonisolated let name: String
    private let options: PostgresOptions
    private let table: Table
    private let window: Int64
    private let pageRecords: Int
    private let thread: DeviceThread
    private var connection: PostgresConnection?
    private var swept = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - database: a libpq connection string, without password (`.pgpass`, a client certificate or a service file has it).
    ///   - window: how many ids below the cursor are looked at again.
    ///   - pageRecords: 1 to 1000.
    public init(name: String, database: String, table: Table, window: Int64 = 10_000, pageRecords: Int = 100) {
        self.name = name
        options = PostgresOptions(database)
        self.table = table
        self.window = window
        self.pageRecords = pageRecords
        thread = DeviceThread(label: "table \(name)")
    }

    deinit { thread.stop() }

    public func pull(after cursor: String?) async throws(SakkError) -> SourcePage {
        let place = cursor.flatMap(Place.init) ?? Place(highest: .min, last: .min)
        let (floor, below) = place.highest.subtractingReportingOverflow(window)
        let start = swept && !below ? floor : .min
        let sql = """
            SELECT \(quoted(table.id)) AS id, \(quoted(table.record)) AS cms FROM \(quoted(table.name))
            WHERE \(quoted(table.acknowledged)) IS NULL AND \(quoted(table.id)) > ?
            ORDER BY \(quoted(table.id)) LIMIT ?
            """
        let rows = try connected { connection throws(PostgresFailure) in
            try connection.rows(sql, [.integer(start), .integer(Int64(pageRecords))])
        }
        var items: [SourceItem] = []
        var next = place
        for row in rows {
            guard case .integer(let id) = row["id"] else {
                throw failure(
                    "source.table.id", "The column `\(table.id)` is not a whole number.", "Name another column.")
            }
            // a row without a record is refused, not a page to be stopped at for ever
            let content = if case .blob(let bytes) = row["cms"] { bytes } else { Bytes() }
            items.append(SourceItem(id: String(id), content: content))
            next = Place(highest: max(next.highest, id), last: id)
        }
        let more = rows.count == pageRecords
        if !more { swept = true }
        return SourcePage(items: items, next: items.isEmpty ? cursor : next.text, more: more)
    }

    public func acknowledge(_ acknowledgement: Acknowledgement) async throws(SakkError) {
        let mark = "\(quoted(table.acknowledged)) = now()"
        let which = "WHERE \(quoted(table.id)) = ? AND \(quoted(table.acknowledged)) IS NULL"
        try connected { connection throws(PostgresFailure) in
            try connection.begin(.write)
            do throws(PostgresFailure) {
                for verdict in acknowledgement.verdicts {
                    guard let id = Int64(verdict.id) else { continue }
                    if let refusal = table.refusal, !verdict.isTaken {
                        let code = verdict.refused.first?.code.rawValue ?? "record.refused"
                        _ = try connection.execute(
                            "UPDATE \(quoted(table.name)) SET \(mark), \(quoted(refusal)) = ? \(which)",
                            [.text(code), .integer(id)])
                    } else {
                        _ = try connection.execute("UPDATE \(quoted(table.name)) SET \(mark) \(which)", [.integer(id)])
                    }
                }
                try connection.commit()
            } catch {
                connection.rollback()
                throw error
            }
        }
    }

    /// Where the list was read to: the highest id ever seen, and the last id of the last page. The second makes a page of
    /// late ids differ from the one before it.
    private struct Place {
        let highest: Int64
        let last: Int64

        init(highest: Int64, last: Int64) {
            self.highest = highest
            self.last = last
        }

        init?(_ text: String) {
            let parts = text.split(separator: ":").compactMap { Int64($0) }
            guard parts.count == 2 else { return nil }
            self.init(highest: parts[0], last: parts[1])
        }

        var text: String { "\(highest):\(last)" }
    }

    /// One connection is kept; a dead one is replaced at the next use.
    private func connected<Value>(
        _ body: (PostgresConnection) throws(PostgresFailure) -> Value
    ) throws(SakkError) -> Value {
        do throws(PostgresFailure) {
            let open = if let connection, connection.isOpen { connection } else { try PostgresConnection(options) }
            connection = open
            return try body(open)
        } catch {
            throw told(error)
        }
    }

    private func told(_ error: PostgresFailure) -> SakkError {
        var told: SakkError
        switch error.kind {
        case .away:
            told = failure(
                "source.table.away", "The registry's database does not answer.",
                "Check network and server; it is tried again.")
            if error.inDoubt { told.outcome = .unknown }
        case .refused:
            told = failure(
                "source.table.refused", "The registry's database turns us down: \(error.detail).",
                "Check user, database and certificates with the keeper of the registry.")
        case .server where error.isTransient:
            told = failure("source.table.busy", "The registry's database is busy.", "It is tried again.")
        case .server, .misuse:
            told = failure(
                "source.table.statement", "The registry's database refuses the statement: \(error.detail).",
                "Check the names of table and columns, and the rights to read the table and update two of its columns.")
        }
        if let state = error.sqlstate { told.native = SakkError.Native(kind: "sqlstate", value: state) }
        return told
    }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: name, text: text, remedy: remedy)
    }

    private func quoted(_ name: String) -> String {
        name.split(separator: ".").map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ".")
    }
}
