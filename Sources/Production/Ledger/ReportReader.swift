import Foundation
import GRDB
import Ground
import Stations

/// Reads report values from rows.
struct ReportReader {
    let db: Database

    func attempts(_ selection: Selection) throws -> [AttemptReport] {
        let (condition, argument): (String, String) =
            switch selection {
            case .line(let line): ("line = ?", line.rawValue)
            case .live(let line):
                (
                    "line = ? AND state IN ('claimed','bound','encoded','verified','printed','passed','held','unknown')",
                    line.rawValue
                )
            case .production(let production): ("production = ?", production.rawValue)
            case .attempt(let attempt): ("attempt = ?", attempt.rawValue)
            case .chip(let chip): ("chip = ?", chip.rawValue)
            }
        return try Row.fetchAll(
            db, sql: "SELECT * FROM attempt WHERE \(condition) ORDER BY started, attempt", arguments: [argument]
        ).map { try attempt($0) }
    }

    func attempt(_ row: Row) throws -> AttemptReport {
        let id: String = row["attempt"]
        let blankRow = try (row["blank"] as String?).flatMap {
            try Row.fetchOne(db, sql: "SELECT * FROM blank WHERE blank = ?", arguments: [$0])
        }
        let steps = try Row.fetchAll(
            db,
            sql: """
                SELECT i.*, r.outcome, r.facts AS result_facts FROM intent i LEFT JOIN result r ON r.intent = i.id
                WHERE i.attempt = ? ORDER BY i.id
                """, arguments: [id]
        ).map { step in
            let outcome: String? = step["outcome"]
            return StepReport(
                key: try key(step), epoch: step["epoch"], intendedAt: WallTime(microseconds: step["wall"]),
                facts: step.object("facts"), outcome: outcome.flatMap { SakkError.Outcome(rawValue: $0) },
                resultFacts: outcome == nil ? [:] : step.object("result_facts"))
        }
        let sodHash = (row["sod_hash"] as Data?).map { Bytes($0) }
        return AttemptReport(
            attempt: AttemptID(id), production: ProductionID(row["production"] as String), number: row["number"],
            line: LineID(row["line"] as String), cell: CellID(row["cell"] as String), epoch: row["epoch"],
            state: AttemptState(rawValue: row["state"]) ?? .unknown, reason: row["reason"],
            blank: try blankRow.map { try blank($0) }, chip: (row["chip"] as String?).map { ChipIdentity($0) },
            sodHash: sodHash, death: (row["death"] as String?).flatMap { ChipDeath(rawValue: $0) },
            startedAt: WallTime(microseconds: row["started"]),
            endedAt: (row["ended"] as Int64?).map { WallTime(microseconds: $0) }, steps: steps)
    }

    func key(_ row: Row) throws -> StepKey {
        guard let step = Step(rawValue: row["step"]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown step word")
        }
        return StepKey(AttemptID(row["attempt"] as String), step, try: row["try"])
    }

    func blank(_ row: Row) throws -> BlankReport {
        guard let account = Account(rawValue: row["account"]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown account word")
        }
        return BlankReport(
            blank: BlankID(row["blank"] as String), account: account,
            chip: (row["chip"] as String?).map { ChipIdentity($0) },
            exit: (row["exit"] as String?).flatMap { CardExit(rawValue: $0) }, place: row["place"],
            reason: row["reason"], attempt: (row["attempt"] as String?).map { AttemptID($0) })
    }

    func record(_ row: Row) throws -> RecordReport {
        let production = ProductionID(row["production"] as String)
        let unbound = try Row.fetchAll(
            db,
            sql: """
                SELECT b.* FROM blank b JOIN attempt a ON a.attempt = b.attempt
                WHERE a.production = ? AND NOT EXISTS (SELECT 1 FROM attempt o WHERE o.blank = b.blank)
                ORDER BY b.ordinal
                """, arguments: [production.rawValue]
        ).map { try blank($0) }
        return RecordReport(
            production: production, requestID: row["request"], state: RecordState(rawValue: row["state"]) ?? .held,
            reason: row["reason"], priorityClass: row["priority_class"],
            attempts: try attempts(.production(production)), unboundBlanks: unbound)
    }

    /// Each record counts once: unknown before held before its own state.
    func totals(_ condition: String, _ argument: String) throws -> BatchTotals {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) AS records,
                  SUM(live IS 'unknown') AS unknown,
                  SUM(live IS NOT 'unknown' AND state = 'produced') AS good,
                  SUM(live IS NOT 'unknown' AND (state = 'held' OR live IS 'held')) AS held,
                  SUM(state = 'queued') AS waiting,
                  SUM(state = 'claimed' AND live IS NOT 'unknown' AND live IS NOT 'held') AS working
                FROM (SELECT p.state, (SELECT a.state FROM attempt a WHERE a.production = p.production AND a.state IN
                  ('claimed','bound','encoded','verified','printed','passed','held','unknown')) AS live
                  FROM production p WHERE \(condition))
                """, arguments: [argument])
        let spoiled = try Int.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) FROM blank b JOIN attempt a ON a.attempt = b.attempt
                JOIN production p ON p.production = a.production
                WHERE b.account IN ('spoiled','destroyed') AND \(condition)
                """, arguments: [argument])
        var totals = BatchTotals()
        totals.records = row?["records"] ?? 0
        totals.unknown = row?["unknown"] ?? 0
        totals.good = row?["good"] ?? 0
        totals.held = row?["held"] ?? 0
        totals.waiting = row?["waiting"] ?? 0
        totals.inWork = row?["working"] ?? 0
        totals.spoiled = spoiled ?? 0
        return totals
    }

    func accounts(_ rows: [Row]) -> [Account: Int] {
        var counts: [Account: Int] = [:]
        for row in rows {
            if let account = Account(rawValue: row["account"]) { counts[account] = row["n"] }
        }
        return counts
    }

    static func journal(_ row: Row) -> JournalRow {
        JournalRow(
            log: row["log"], seq: row["seq"], epoch: row["epoch"], kind: row["kind"], kindVersion: row["kind_version"],
            wall: row["wall"], boot: row["boot"], mono: row["mono"], actor: row["actor"],
            subjects: row.bytes("subjects"), cause: row["cause"], body: row.bytes("body"))
    }
}
