import Ground
import Stations

/// Reads report values from rows.
struct ReportReader {
    let books: BooksReader

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
        return try books.rows(
            "SELECT * FROM attempt WHERE \(condition) ORDER BY started, attempt", [.text(argument)]
        ).map { try attempt($0) }
    }

    func attempt(_ row: SQLRow) throws -> AttemptReport {
        let id = try row.text("attempt")
        let blankRow = try row.optionalText("blank").flatMap {
            try books.row("SELECT * FROM blank WHERE blank = ?", [.text($0)])
        }
        let steps = try books.rows(
            """
            SELECT i.*, r.outcome, r.facts AS result_facts FROM intent i
            LEFT JOIN result r ON r.attempt = i.attempt AND r.step = i.step AND r.try = i.try
            WHERE i.attempt = ? ORDER BY i.seq
            """, [.text(id)]
        ).map { step in
            let outcome = step.optionalText("outcome")
            return StepReport(
                key: try key(step), epoch: try step.integer("epoch"),
                intendedAt: WallTime(microseconds: try step.integer("wall")), facts: object(step, "facts"),
                outcome: outcome.flatMap { SakkError.Outcome(rawValue: $0) },
                resultFacts: outcome == nil ? [:] : object(step, "result_facts"))
        }
        return AttemptReport(
            attempt: AttemptID(id), production: ProductionID(try row.text("production")),
            number: try row.count("number"), line: LineID(try row.text("line")), cell: CellID(try row.text("cell")),
            epoch: try row.integer("epoch"), state: AttemptState(rawValue: try row.text("state")) ?? .unknown,
            reason: row.optionalText("reason"), blank: try blankRow.map { try blank($0) },
            chip: row.optionalText("chip").map { ChipIdentity($0) }, sodHash: row.optionalBlob("sod_hash"),
            death: row.optionalText("death").flatMap { ChipDeath(rawValue: $0) },
            startedAt: WallTime(microseconds: try row.integer("started")),
            endedAt: row.optionalInteger("ended").map { WallTime(microseconds: $0) }, steps: steps)
    }

    /// Canonical JSON that this ledger wrote.
    func object(_ row: SQLRow, _ column: String) -> [String: JSONValue] {
        row.optionalBlob(column).flatMap { try? JSONValue(parsing: $0).object } ?? [:]
    }

    func key(_ row: SQLRow) throws -> StepKey {
        guard let step = Step(rawValue: try row.text("step")) else { throw SQLFailure.shape("step") }
        return StepKey(AttemptID(try row.text("attempt")), step, try: try row.count("try"))
    }

    func blank(_ row: SQLRow) throws -> BlankReport {
        guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
        return BlankReport(
            blank: BlankID(try row.text("blank")), account: account,
            hopper: row.optionalText("hopper").map { CellID($0) },
            chip: row.optionalText("chip").map { ChipIdentity($0) },
            exit: row.optionalText("exit").flatMap { CardExit(rawValue: $0) },
            place: row.optionalInteger("place").map { Int($0) }, reason: try row.text("reason"),
            attempt: row.optionalText("attempt").map { AttemptID($0) }, number: row.optionalText("number"))
    }

    func record(_ row: SQLRow) throws -> RecordReport {
        let production = ProductionID(try row.text("production"))
        let unbound = try books.rows(
            """
            SELECT b.* FROM blank b JOIN attempt a ON a.attempt = b.attempt
            WHERE a.production = ? AND NOT EXISTS (SELECT 1 FROM attempt o WHERE o.blank = b.blank)
            ORDER BY b.ordinal, b.blank
            """, [.text(production.rawValue)]
        ).map { try blank($0) }
        return RecordReport(
            production: production, requestID: try row.text("request"),
            state: RecordState(rawValue: try row.text("state")) ?? .held, reason: row.optionalText("reason"),
            priorityClass: try row.text("class"), attempts: try attempts(.production(production)),
            unboundBlanks: unbound)
    }

    /// Each record counts once: unknown before held before its own state. `condition` names columns of `production p`.
    func totals(_ condition: String, _ arguments: [SQLValue]) throws -> BatchTotals {
        let row = try books.row(
            """
            SELECT COUNT(*) AS records,
              COUNT(CASE WHEN COALESCE(live, '') = 'unknown' THEN 1 END) AS unknown,
              COUNT(CASE WHEN COALESCE(live, '') <> 'unknown' AND state = 'produced' THEN 1 END) AS good,
              COUNT(CASE WHEN COALESCE(live, '') <> 'unknown' AND (state = 'held' OR COALESCE(live, '') = 'held')
                THEN 1 END) AS held,
              COUNT(CASE WHEN state = 'queued' THEN 1 END) AS waiting,
              COUNT(CASE WHEN state = 'withdrawn' THEN 1 END) AS withdrawn,
              COUNT(CASE WHEN state = 'claimed' AND COALESCE(live, '') NOT IN ('unknown', 'held') THEN 1 END) AS working
            FROM (SELECT p.state, (SELECT a.state FROM attempt a WHERE a.production = p.production AND a.state IN
              ('claimed','bound','encoded','verified','printed','passed','held','unknown')) AS live
              FROM production p WHERE \(condition)) AS each
            """, arguments)
        let spoiled = try books.row(
            """
            SELECT COUNT(*) AS n FROM blank b JOIN attempt a ON a.attempt = b.attempt
            JOIN production p ON p.production = a.production
            WHERE b.account IN ('spoiled','destroyed') AND \(condition)
            """, arguments)
        var totals = BatchTotals()
        try count(shipped: &totals, condition, arguments)
        totals.records = try row?.count("records") ?? 0
        totals.unknown = try row?.count("unknown") ?? 0
        totals.good = try row?.count("good") ?? 0
        totals.held = try row?.count("held") ?? 0
        totals.waiting = try row?.count("waiting") ?? 0
        totals.inWork = try row?.count("working") ?? 0
        totals.withdrawn = try row?.count("withdrawn") ?? 0
        totals.spoiled = try spoiled?.count("n") ?? 0
        return totals
    }

    private func count(shipped totals: inout BatchTotals, _ condition: String, _ arguments: [SQLValue]) throws {
        let rows = try books.rows(
            """
            SELECT q.state, COUNT(*) AS n FROM parcel q JOIN production p ON p.production = q.production
            WHERE \(condition) GROUP BY q.state
            """, arguments)
        for row in rows {
            let count = try row.count("n")
            switch ParcelWord(rawValue: try row.text("state")) {
            case .enveloped, .boxed: totals.packed += count
            case .dispatched, .atPlace, .withCourier: totals.dispatched += count
            case .delivered: totals.delivered += count
            case .returned, .withdrawn: totals.returned += count
            case .lost: totals.lost += count
            case .released, .destroyed, nil: continue
            }
        }
    }

    func accounts(_ rows: [SQLRow]) throws -> [Account: Int] {
        var counts: [Account: Int] = [:]
        for row in rows {
            if let account = Account(rawValue: try row.text("account")) { counts[account] = try row.count("n") }
        }
        return counts
    }
}
