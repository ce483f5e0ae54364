public import Ground

extension Books {
    /// The old document becomes void and its record goes to the head of the queue (or ends, where another request takes its
    /// place): before two people, once for each document.
    ///
    /// Errors: `remake.unknown`, `remake.alive` while the old one can be handed over, `remake.withdrawn`, `remake.again`,
    /// `remake.cause`, `remake.number` when the old number would be on two documents, `remake.replacement`, `remake.gone`.
    public func remake(_ remake: DocumentRemake, _ people: TwoPeople, by person: String) async throws(SakkError) {
        let source = store.source
        let name = remake.production.rawValue
        do throws(SakkError) {
            try await write { books in
                try books.ensure(.shipping)
                _ = try books.epoch(of: .shipping)
                let row = try books.session.row(
                    """
                    SELECT p.blank, (SELECT a.attempt FROM attempt a WHERE a.blank = p.blank) AS attempt,
                      (SELECT k.production FROM data_key k WHERE k.production = p.production) AS held
                    FROM parcel p WHERE p.production = ?
                    """, [.text(name)])
                guard let row, let attempt = row.optionalText("attempt") else {
                    throw RemakeRefusal.unknown.error(source, name)
                }
                // not derived from the journal, so it is asked here
                guard remake.number == .request || row.optionalText("held") != nil else {
                    throw RemakeRefusal.gone.error(source, name)
                }
                try books.append(
                    [
                        JournalEntry(
                            "document.remade", [name, try row.text("blank"), attempt],
                            StockChange.people(people).merging([
                                "attempt": .string(attempt), "cause": .string(remake.cause.rawValue),
                                "number": .string(remake.number.rawValue), "reference": .string(remake.reference),
                                "replacement": .optional(remake.replacement?.rawValue),
                                "reason": .string("remade.\(remake.cause.rawValue)"),
                            ]) { $1 })
                    ], to: .shipping, epoch: 0, actor: person)
            }
        } catch {
            // a constraint that two consoles met at once
            throw error.code == "ledger.rule" ? RemakeRefusal.cause.error(source, name) : error
        }
    }
}

extension Projector {
    func remake(_ entry: JournalEntry, _ at: Stamp) throws {
        try two(entry)
        let (name, blank, attempt) = (try entry.subject(0), try entry.subject(1), try entry.subject(2))
        let production = SQLValue.text(name)
        guard let number = DocumentRemake.Number(rawValue: try entry.text("number")) else {
            throw SQLFailure.shape("document.remade number")
        }
        // in the order of a withdrawal: the lock of the record first
        guard try stopped(name) == nil else { throw RemakeRefusal.withdrawn.error(source, name) }
        let was = try gone(name, blank, attempt, try entry.text("cause"), number)
        let reason = SQLValue.text(try entry.text("reason"))
        try one(
            "UPDATE attempt SET state = 'voided', reason = ? WHERE attempt = ? AND state IN ('produced','voided')",
            [reason, .text(attempt)], else: "The document is not made.", name)
        if number == .booklet { try void(blank, entry, at) }
        let other = try replacement(entry, number, of: name)
        try session.later(
            """
            INSERT INTO document_remake (blank, production, attempt, cause, was, number, void, replacement, reference,
              first, second, wall, log, seq)
            VALUES (?,?,?,?,?,?,(SELECT v.number FROM void_number v WHERE v.blank = ? AND 'booklet' = ?),?,?,?,?,?,?,?)
            """,
            [
                .text(blank), production, .text(attempt), .text(try entry.text("cause")), .text(was),
                .text(number.rawValue), .text(blank), .text(number.rawValue), .optional(other),
                .text(try entry.text("reference")), .text(try entry.text("first")), .text(try entry.text("second")),
                .integer(at.wall), .text(at.log), .integer(at.seq),
            ])
        // whoever finds it gives it to nobody: it is destroyed
        try session.later(
            "UPDATE parcel SET stopped = 'remade', code_expires = NULL WHERE blank = ? AND state <> 'destroyed'",
            [.text(blank)])
        let isOver = number == .request
        try one(
            """
            UPDATE production SET state = ?, reason = ?, since = ?, remake = ? WHERE production = ?
              AND (state = 'produced' OR state = 'held' AND reason IN ('return.destroyed','recall.destroyed'))
            """,
            [
                .text(isOver ? "withdrawn" : "queued"), isOver ? reason : .text("remake"), .integer(at.wall),
                .flag(!isOver), production,
            ], else: "The record is not made.", name)
    }

    /// Where the old document is, when nobody can be given it.
    private func gone(
        _ production: String, _ blank: String, _ attempt: String, _ cause: String, _ number: DocumentRemake.Number
    ) throws -> String {
        let parcel = try session.row(
            """
            SELECT p.state, p.stopped, b.number,
              (SELECT m.blank FROM document_remake m WHERE m.blank = p.blank) AS remade
            FROM parcel p JOIN blank b ON b.blank = p.blank JOIN attempt a ON a.blank = p.blank
            WHERE p.production = ? AND p.blank = ? AND a.attempt = ?
            """, [.text(production), .text(blank), .text(attempt)])
        guard let parcel else { throw RemakeRefusal.unknown.error(source, production) }
        guard parcel.optionalText("remade") == nil else { throw RemakeRefusal.again.error(source, production) }
        let state = try parcel.text("state")
        guard ["lost", "returned", "withdrawn", "destroyed"].contains(state) else {
            throw RemakeRefusal.alive.error(source, production)
        }
        guard (cause == DocumentRemake.Cause.lost.rawValue) == (state == "lost") else {
            throw RemakeRefusal.cause.error(source, production)
        }
        let isBooklet = parcel.optionalText("number") != nil
        guard isBooklet == (number == .booklet), number != .kept || state == "destroyed" else {
            throw RemakeRefusal.number.error(source, production)
        }
        return state
    }

    /// The record that takes its place goes to the head of the queue.
    private func replacement(_ entry: JournalEntry, _ number: DocumentRemake.Number, of production: String) throws
        -> String?
    {
        guard number == .request else { return nil }
        let name = entry.body["replacement"]?.string ?? ""
        let changed = try session.execute(
            """
            UPDATE production SET remake = 1 WHERE production = ? AND production <> ? AND state = 'queued'
              AND NOT EXISTS (SELECT 1 FROM document_remake m WHERE m.replacement = production.production)
              AND EXISTS (SELECT 1 FROM production o WHERE o.production = ? AND o.authority = production.authority
                AND o.product = production.product AND o.approved < production.approved)
            """, [.text(name), .text(production), .text(production)])
        guard changed == 1 else { throw RemakeRefusal.replacement.error(source, production) }
        return name
    }
}
