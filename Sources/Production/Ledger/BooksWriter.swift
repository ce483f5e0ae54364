import Ground

/// Writes journal rows and the tables that follow from them, inside one transaction.
struct BooksWriter {
    let session: any SQLSession
    let wall: WallTime
    let boot: BootTime
    let source: String
    let heads = Heads()
    /// The person in whose hand these books are (`Books.acting`).
    var acting: ActingState?

    var projector: Projector { Projector(session: session, source: source) }

    /// Appends the entries in order and applies each. Numbers are dense within the log, because they are assigned under
    /// the lock of the log's row; ticks are assigned after the tables' rows are locked, so that they order rows of
    /// different logs that touch the same thing.
    @discardableResult
    func append(_ entries: [JournalEntry], to log: LogID, epoch: Int64, actor: String) throws -> Int64 {
        guard !entries.isEmpty else { return 0 }
        let last = try counted(entries.count, in: log)
        let first = last - Int64(entries.count) + 1
        for (index, entry) in entries.enumerated() {
            try acting?.check(entry, projector)
            try projector.apply(
                entry, Stamp(log: log.rawValue, seq: first + Int64(index), epoch: epoch, wall: wall.microseconds))
        }
        let ticks = try ticks(entries.count)
        let rows = zip(entries, ticks).enumerated().map { index, row in
            let (entry, tick) = row
            return JournalRow(
                log: log.rawValue, seq: first + Int64(index), tick: tick, epoch: epoch, kind: entry.kind,
                kindVersion: entry.version, wall: wall.microseconds, boot: boot.boot, mono: boot.microseconds,
                actor: actor, subjects: JSONValue.array(entry.subjects.map(JSONValue.string)).canonical,
                cause: entry.cause, body: JSONValue.object(entry.body).canonical)
        }
        for start in stride(from: 0, to: rows.count, by: BooksWriter.rowsAtOnce) {
            try insert(rows[start..<min(rows.count, start + BooksWriter.rowsAtOnce)])
        }
        return last
    }

    /// The last of so many numbers of the log. Where this transaction holds the log's row, it knows them already.
    private func counted(_ count: Int, in log: LogID) throws -> Int64 {
        guard let known = heads.last[log] else {
            let row = try session.row(
                "UPDATE log SET seq = seq + ? WHERE log = ? RETURNING seq", [.count(count), .text(log.rawValue)])
            guard let last = try row?.integer("seq") else {
                throw projector.rule("There is no such log.", log.rawValue)
            }
            heads.last[log] = last
            return last
        }
        let last = known + Int64(count)
        heads.last[log] = last
        try projector.one(
            "UPDATE log SET seq = ? WHERE log = ?", [.integer(last), .text(log.rawValue)],
            else: "There is no such log.", log.rawValue)
        return last
    }

    /// Rising numbers, taken after the tables' rows are locked.
    private func ticks(_ count: Int) throws -> [Int64] {
        if session.dialect == .sqlite {
            let row = try session.row("UPDATE meta SET tick = tick + ? RETURNING tick", [.count(count)])
            let last = try row?.integer("tick") ?? 0
            return (0..<Int64(count)).map { last - Int64(count) + 1 + $0 }
        }
        return try session.rows("SELECT nextval('tick') AS tick FROM generate_series(1, ?)", [.count(count)])
            .map { try $0.integer("tick") }.sorted()
    }

    /// More rows than a card's transaction has; each number of rows is a statement that is prepared once.
    private static let rowsAtOnce = 8

    private func insert(_ rows: ArraySlice<JournalRow>) throws {
        let places = Array(repeating: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", count: rows.count).joined(separator: ",")
        try session.later(
            """
            INSERT INTO journal (log, seq, tick, epoch, kind, kind_version, wall, boot, mono, actor, subjects, cause,
              body, leaf) VALUES \(places)
            """,
            rows.flatMap { row -> [SQLValue] in
                [
                    .text(row.log), .integer(row.seq), .integer(row.tick), .integer(row.epoch), .text(row.kind),
                    .integer(row.kindVersion), .integer(row.wall), .text(row.boot), .integer(row.mono),
                    .text(row.actor), .blob(row.subjects), .optional(row.cause), .blob(row.body), .blob(row.leaf),
                ]
            })
    }

    /// The log's row; made on first use with epoch 0.
    func ensure(_ log: LogID) throws {
        try session.execute(
            """
            INSERT INTO log (log, epoch, seq, holder, host, deadline) VALUES (?, 0, 0, '', '', 0)
            ON CONFLICT (log) DO NOTHING
            """, [.text(log.rawValue)])
    }

    /// Locks the log: on a store with many writers nobody else appends to it until this transaction ends.
    func epoch(of log: LogID) throws -> Int64 {
        let row = try session.row(
            "SELECT epoch, seq FROM log WHERE log = ?\(session.dialect.forUpdate)", [.text(log.rawValue)])
        heads.last[log] = try row?.integer("seq")
        return try row?.integer("epoch") ?? 0
    }

    /// The last numbers of the logs whose rows this transaction holds.
    final class Heads {
        var last: [LogID: Int64] = [:]
    }

    func fence(_ lease: Lease) throws {
        guard try epoch(of: LogID(lease.line)) == lease.epoch else { throw BooksWriter.stale(lease.line, source) }
    }

    static func stale(_ line: LineID, _ source: String) -> SakkError {
        SakkError(
            "ledger.epoch.stale", source: source, subject: line.rawValue,
            text: "Another controller has taken this line over; nothing more is done here.",
            remedy: "Find out which controller should run the line and stop the other one.")
    }
}
