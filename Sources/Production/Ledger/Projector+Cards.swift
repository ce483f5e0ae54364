import Ground

extension Projector {
    func attempt(_ entry: JournalEntry, _ at: Stamp) throws {
        let attempt = try entry.subject(0)
        switch entry.kind {
        case "attempt.begun": try begin(entry, at)
        case "attempt.retaken":
            try one(
                "UPDATE attempt SET epoch = ? WHERE attempt = ? AND state = 'claimed'",
                [.integer(at.epoch), .text(attempt)], else: "The attempt is not waiting for a blank.", attempt)
        case "attempt.state":
            let state = try entry.text("state")
            let ended: Int64? = AttemptState.live.contains { $0.rawValue == state } ? nil : at.wall
            // what is produced, spoiled or dropped stays so; what a person holds is good by a person's word only
            try one(
                """
                UPDATE attempt SET state = ?, reason = ?, ended = ?, epoch = ?
                WHERE attempt = ? AND state NOT IN ('produced','spoiled','dropped','voided')
                  AND (state <> 'held' OR CAST(? AS TEXT) <> 'produced' OR 'pass' = (SELECT v.verdict FROM verdict v
                    WHERE v.attempt = attempt.attempt ORDER BY v.seq DESC LIMIT 1))
                """,
                [
                    .text(state), .optional(entry.body["reason"]?.string), .optional(ended), .integer(at.epoch),
                    .text(attempt), .text(state),
                ], else: "The attempt is finished, not there, or held and nobody passed it.", attempt)
        case "attempt.bound":
            let blank = try entry.subject(1)
            let chip = SQLValue.text(try entry.subject(2))
            try one(
                "UPDATE blank SET chip = ? WHERE blank = ? AND (chip IS NULL OR chip = ?)", [chip, .text(blank), chip],
                else: "The blank has another chip.", blank)
            try one(
                """
                UPDATE attempt SET blank = ?, chip = ?, state = 'bound', epoch = ?
                WHERE attempt = ? AND state = 'claimed' AND blank IS NULL
                """, [.text(blank), chip, .integer(at.epoch), .text(attempt)],
                else: "The attempt has a blank already.", attempt)
        case "attempt.numbered": try number(attempt, try entry.text("number"))
        case "attempt.document":
            try one(
                "UPDATE attempt SET sod_hash = ? WHERE attempt = ?",
                [.blob(try entry.hex("sod_hash")), .text(attempt)],
                else: "There is no such attempt.", attempt)
        default:
            try one(
                "UPDATE attempt SET death = ? WHERE attempt = ?", [.text(try entry.text("death")), .text(attempt)],
                else: "There is no such attempt.", attempt)
        }
    }

    private func begin(_ entry: JournalEntry, _ at: Stamp) throws {
        let attempt = try entry.subject(0)
        let production = try entry.subject(1)
        try one(
            "UPDATE production SET state = 'claimed', reason = NULL, since = ? WHERE production = ? AND state = 'queued'",
            [.integer(at.wall), .text(production)], else: "The record is not in the queue.", production)
        try session.later(
            """
            INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, started)
            VALUES (?,?,?,?,?,?,'claimed',?)
            """,
            [
                .text(attempt), .text(production), .integer(try entry.integer("number")), .text(at.log),
                .text(try entry.text("cell")), .integer(at.epoch), .integer(at.wall),
            ])
        guard let priorityClass = entry.body["class"]?.string, let product = entry.body["product"]?.string else {
            return
        }
        try session.later(
            """
            INSERT INTO served (product, class, count) VALUES (?,?,1)
            ON CONFLICT (product, class) DO UPDATE SET count = served.count + 1
            """, [.text(product), .text(priorityClass)])
    }

    func blank(_ entry: JournalEntry, _ at: Stamp) throws {
        let blank = try entry.subject(0)
        switch entry.kind {
        case "blank.registered":
            let account = SQLValue.text(try entry.text("to"))
            let reason = SQLValue.text(try entry.text("reason"))
            try session.later(
                """
                INSERT INTO blank (blank, stock, lot, ordinal, line, account, reason, number) VALUES (?,?,?,?,?,?,?,?)
                """,
                [
                    .text(blank), .text(try entry.text("stock")), .text(try entry.text("lot")),
                    .integer(try entry.integer("ordinal")), .text(entry.body["line"]?.string ?? at.log), account,
                    reason, .optional(try engravedNumber(entry)),
                ])
            try moved(blank, from: nil, entry, at)
        case "blank.found":
            try session.later(
                """
                INSERT INTO blank (blank, stock, lot, ordinal, line, account, reason, chip)
                VALUES (?, 'found', 'found', 0, ?, ?, ?, ?)
                """,
                [
                    .text(blank), .text(at.log), .text(try entry.text("to")), .text(try entry.text("reason")),
                    .optional(entry.body["chip"]?.string),
                ])
            try moved(blank, from: nil, entry, at)
        case "blank.loaded":
            try one(
                "UPDATE blank SET hopper = ?, line = ? WHERE blank = ? AND account = 'line'",
                [.text(try entry.text("cell")), .text(entry.body["line"]?.string ?? at.log), .text(blank)],
                else: "The blank was not issued to a line.", blank)
        case "blank.chip":
            let chip = SQLValue.text(try entry.subject(1))
            try one(
                "UPDATE blank SET chip = ? WHERE blank = ? AND (chip IS NULL OR chip = ?)", [chip, .text(blank), chip],
                else: "The blank has another chip.", blank)
        case "blank.moved":
            let from = try entry.text("from")
            try one(
                """
                UPDATE blank SET account = ?, reason = ?, attempt = COALESCE(?, attempt), line = COALESCE(?, line)
                WHERE blank = ? AND account = ?
                """,
                [
                    .text(try entry.text("to")), .text(try entry.text("reason")),
                    .optional(entry.body["attempt"]?.string),
                    .optional(entry.body["line"]?.string ?? (LogID(at.log).isPlant ? nil : at.log)), .text(blank),
                    .text(from),
                ], else: "The blank is not in account \(from).", blank)
            try moved(blank, from: from, entry, at)
        default: try leave(blank, entry, at)
        }
    }

    private func moved(_ blank: String, from: String?, _ entry: JournalEntry, _ at: Stamp) throws {
        try session.later(
            """
            INSERT INTO movement (log, seq, blank, from_account, to_account, reason, attempt, wall)
            VALUES (?,?,?,?,?,?,?,?)
            """,
            [
                .text(at.log), .integer(at.seq), .text(blank), .optional(from), .text(try entry.text("to")),
                .text(try entry.text("reason")), .optional(entry.body["attempt"]?.string), .integer(at.wall),
            ])
    }

    private func leave(_ blank: String, _ entry: JournalEntry, _ at: Stamp) throws {
        // two lines may call their cells alike
        let cell = SQLValue.text("\(at.log)/\(try entry.text("cell"))")
        let exit = SQLValue.text(try entry.text("exit"))
        let last = try session.row("SELECT MAX(place) AS place FROM blank WHERE cell = ? AND exit = ?", [cell, exit])
        try one(
            "UPDATE blank SET exit = ?, place = ?, cell = ? WHERE blank = ?",
            [exit, .integer((last?.optionalInteger("place") ?? 0) + 1), cell, .text(blank)],
            else: "There is no such blank.", blank)
    }
}
