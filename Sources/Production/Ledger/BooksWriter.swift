import Ground

/// Writes journal rows and the tables that follow from them, inside one transaction.
struct BooksWriter {
    let session: any SQLSession
    let wall: WallTime
    let boot: BootTime
    let source: String
    /// The person in whose hand these books are (`Books.acting`).
    var acting: ActingState?

    var projector: Projector { Projector(session: session, source: source) }

    /// Appends the entries in order and applies each. Numbers are dense within the log, because they are assigned under
    /// the lock of the log's row; ticks are assigned after the tables' rows are locked, so that they order rows of
    /// different logs that touch the same thing.
    @discardableResult
    func append(_ entries: [JournalEntry], to log: LogID, epoch: Int64, actor: String) throws -> Int64 {
        guard !entries.isEmpty else { return 0 }
        let count = SQLValue.count(entries.count)
        guard
            let last = try session.row(
                "UPDATE log SET seq = seq + ? WHERE log = ? RETURNING seq", [count, .text(log.rawValue)]
            )?.optionalInteger("seq")
        else { throw projector.rule("There is no such log.", log.rawValue) }
        var seq = last - Int64(entries.count)
        var tick: Int64 = 0
        if session.dialect == .sqlite {
            let row = try session.row("UPDATE meta SET tick = tick + ? RETURNING tick", [count])
            tick = (try row?.integer("tick") ?? 0) - Int64(entries.count)
        }
        for entry in entries {
            seq += 1
            try acting?.check(entry, projector)
            try projector.apply(
                entry, Stamp(log: log.rawValue, seq: seq, epoch: epoch, wall: wall.microseconds))
            if session.dialect == .sqlite {
                tick += 1
            } else {
                tick = try session.row("SELECT nextval('tick') AS tick")?.integer("tick") ?? 0
            }
            try insert(entry, log, seq: seq, tick: tick, epoch: epoch, actor: actor)
        }
        return seq
    }

    private func insert(
        _ entry: JournalEntry, _ log: LogID, seq: Int64, tick: Int64, epoch: Int64, actor: String
    ) throws {
        let row = JournalRow(
            log: log.rawValue, seq: seq, tick: tick, epoch: epoch, kind: entry.kind, wall: wall.microseconds,
            boot: boot.boot, mono: boot.microseconds, actor: actor,
            subjects: JSONValue.array(entry.subjects.map(JSONValue.string)).canonical, cause: entry.cause,
            body: JSONValue.object(entry.body).canonical)
        try session.execute(
            """
            INSERT INTO journal (log, seq, tick, epoch, kind, kind_version, wall, boot, mono, actor, subjects, cause,
              body, leaf) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            [
                .text(row.log), .integer(row.seq), .integer(row.tick), .integer(row.epoch), .text(row.kind),
                .integer(row.kindVersion), .integer(row.wall), .text(row.boot), .integer(row.mono), .text(row.actor),
                .blob(row.subjects), .optional(row.cause), .blob(row.body), .blob(row.leaf),
            ])
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
            "SELECT epoch FROM log WHERE log = ?\(session.dialect.forUpdate)", [.text(log.rawValue)])
        return try row?.integer("epoch") ?? 0
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
