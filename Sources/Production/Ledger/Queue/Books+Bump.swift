public import Ground

extension Books {
    /// Puts a waiting record into another class, so that it goes before its turn: asked by one person, agreed to by
    /// another.
    /// - Parameter headStart: of that class in microseconds, as the product's profile says: due is the approval less it.
    ///
    /// Errors: `queue.bump.unknown`, `queue.bump.state` for what does not wait, `queue.bump.later` for a class in which
    /// its turn would not come sooner.
    public func bump(
        _ production: ProductionID, to priorityClass: String, headStart: Int64, reason: String, _ people: TwoPeople,
        by person: String
    ) async throws(SakkError) {
        let source = store.source
        @Sendable func refused(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
            SakkError(code, source: source, subject: production.rawValue, text: text, remedy: remedy)
        }
        try await write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            let row = try books.session.row(
                """
                SELECT \(QueuedRecord.columns) FROM production WHERE production = ?\(books.session.dialect.forUpdate)
                """, [.text(production.rawValue)])
            guard let row else {
                throw refused("queue.bump.unknown", "There is no such record.", "Scan or type its number again.")
            }
            let record = try QueuedRecord(row)
            guard record.state == .queued else {
                throw refused(
                    "queue.bump.state", "It does not wait in the queue (\(record.state.rawValue)).",
                    "Nothing is to be done: only what waits has a turn.")
            }
            let (before, due) = (record.due.microseconds, record.approved.microseconds - headStart)
            guard due < before, record.priorityClass != priorityClass else {
                throw refused(
                    "queue.bump.later", "In that class its turn does not come sooner.",
                    "Choose a class with a larger head start.")
            }
            try books.append(
                [
                    JournalEntry(
                        "record.priority", [production.rawValue],
                        StockChange.people(people).merging([
                            "class": .string(priorityClass), "due": .integer(due),
                            "from": .string(record.priorityClass),
                            "from_due": .integer(before), "reason": .string(reason),
                        ]) { $1 })
                ], to: .queue, epoch: 0, actor: person)
        }
    }
}

extension Projector {
    /// The record keeps its place among those of its new class.
    func bump(_ entry: JournalEntry, _ at: Stamp) throws {
        try two(entry)
        let production = try entry.subject(0)
        let (to, from) = (SQLValue.text(try entry.text("class")), SQLValue.text(try entry.text("from")))
        let (due, before) = (
            SQLValue.integer(try entry.integer("due")), SQLValue.integer(try entry.integer("from_due"))
        )
        try one(
            "UPDATE production SET class = ?, due = ? WHERE production = ? AND state = 'queued' AND class = ? AND due = ?",
            [to, due, .text(production), from, before], else: "The record does not wait in that class.", production)
        try session.later(
            """
            INSERT INTO queue_class (product, stock, class) SELECT product, stock, class FROM production
            WHERE production = ? ON CONFLICT DO NOTHING
            """, [.text(production)])
        try session.later(
            """
            INSERT INTO priority_bump (log, seq, production, from_class, to_class, from_due, due, reason, first, second,
              wall) VALUES (?,?,?,?,?,?,?,?,?,?,?)
            """,
            [
                .text(at.log), .integer(at.seq), .text(production), from, to, before, due,
                .text(try entry.text("reason")), .text(try entry.text("first")), .text(try entry.text("second")),
                .integer(at.wall),
            ])
    }
}
