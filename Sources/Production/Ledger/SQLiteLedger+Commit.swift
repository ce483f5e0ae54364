import GRDB
public import Ground
import Stations

extension SQLiteLedger {
    public func takeOver(_ line: LineID, by holder: String) async throws(SakkError) -> Int64 {
        try write { books in
            try books.ensure(line)
            let epoch = (try books.epoch(of: line) ?? 0) + 1
            try books.db.execute(
                sql: "UPDATE line SET epoch = ?, holder = ? WHERE line = ?",
                arguments: [epoch, holder, line.rawValue])
            try books.journal(
                line, epoch: epoch, actor: holder, kind: "line.taken", subjects: [line.rawValue],
                body: ["epoch": .integer(epoch)])
            return epoch
        }
    }

    public func claim(line: LineID, epoch: Int64, cell: CellID, product: String, by actor: String)
        async throws(SakkError) -> Claim?
    {
        try write { books in
            try books.fence(line, epoch)
            if let left = try books.untouched(line, cell) {
                try books.db.execute(
                    sql: "UPDATE attempt SET epoch = ? WHERE attempt = ?",
                    arguments: [epoch, left.attempt.rawValue])
                return left
            }
            let row = try Row.fetchOne(
                books.db,
                sql: """
                    SELECT production, request, product, batch,
                      (SELECT COUNT(*) FROM attempt a WHERE a.production = production.production) AS attempts
                    FROM production WHERE state = 'queued' AND line = ? AND product = ?
                    ORDER BY remake DESC, priority, approved, production LIMIT 1
                    """, arguments: [line.rawValue, product])
            guard let row else { return nil }
            let production = ProductionID(row["production"] as String)
            let number = (row["attempts"] as Int) + 1
            let claim = Claim(
                production: production, attempt: AttemptID(production, try: number), requestID: row["request"],
                product: row["product"], batch: BatchID(row["batch"] as String), number: number)
            try books.begin(claim, line, epoch, cell, actor)
            return claim
        }
    }

    public func commit(_ transition: Transition) async throws(SakkError) {
        let late = try write { books -> Bool in
            if try books.epoch(of: transition.line) != transition.epoch {
                try books.keepLate(transition)
                return true
            }
            for change in transition.changes { try books.apply(change, transition) }
            return false
        }
        if late { throw SQLiteLedger.stale(transition.line, SQLiteLedger.source(path)) }
    }

    static func stale(_ line: LineID, _ source: String) -> SakkError {
        SakkError(
            "ledger.epoch.stale", source: source, subject: line.rawValue,
            text: "Another controller has taken this line over; nothing more is done here.",
            remedy: "Find out which controller should run the line and stop the other one.")
    }
}

extension BooksWriter {
    func fence(_ line: LineID, _ epoch: Int64) throws {
        guard try self.epoch(of: line) == epoch else { throw SQLiteLedger.stale(line, source) }
    }

