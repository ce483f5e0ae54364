import Ground
import Ledger

/// What the books themselves ask a person for. No numbers of blanks: those are for the blind count to find.
struct BooksAlarmsQuery: LedgerQuery {
    struct Answer: Sendable {
        /// Lines of which blanks lie in quarantine.
        var quarantine: [LineID] = []
        /// The books were taken from a backup, and are not yet compared with what was made since.
        var isReconciling = false
        /// Records that wait for an engineer or a decision, other than those of a backup.
        var heldRecords = 0
        /// When a known request last came with other content.
        var conflict: Int64?
    }

    let lines: [LineID]
    let now: WallTime
    /// How long a refused record is an alarm, in microseconds; so many rows of the queue's journal are looked at.
    private static let day: Int64 = 86_400_000_000
    private static let rows = 2000

    func answer(_ books: BooksReader) throws -> Answer {
        var answer = Answer()
        for line in lines {
            let row = try books.row(
                "SELECT 1 AS n FROM blank WHERE line = ? AND account = 'quarantine' LIMIT 1", [.text(line.rawValue)])
            if row != nil { answer.quarantine.append(line) }
        }
        answer.isReconciling = try books.row("SELECT reconciling FROM meta")?.integer("reconciling") == 1
        answer.heldRecords =
            try books.row(
                """
                SELECT COUNT(*) AS n FROM production
                WHERE state = 'held' AND (reason IS NULL OR reason <> 'ledger.restored')
                """)?.count("n") ?? 0
        answer.conflict = try books.row(
            """
            SELECT MAX(wall) AS wall FROM journal WHERE log = 'queue' AND kind = 'record.conflict' AND wall > ?
            AND seq > (SELECT COALESCE(MAX(seq), 0) FROM journal WHERE log = 'queue') - ?
            """, [.integer(now.microseconds - Self.day), .count(Self.rows)])?.optionalInteger("wall")
        return answer
    }
}
