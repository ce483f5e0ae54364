import Foundation
import GRDB
public import Ground

/// What `verify` saw: each log is dense, each leaf is the hash of its row, and the tables are what the journal says.
public struct LedgerVerification: Sendable, Hashable {
    public struct Log: Sendable, Hashable {
        public let log: String
        public let rows: Int64
        /// Merkle tree root over the leaves (RFC 6962, 2.1), to compare with what was written down before.
        public let root: Bytes
    }
    public struct Table: Sendable, Hashable {
        public let table: String
        public let rows: Int
    }
    public let logs: [Log]
    public let tables: [Table]
}

extension Books {
    /// Replays the whole journal into an empty store and compares every derived table with it.
    ///
    /// Errors: `ledger.journal.broken` names the first row that is missing or changed, `ledger.tables.differ` the first
    /// row of a table that the journal does not explain.
    public func verify() async throws(SakkError) -> LedgerVerification {
        let source = store.source
        return try await store.read { session in
            try Verifier.integrity(session, source)
            let replay = try DatabaseQueue(path: "")
            var logs: [LedgerVerification.Log] = []
            var tables: [LedgerVerification.Table] = []
            try replay.inDatabase { db in
                try db.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF")
                try db.inTransaction {
                    for statement in Schema.statements { try db.execute(sql: statement) }
                    let verifier = Verifier(session: session, replay: SQLiteSession(db: db), source: source)
                    logs = try verifier.journal()
                    tables = try verifier.tables()
                    return .rollback
                }
            }
            return LedgerVerification(logs: logs, tables: tables)
        }
    }
}

struct Verifier {
    let session: any SQLSession
    let replay: SQLiteSession
    let source: String

    func journal() throws -> [LedgerVerification.Log] {
        var trees: [String: (rows: Int64, tree: MerkleRoot, epoch: Int64)] = [:]
        let projector = Projector(session: replay, source: source)
        try session.forEach("SELECT * FROM journal ORDER BY tick", []) { answer in
            let row = try JournalRow(answer)
            var log = trees[row.log] ?? (0, MerkleRoot(), 0)
            guard row.seq == log.rows + 1, row.leaf == answer.optionalBlob("leaf") else {
                throw broken("\(row.log)/\(log.rows + 1)")
            }
            log.rows += 1
            log.tree.append(row.leaf)
            log.epoch = max(log.epoch, row.epoch)
            trees[row.log] = log
            let stamp = Stamp(log: row.log, seq: row.seq, epoch: row.epoch, wall: row.wall)
            do {
                try projector.apply(JournalEntry(row), stamp)
            } catch {
                throw broken("\(row.log)/\(row.seq)")
            }
        }
        for answer in try session.rows("SELECT log, seq, epoch FROM log", []) {
            let name = try answer.text("log")
            guard try answer.integer("seq") == trees[name]?.rows ?? 0 else {
                throw broken("\(name)/\((trees[name]?.rows ?? 0) + 1)")
            }
        }
        return trees.sorted { $0.key < $1.key }.map {
            LedgerVerification.Log(log: $0.key, rows: $0.value.rows, root: $0.value.tree.root)
        }
    }

    /// Row by row over the key, and as many rows as the journal gives.
    func tables() throws -> [LedgerVerification.Table] {
        try Schema.derived.map { table, key in
            let columns = key.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let condition = columns.map { "\($0) = ?" }.joined(separator: " AND ")
            var count = 0
            try session.forEach("SELECT * FROM \(table)", []) { row in
                count += 1
                let key = columns.map { row[$0] }
                let derived = try replay.row("SELECT * FROM \(table) WHERE \(condition)", key)
                guard let derived, row.columns.keys.allSatisfy({ derived[$0] == row[$0] }) else {
                    throw differ(table, key)
                }
            }
            let expected = try replay.row("SELECT COUNT(*) AS n FROM \(table)", [])?.count("n")
            guard expected == count else { throw differ(table, [.text("a row is missing")]) }
            return LedgerVerification.Table(table: table, rows: count)
        }
    }

    /// SQLite looks for damaged pages and indexes itself; PostgreSQL checks its pages as it reads them.
    static func integrity(_ session: any SQLSession, _ source: String) throws {
        guard session.dialect == .sqlite else { return }
        let words = try session.rows("PRAGMA integrity_check", []).compactMap { $0.optionalText("integrity_check") }
        guard words == ["ok"] else {
            throw LedgerFailure.describe(
                SQLFailure(
                    .corrupt, native: .init(kind: "sqlite", value: "integrity_check"),
                    detail: words.first ?? "no answer"),
                source: source)
        }
    }

    private func broken(_ subject: String) -> SakkError {
        SakkError(
            "ledger.journal.broken", source: source, subject: subject,
            text: "A row of the journal is missing, was changed, or does not follow from the rows before it.",
            remedy: "Keep the ledger as it is and call the security officer.")
    }

    private func differ(_ table: String, _ key: [SQLValue]) -> SakkError {
        let words = key.map { value -> String in
            switch value {
            case .text(let text): text
            case .integer(let number): "\(number)"
            case .blob(let bytes): bytes.hex
            case .null: "-"
            }
        }
        return SakkError(
            "ledger.tables.differ", source: source, subject: "\(table) \(words.joined(separator: " "))",
            text: "A table holds what the journal does not say.",
            remedy: "Stop the line, keep the ledger as it is and call the security officer.")
    }
}

extension JournalRow {
    init(_ row: SQLRow) throws {
        self.init(
            log: try row.text("log"), seq: try row.integer("seq"), tick: try row.integer("tick"),
            epoch: try row.integer("epoch"), kind: try row.text("kind"), kindVersion: try row.integer("kind_version"),
            wall: try row.integer("wall"), boot: try row.text("boot"), mono: try row.integer("mono"),
            actor: try row.text("actor"), subjects: try row.blob("subjects"), cause: row.optionalInteger("cause"),
            body: try row.blob("body"))
    }
}