    /// An attempt of this cell that never got a blank: taken again instead of a new record.
    func untouched(_ line: LineID, _ cell: CellID) throws -> Claim? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT a.attempt, a.number, p.production, p.request, p.product, p.batch
                FROM attempt a JOIN production p USING (production)
                WHERE a.line = ? AND a.cell = ? AND a.state = 'claimed' ORDER BY a.started LIMIT 1
                """, arguments: [line.rawValue, cell.rawValue])
        return row.map {
            Claim(
                production: ProductionID($0["production"] as String), attempt: AttemptID($0["attempt"] as String),
                requestID: $0["request"], product: $0["product"], batch: BatchID($0["batch"] as String),
                number: $0["number"])
        }
    }

    func begin(_ claim: Claim, _ line: LineID, _ epoch: Int64, _ cell: CellID, _ actor: String) throws {
        try one(
            "UPDATE production SET state = 'claimed', reason = NULL WHERE production = ? AND state = 'queued'",
            [claim.production.rawValue], else: "The record is not in the queue.", claim.production.rawValue)
        try db.execute(
            sql: """
                INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, started)
                VALUES (?,?,?,?,?,?,'claimed',?)
                """,
            arguments: [
                claim.attempt.rawValue, claim.production.rawValue, claim.number, line.rawValue, cell.rawValue, epoch,
                wall.microseconds,
            ])
        try journal(
            line, epoch: epoch, actor: actor, kind: "attempt.begun",
            subjects: [claim.attempt.rawValue, claim.production.rawValue],
            body: ["cell": .string(cell.rawValue), "number": .integer(Int64(claim.number))])
    }

    /// What an older controller saw, kept as an observation that moves no table. Its intents are refused; an attempt
    /// whose result it carries keeps its open intent, and so stays unknown until somebody looks.
    func keepLate(_ transition: Transition) throws {
        let epoch = try self.epoch(of: transition.line) ?? 0
        for case .conclude(let key, let outcome, var facts) in transition.changes {
            facts["epoch"] = .integer(transition.epoch)
            facts["outcome"] = .string(outcome.rawValue)
            facts["step"] = .string(key.step.rawValue)
            facts["try"] = .integer(Int64(key.number))
            try journal(
                transition.line, epoch: epoch, actor: transition.actor, kind: "observation.late",
                subjects: [key.attempt.rawValue], body: facts)
        }
    }

    func apply(_ change: Change, _ context: Transition) throws {
        switch change {
        case .intend(let key, let facts): try intend(key, facts, context)
        case .conclude(let key, let outcome, let facts): try conclude(key, outcome, facts, context)
        case .attempt(let attempt, let state, let reason): try set(attempt, state, reason, context)
        case .bind(let attempt, let blank, let chip): try bind(attempt, blank, chip, context)
        case .document(let attempt, let hash):
            try one(
                "UPDATE attempt SET sod_hash = ? WHERE attempt = ?", [hash.data, attempt.rawValue],
                else: "There is no such attempt.", attempt.rawValue)
            try note("attempt.document", [attempt.rawValue], ["sod_hash": .string(hash.hex)], context)
        case .death(let attempt, let death):
            try one(
                "UPDATE attempt SET death = ? WHERE attempt = ?", [death.rawValue, attempt.rawValue],
                else: "There is no such attempt.", attempt.rawValue)
            try note("chip.death", [attempt.rawValue], ["death": .string(death.rawValue)], context)
        case .identify(let blank, let chip):
            try one(
                "UPDATE blank SET chip = ? WHERE blank = ? AND (chip IS NULL OR chip = ?)",
                [chip.rawValue, blank.rawValue, chip.rawValue],
                else: "The blank has another chip.", blank.rawValue)
            try note("blank.chip", [blank.rawValue, chip.rawValue], [:], context)
        case .move(let blank, let from, let to, let reason, let attempt):
            try move(
                blank, from: from, to: to, reason: reason, attempt: attempt?.rawValue, context.line, context.epoch,
                context.actor)
        case .admit(let blank, let account, let chip, let reason): try admit(blank, account, chip, reason, context)
        case .exit(let blank, let exit): try leave(blank, by: exit, context)
        case .record(let production, let state, let reason): try set(production, state, reason, context)
        case .machine(let state, let code, let text, let remedy):
            try db.execute(
                sql: "UPDATE line SET state = ?, code = ?, text = ?, remedy = ?, since = ? WHERE line = ?",
                arguments: [state.word, code, text, remedy, wall.microseconds, context.line.rawValue])
            var body: [String: JSONValue] = ["state": .string(state.word), "text": .string(text)]
            body["code"] = code.map(JSONValue.string)
            try note("machine.state", [context.line.rawValue, context.cell.rawValue], body, context)
        case .note(let kind, let subjects, let facts): try note(kind, subjects, facts, context)
        }
    }

    @discardableResult
    private func note(_ kind: String, _ subjects: [String], _ body: [String: JSONValue], _ context: Transition) throws
        -> Int64
    {
        try journal(
            context.line, epoch: context.epoch, actor: context.actor, kind: kind, subjects: subjects, body: body)
    }

    private func intend(_ key: StepKey, _ facts: [String: JSONValue], _ context: Transition) throws {
        var body = facts
        body["step"] = .string(key.step.rawValue)
        body["try"] = .integer(Int64(key.number))
        let seq = try note("step.intent", [key.attempt.rawValue], body, context)
        try db.execute(
            sql: """
                INSERT INTO intent (attempt, step, try, line, cell, epoch, seq, wall, facts) VALUES (?,?,?,?,?,?,?,?,?)
                """,
            arguments: [
                key.attempt.rawValue, key.step.rawValue, key.number, context.line.rawValue, context.cell.rawValue,
                context.epoch, seq, wall.microseconds, JSONValue.object(facts).canonical.data,
            ])
    }

    private func conclude(
        _ key: StepKey, _ outcome: SakkError.Outcome, _ facts: [String: JSONValue], _ context: Transition
    ) throws {
        let intent = try Row.fetchOne(
            db, sql: "SELECT id, seq FROM intent WHERE attempt = ? AND step = ? AND try = ?",
            arguments: [key.attempt.rawValue, key.step.rawValue, key.number])
        guard let intent else { throw rule("A result names no intent.", key.description) }
        var body = facts
        body["outcome"] = .string(outcome.rawValue)
        body["step"] = .string(key.step.rawValue)
        body["try"] = .integer(Int64(key.number))
        let seq = try journal(
            context.line, epoch: context.epoch, actor: context.actor, kind: "step.result",
            subjects: [key.attempt.rawValue], cause: intent["seq"], body: body)
        let id: Int64 = intent["id"]
        try db.execute(
            sql: "INSERT INTO result VALUES (?,?,?,?,?)",
            arguments: [id, outcome.rawValue, seq, wall.microseconds, JSONValue.object(facts).canonical.data])
        try db.execute(sql: "UPDATE intent SET open = 0 WHERE id = ?", arguments: [id])
    }

    private func set(_ attempt: AttemptID, _ state: AttemptState, _ reason: String?, _ context: Transition) throws {
        let ended = AttemptState.live.contains(state) ? nil : wall.microseconds
        // what is produced, spoiled or dropped stays so
        try one(
            """
            UPDATE attempt SET state = ?, reason = ?, ended = ?, epoch = ?
            WHERE attempt = ? AND state NOT IN ('produced','spoiled','dropped')
            """,
            [state.rawValue, reason, ended, context.epoch, attempt.rawValue],
            else: "The attempt is finished or not there.", attempt.rawValue)
        var body: [String: JSONValue] = ["state": .string(state.rawValue)]
        body["reason"] = reason.map(JSONValue.string)
        try note("attempt.state", [attempt.rawValue], body, context)
    }

    private func bind(_ attempt: AttemptID, _ blank: BlankID, _ chip: ChipIdentity, _ context: Transition) throws {
        try one(
            "UPDATE blank SET chip = ? WHERE blank = ? AND (chip IS NULL OR chip = ?)",
            [chip.rawValue, blank.rawValue, chip.rawValue],
            else: "The blank has another chip.", blank.rawValue)
        try one(
            """
            UPDATE attempt SET blank = ?, chip = ?, state = 'bound', epoch = ?
            WHERE attempt = ? AND state = 'claimed' AND blank IS NULL
            """,
            [blank.rawValue, chip.rawValue, context.epoch, attempt.rawValue],
            else: "The attempt has a blank already.", attempt.rawValue)
        try note("attempt.bound", [attempt.rawValue, blank.rawValue, chip.rawValue], [:], context)
    }

    private func admit(
        _ blank: BlankID, _ account: Account, _ chip: ChipIdentity?, _ reason: String, _ context: Transition
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO blank (blank, stock, lot, ordinal, line, account, reason, chip)
                VALUES (?, 'found', 'found', 0, ?, ?, ?, ?)
                """, arguments: [blank.rawValue, context.line.rawValue, account.rawValue, reason, chip?.rawValue])
        var body: [String: JSONValue] = ["reason": .string(reason), "to": .string(account.rawValue)]
        body["chip"] = chip.map { .string($0.rawValue) }
        let seq = try note("blank.found", [blank.rawValue], body, context)
        try db.execute(
            sql: "INSERT INTO movement (blank, to_account, reason, log, seq, wall) VALUES (?,?,?,?,?,?)",
            arguments: [
                blank.rawValue, account.rawValue, reason, context.line.rawValue, seq, wall.microseconds,
            ])
    }

    private func leave(_ blank: BlankID, by exit: CardExit, _ context: Transition) throws {
        let last = try Int.fetchOne(
            db, sql: "SELECT MAX(place) FROM blank WHERE cell = ? AND exit = ?",
            arguments: [context.cell.rawValue, exit.rawValue])
        let place = (last ?? 0) + 1
        try one(
            "UPDATE blank SET exit = ?, place = ?, cell = ? WHERE blank = ?",
            [exit.rawValue, place, context.cell.rawValue, blank.rawValue], else: "There is no such blank.",
            blank.rawValue)
        try note(
            "blank.exit", [blank.rawValue],
            ["cell": .string(context.cell.rawValue), "exit": .string(exit.rawValue), "place": .integer(Int64(place))],
            context)
    }

    private func set(_ production: ProductionID, _ state: RecordState, _ reason: String?, _ context: Transition) throws
    {
        // what goes back to the queue was on a blank or in the cell before: it is a remake and goes to the head
        try one(
            """
            UPDATE production SET state = ?1, reason = ?2, remake = CASE WHEN ?1 = 'queued' THEN 1 ELSE remake END
            WHERE production = ?3 AND state NOT IN ('produced', 'withdrawn')
            """,
            [state.rawValue, reason, production.rawValue], else: "The record is finished or not there.",
            production.rawValue)
        var body: [String: JSONValue] = ["state": .string(state.rawValue)]
        body["reason"] = reason.map(JSONValue.string)
        try note("record.state", [production.rawValue], body, context)
    }
}
