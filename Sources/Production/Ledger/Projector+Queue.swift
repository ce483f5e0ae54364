import Ground

extension Projector {
    func queue(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "batch.received":
            try session.later(
                "INSERT INTO batch (batch, authority, product, received) VALUES (?,?,?,?)",
                [
                    .text(try entry.subject(0)), .text(try entry.text("authority")), .text(try entry.text("product")),
                    .integer(at.wall),
                ])
        case "record.taken": try take(entry, at)
        case "record.state": try set(entry, at)
        case "record.withdrawn": try withdraw(entry, at)
        case "record.priority": try bump(entry, at)
        case "record.hold":
            try lock(.text(try entry.subject(0)))
            try one(
                "INSERT INTO person_hold (production, since) VALUES (?,?) ON CONFLICT DO NOTHING",
                [.text(try entry.subject(0)), .integer(at.wall)], else: "A person holds the record already.",
                try entry.subject(0))
        case "record.release":
            try lock(.text(try entry.subject(0)))
            // a record that waits for an engineer for another reason has no such row
            try session.later("DELETE FROM person_hold WHERE production = ?", [.text(try entry.subject(0))])
        case "source.cursor":
            try session.later(
                "INSERT INTO source (source, cursor) VALUES (?,?) ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor",
                [.text(try entry.subject(0)), .text(try entry.text("cursor"))])
        default:
            // numbers of an authority's lists only grow
            try one(
                """
                INSERT INTO stop_list (authority, number, issued, next_update) VALUES (?,?,?,?)
                ON CONFLICT (authority) DO UPDATE SET number = excluded.number, issued = excluded.issued,
                  next_update = excluded.next_update WHERE excluded.number > stop_list.number
                """,
                [
                    .text(try entry.subject(0)), .integer(try entry.integer("number")),
                    .integer(try entry.integer("issued")), .integer(try entry.integer("next_update")),
                ], else: "The stop-list is not newer than the one that is known.", try entry.subject(0))
        }
    }

    private func take(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = SQLValue.text(try entry.subject(0))
        let product = SQLValue.text(try entry.text("product"))
        let stock = SQLValue.text(try entry.text("stock"))
        let priorityClass = SQLValue.text(try entry.text("class"))
        let stopped = try session.row("SELECT reason FROM stopped WHERE production = ?", [production])
        try session.later(
            """
            INSERT INTO production (production, batch, authority, request, product, stock, digest, class, approved, due,
              office, governorate, state, reason, since) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            [
                production, .text(try entry.subject(1)), .text(try entry.text("authority")),
                .text(try entry.text("request")), product, stock, .blob(try entry.hex("digest")), priorityClass,
                .integer(try entry.integer("approved")), .integer(try entry.integer("due")),
                .optional(entry.body["office"]?.string), .optional(entry.body["governorate"]?.string),
                .text(stopped == nil ? entry.body["state"]?.string ?? "queued" : "withdrawn"),
                .optional(stopped?.optionalText("reason") ?? entry.body["reason"]?.string), .integer(at.wall),
            ])
        // a document whose number is its booklet's has none yet
        if entry.body["number_tag"] != nil {
            try session.later(
                "INSERT INTO number (tag, production) VALUES (?,?)", [.blob(try entry.hex("number_tag")), production])
        }
        try session.later(
            "INSERT INTO queue_class (product, stock, class) VALUES (?,?,?) ON CONFLICT DO NOTHING",
            [product, stock, priorityClass])
    }

    private func set(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = try entry.subject(0)
        var state = try entry.text("state")
        var reason = entry.body["reason"]?.string
        // what goes back to the queue was on a blank or in the cell before: it is a remake and goes to the head;
        // a record that was let go untouched keeps its place
        let remake = state == RecordState.queued.rawValue && entry.body["untouched"]?.bool != true
        let words = try words(about: production)
        if state == RecordState.queued.rawValue, words.isHeld {
            // held while its card was made: it is not made again before the release
            state = RecordState.held.rawValue
            reason = Books.heldByPerson
        }
        // who decides by what he saw names it; a record that moved meanwhile is another's
        let from = entry.body["from"]?.string
        try one(
            """
            UPDATE production SET state = ?, reason = ?, since = ?, remake = CASE WHEN ? = 1 THEN 1 ELSE remake END
            WHERE production = ? AND state NOT IN ('produced', 'withdrawn')\(from == nil ? "" : " AND state = ?")
            """,
            [
                .text(state), .optional(reason), .integer(at.wall), .flag(remake), .text(production),
            ] + (from.map { [.text($0)] } ?? []), else: "The record is finished or not there.", production)
        if let stopped = words.stopped { try stop(.text(production), .text(stopped), at) }
    }

    /// Why the approval was taken back, nil while it stands; and whether a person holds the record. Locks the record, so
    /// that a word that comes at the same time is seen here, or sees what this transaction did.
    func words(about production: String) throws -> (stopped: String?, isHeld: Bool) {
        try lock(.text(production))
        let row = try session.row(
            """
            SELECT (SELECT reason FROM stopped WHERE production = ?) AS reason,
              (SELECT COUNT(*) FROM person_hold WHERE production = ?) AS held
            """, [.text(production), .text(production)])
        return (row?.optionalText("reason"), try row?.integer("held") ?? 0 > 0)
    }

    /// Why the approval was taken back; nil while it stands.
    func stopped(_ production: String) throws -> String? { try words(about: production).stopped }

    private func lock(_ production: SQLValue) throws {
        // SQLite has one writer
        guard session.dialect == .postgres else { return }
        try session.later(
            "SELECT 1 FROM production WHERE production = ?\(session.dialect.forUpdate)", [production])
    }

    /// In every state: a queued or held record leaves the queue at once; one in work is stopped by its cell at the next
    /// place where its standing is asked; a good document becomes void and its blank waits for destruction.
    private func withdraw(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = SQLValue.text(try entry.subject(0))
        let reason = SQLValue.text(try entry.text("reason"))
        // in the order of `stopped(_:)`: the lock first
        try lock(production)
        try session.later(
            "INSERT INTO stopped (production, reason, since) VALUES (?,?,?) ON CONFLICT DO NOTHING",
            [production, reason, .integer(at.wall)])
        try stop(production, reason, at)
    }

    private func stop(_ production: SQLValue, _ reason: SQLValue, _ at: Stamp) throws {
        try session.later(
            "UPDATE attempt SET state = 'voided', reason = ? WHERE production = ? AND state = 'produced'",
            [reason, production])
        try voidNumbers(of: production, at)
        try stopParcel(production, reason)
        try session.later(
            """
            UPDATE production SET state = 'withdrawn', reason = ?, since = ? WHERE production = ?
              AND (state IN ('queued','produced') OR state = 'held' AND NOT EXISTS (SELECT 1 FROM attempt a
                WHERE a.production = production.production AND a.state IN
                ('claimed','bound','encoded','verified','printed','passed','held','unknown')))
            """, [reason, .integer(at.wall), production])
    }
}
