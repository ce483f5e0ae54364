public import Ground

/// What became of a record that a person wanted held or released.
public struct QueueDecision: Sendable {
    public let record: QueuedRecord
    /// Why it stays as it is; nil when it was done.
    public let refusal: SakkError?
    /// It is being made, or its card waits for an inspector: the card does not become good before the release.
    public let concernsCard: Bool
}

extension Books {
    /// The reason of a record that a person holds.
    public static let heldByPerson = "hold.person"

    /// The reason of a record whose number a card had, where a remake needs a new number: it is void (`VoidAttemptsQuery`).
    public static let numberIsVoid = "record.number.new"

    /// Holds records until they are released. A waiting one leaves the queue. One in work is the wish that its cell
    /// meets at the next point of DESIGN rule 8: before the feed no blank is used; before the good exit the finished card
    /// leaves by the reject exit as held, and a spoiled card's record is not made again. One whose card waits for an
    /// inspector is not passed. What is made or withdrawn stays as it is and is said. All in one transaction, so that
    /// none is claimed meanwhile.
    ///
    /// Errors: `queue.none` when nothing is meant.
    public func hold(_ selection: QueueSelection, why: String, by person: String) async throws(SakkError)
        -> [QueueDecision]
    {
        try await decide(selection, by: person) { record, books in
            let held = try books.isHeldByPerson(record)
            guard !held, [.queued, .claimed, .held].contains(record.state) else { throw books.notHeld(record) }
            let hold = JournalEntry("record.hold", [record.production.rawValue], ["why": .string(why)])
            guard record.state == .queued else { return [hold] }
            return [
                JournalEntry(
                    "record.state", [record.production.rawValue],
                    [
                        "from": .string(RecordState.queued.rawValue), "reason": .string(Books.heldByPerson),
                        "state": .string(RecordState.held.rawValue),
                    ]), hold,
            ]
        }
    }

    /// Gives held records back to the queue: one that a person held to its place, any other (attempts used up, content
    /// refused, document recalled and destroyed) to the head, as a remake. Where a person's hold met the card, only the
    /// hold ends: what is being made goes on, what lies in the reject tray may be passed by an inspector. Otherwise one
    /// whose earlier card may still be good, or is not found, stays held, and one whose number is void.
    ///
    /// Errors: `queue.none`; `ledger.restored` while the ledger is not reconciled.
    public func release(_ selection: QueueSelection, why: String, by person: String) async throws(SakkError)
        -> [QueueDecision]
    {
        try await decide(selection, by: person) { record, books in
            let held = try books.isHeldByPerson(record)
            let release = JournalEntry("record.release", [record.production.rawValue], ["why": .string(why)])
            guard record.state == .held || held else {
                throw books.refused(
                    "queue.record.not_held", record, "It is not held (\(record.state.rawValue)).",
                    "Nothing is to be done.")
            }
            // told to the authority as void: no second card gets it, whatever the profile says by now
            if record.state == .held, record.reason == Books.numberIsVoid {
                guard !held else { return [release] }
                throw books.refused(
                    "queue.record.number", record, "A card had its number, which is void.",
                    "Ask the authority to take the request back and to send one with a new number.")
            }
            let open = try books.stillOpen(record)
            if held, record.state != .held || open != nil { return [release] }
            if let open { throw open }
            return [
                release,
                JournalEntry(
                    "record.state", [record.production.rawValue],
                    [
                        "from": .string(RecordState.held.rawValue), "state": .string(RecordState.queued.rawValue),
                        "untouched": .bool(record.reason == Books.heldByPerson),
                    ]),
            ]
        }
    }

    private func decide(
        _ selection: QueueSelection, by person: String,
        _ entries: @escaping @Sendable (QueuedRecord, BooksWriter) throws -> [JournalEntry]
    ) async throws(SakkError) -> [QueueDecision] {
        let source = store.source
        guard selection != QueueSelection() else {
            throw SakkError(
                "queue.none", source: source, text: "No record is named.", remedy: "Name records, or a batch.")
        }
        return try await write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            guard try books.session.row("SELECT reconciling FROM meta")?.integer("reconciling") == 0 else {
                throw SakkError(
                    "ledger.restored", source: source,
                    text: "The ledger was restored from a backup and is not reconciled yet.",
                    remedy: "Check it against the authority's acknowledgements and a count (sakk ledger reconcile).")
            }
            let (condition, arguments) = selection.condition
            let records = try books.session.rows(
                """
                SELECT \(QueuedRecord.columns) FROM production WHERE \(condition)
                ORDER BY production\(books.session.dialect.forUpdate)
                """, arguments
            ).map(QueuedRecord.init)
            var all: [JournalEntry] = []
            let decisions = try records.map { record in
                let concernsCard = try record.state == .claimed || record.state == .held && books.waits(record)
                do {
                    all += try entries(record, books)
                    return QueueDecision(record: record, refusal: nil, concernsCard: concernsCard)
                } catch let refusal as SakkError {
                    return QueueDecision(record: record, refusal: refusal, concernsCard: concernsCard)
                }
            }
            try books.append(all, to: .queue, epoch: 0, actor: person)
            return decisions
        }
    }
}

extension BooksWriter {
    fileprivate func refused(_ code: SakkError.Code, _ record: QueuedRecord, _ text: String, _ remedy: String)
        -> SakkError
    {
        SakkError(code, source: source, subject: record.requestID, text: text, remedy: remedy)
    }

    fileprivate func notHeld(_ record: QueuedRecord) -> SakkError {
        let recall = "sakk recall --where production=\(record.production) --hold REASON holds the document itself."
        return switch record.state {
        case .produced: refused("queue.record.made", record, "Its document is made.", recall)
        case .held, .claimed:
            refused(
                "queue.record.held", record, "It is held already: \(record.reason ?? Books.heldByPerson).",
                "Nothing is to be done.")
        case .queued, .withdrawn:
            refused("queue.record.withdrawn", record, "Its approval was taken back.", "Nothing is to be done.")
        }
    }

    fileprivate func isHeldByPerson(_ record: QueuedRecord) throws -> Bool {
        try projector.words(about: record.production.rawValue).isHeld
    }

    /// A card of the record waits for an inspector.
    fileprivate func waits(_ record: QueuedRecord) throws -> Bool {
        try session.row(
            "SELECT 1 AS yes FROM attempt WHERE production = ? AND state = 'held'", [.text(record.production.rawValue)])
            != nil
    }

    /// Why no new attempt may begin: of each earlier one it must be known that its card is no document.
    fileprivate func stillOpen(_ record: QueuedRecord) throws -> SakkError? {
        let live = AttemptState.live.map { "'\($0.rawValue)'" }.joined(separator: ",")
        let row = try session.row(
            """
            SELECT a.attempt, b.account FROM attempt a LEFT JOIN blank b ON b.blank = a.blank
            WHERE a.production = ? AND (a.state IN (\(live),'produced') OR b.account IN ('cell','missing','good','held')
              OR a.death = 'unconfirmed' AND b.account <> 'destroyed')
              AND NOT EXISTS (SELECT 1 FROM document_remake m WHERE m.blank = a.blank) LIMIT 1
            """, [.text(record.production.rawValue)])
        guard let row else { return nil }
        let account = row.optionalText("account") ?? "no blank"
        return refused(
            "queue.record.open", record,
            "What became of its card is not settled: attempt \(try row.text("attempt")), account \(account).",
            "Settle the card (sakk card settle), or destroy it before two people (sakk stock destroy); a missing one "
                + "is found or given up first.")
    }
}
