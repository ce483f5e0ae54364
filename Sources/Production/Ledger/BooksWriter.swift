import GRDB
import Ground
import Stations

/// Writes journal rows and the tables that follow from them, inside one transaction.
struct BooksWriter {
    let db: Database
    let wall: WallTime
    let boot: BootTime
    let source: String

    /// Appends one row and returns its number: dense within the log, because it is assigned inside the transaction.
    @discardableResult
    func journal(
        _ log: LineID, epoch: Int64, actor: String, kind: String, subjects: [String], cause: Int64? = nil,
        body: [String: JSONValue]
    ) throws -> Int64 {
        let last = try Int64.fetchOne(db, sql: "SELECT MAX(seq) FROM journal WHERE log = ?", arguments: [log.rawValue])
        let row = JournalRow(
            log: log.rawValue, seq: (last ?? 0) + 1, epoch: epoch, kind: kind, wall: wall.microseconds,
            boot: boot.boot, mono: boot.microseconds, actor: actor,
            subjects: JSONValue.array(subjects.map(JSONValue.string)).canonical, cause: cause,
            body: JSONValue.object(body).canonical)
        try db.execute(
            sql: "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            arguments: [
                row.log, row.seq, row.epoch, row.kind, row.kindVersion, row.wall, row.boot, row.mono, row.actor,
                row.subjects.data, row.cause, row.body.data, row.leaf.data,
            ])
        return row.seq
    }

    /// A change that did not find what it must change: the books and the caller disagree.
    func rule(_ text: String, _ subject: String) -> SakkError {
        SakkError(
            "ledger.rule", source: source, subject: subject, text: text,
            remedy: "Stop the line and call the engineer: the books and the machine disagree.")
    }

    /// Executes and insists that exactly one row changed.
    func one(_ sql: String, _ arguments: StatementArguments, else text: String, _ subject: String) throws {
        try db.execute(sql: sql, arguments: arguments)
        guard db.changesCount == 1 else { throw rule(text, subject) }
    }

    func epoch(of line: LineID) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT epoch FROM line WHERE line = ?", arguments: [line.rawValue])
    }

    /// The line's row; made on first use with epoch 0 and in the state that PackML asks for after power-up.
    func ensure(_ line: LineID) throws {
        try db.execute(
            sql: """
                INSERT INTO line (line, epoch, holder, state, text, remedy, since)
                VALUES (?, 0, '', 'aborted', 'Never started.', '', ?) ON CONFLICT (line) DO NOTHING
                """, arguments: [line.rawValue, wall.microseconds])
    }
}
