import GRDB
public import Ground
import Stations

extension SQLiteLedger {
    public func openIntents(_ line: LineID) async throws(SakkError) -> [OpenIntent] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM intent WHERE line = ? AND open = 1 ORDER BY id", arguments: [line.rawValue]
            ).map { row in
                OpenIntent(
                    key: try ReportReader(db: db).key(row), cell: CellID(row["cell"] as String), epoch: row["epoch"],
                    seq: row["seq"], facts: .object(row.object("facts")))
            }
        }
    }

    public func attempts(_ selection: Selection) async throws(SakkError) -> [AttemptReport] {
        try read { db in try ReportReader(db: db).attempts(selection) }
    }

    public func blanks(_ selection: BlankSelection) async throws(SakkError) -> [BlankReport] {
        let (condition, arguments): (String, StatementArguments) =
            switch selection {
            case .account(let line, let account, let limit):
                ("line = ? AND account = ? ORDER BY ordinal, blank LIMIT ?", [line.rawValue, account.rawValue, limit])
            case .chip(let chip): ("chip = ?", [chip.rawValue])
            case .blank(let blank): ("blank = ?", [blank.rawValue])
            }
        return try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM blank WHERE \(condition)", arguments: arguments)
                .map { try ReportReader(db: db).blank($0) }
        }
    }

    public func status(_ line: LineID) async throws(SakkError) -> LineStatus {
        try read { db in
            let reader = ReportReader(db: db)
            let row = try Row.fetchOne(db, sql: "SELECT * FROM line WHERE line = ?", arguments: [line.rawValue])
            let state = (row?["state"] as String?).flatMap { PackMLState(word: $0) }
            let batches = try String.fetchAll(
                db, sql: "SELECT batch FROM batch WHERE line = ? ORDER BY received, batch", arguments: [line.rawValue])
            let blanks = try Row.fetchAll(
                db, sql: "SELECT account, COUNT(*) AS n FROM blank WHERE line = ? GROUP BY account",
                arguments: [line.rawValue])
            let open = try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM intent WHERE line = ? AND open = 1", arguments: [line.rawValue])
            return LineStatus(
                line: line, epoch: row?["epoch"] ?? 0, state: state ?? .aborted, code: row?["code"],
                text: row?["text"] ?? "Never started.", remedy: row?["remedy"] ?? "",
                since: WallTime(microseconds: row?["since"] ?? 0),
                totals: try reader.totals("p.line = ?", line.rawValue), blanks: reader.accounts(blanks),
                batches: batches.map { BatchID($0) }, live: try reader.attempts(.live(line)), openIntents: open ?? 0)
        }
    }

    public func batchReport(_ batch: BatchID) async throws(SakkError) -> BatchReport {
        let source = SQLiteLedger.source(path)
        return try read { db in
            let reader = ReportReader(db: db)
            let row = try Row.fetchOne(db, sql: "SELECT * FROM batch WHERE batch = ?", arguments: [batch.rawValue])
            guard let row else {
                throw SakkError(
                    "ledger.batch.unknown", source: source, subject: batch.rawValue,
                    text: "There is no such batch in this ledger.", remedy: "See `sakk status` for the batches.")
            }
            let records = try Row.fetchAll(
                db, sql: "SELECT * FROM production WHERE batch = ? ORDER BY priority, approved, production",
                arguments: [batch.rawValue]
            ).map { try reader.record($0) }
            let attempts = records.flatMap(\.attempts)
            let blanks = records.flatMap { $0.attempts.compactMap(\.blank) + $0.unboundBlanks }
            return BatchReport(
                batch: batch, authority: row["authority"], product: row["product"], line: LineID(row["line"] as String),
                receivedAt: WallTime(microseconds: row["received"]), startedAt: attempts.map(\.startedAt).min(),
                endedAt: attempts.compactMap(\.endedAt).max(), records: records,
                totals: try reader.totals("p.batch = ?", batch.rawValue),
                blanks: Dictionary(grouping: blanks, by: \.account).mapValues(\.count))
        }
    }

    public func verifyJournal() async throws(SakkError) -> JournalVerification {
        let source = SQLiteLedger.source(path)
        return try read { db in
            let names = try String.fetchAll(db, sql: "SELECT DISTINCT log FROM journal ORDER BY log")
            return JournalVerification(
                logs: try names.map { name in
                    var tree = MerkleRoot()
                    var expected: Int64 = 1
                    let rows = try Row.fetchCursor(
                        db, sql: "SELECT * FROM journal WHERE log = ? ORDER BY seq", arguments: [name])
                    while let row = try rows.next() {
                        let leaf = row.bytes("leaf")
                        guard row["seq"] == expected, ReportReader.journal(row).leaf == leaf else {
                            throw SakkError(
                                "ledger.journal.broken", source: source, subject: "\(name)/\(expected)",
                                text: "A row of the journal is missing or was changed.",
                                remedy: "Keep the file as it is and call the security officer.")
                        }
                        tree.append(leaf)
                        expected += 1
                    }
                    return JournalVerification.Log(log: name, rows: expected - 1, root: tree.root)
                })
        }
    }
}

extension SQLiteLedger {
    /// Journal mode and level of synchronisation of the writer as SQLite reports them: `wal/2` is write-ahead log, FULL.
    public func durability() throws(SakkError) -> String {
        try read { db in
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? ""
            let level = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
            return "\(mode)/\(level)"
        }
    }
}
