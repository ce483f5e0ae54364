import Ground

extension Projector {
    func verdict(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "verdict.given": try given(entry, at)
        case "document.voided": try voidDocument(entry, at)
        case "card.taken": try take(inHand: entry, at)
        case "audit.placed":
            try session.later(
                "INSERT INTO audit_item (audit, item, truth, attempt, placed) VALUES (?,?,?,?,?)",
                [
                    .text(try entry.subject(0)), .text(try entry.subject(1)), .optional(entry.body["truth"]?.string),
                    .optional(entry.body["attempt"]?.string), .integer(at.wall),
                ])
        default:
            let audit = try entry.subject(0)
            let hand = TwoPeople.plain(try entry.text("by"))
            let key: [SQLValue] = [.text(audit), .text(hand)]
            let before = try session.row("SELECT 1 AS yes FROM audit_answer WHERE audit = ? AND hand = ?", key)
            guard before == nil else { throw VerdictRefusal.answered.error(source, audit) }
            try session.later(
                "INSERT INTO audit_answer (audit, hand, person, verdict, reason, wall) VALUES (?,?,?,?,?,?)",
                key + [
                    .text(try entry.text("by")), .text(try entry.text("verdict")),
                    .optional(entry.body["reason"]?.string), .integer(at.wall),
                ])
        }
    }

    private func given(_ entry: JournalEntry, _ at: Stamp) throws {
        let attempt = try entry.subject(0)
        let blank = try entry.subject(1)
        guard let verdict = CardVerdict(rawValue: try entry.text("verdict")) else {
            throw SQLFailure.shape("verdict.given verdict")
        }
        let person = try entry.text("by")
        let hand = TwoPeople.plain(person)
        let card = try session.row(
            """
            SELECT a.state, a.reason, a.production FROM attempt a JOIN blank b ON b.blank = a.blank
            WHERE a.attempt = ? AND b.blank = ? AND a.line = ?
              AND (a.state = 'held' AND b.account = 'held' OR a.state = 'produced' AND b.account = 'sample')
            """, [.text(attempt), .text(blank), .text(at.log)])
        guard let card else { throw VerdictRefusal.unexpected.error(source, attempt) }
        let reason = entry.body["reason"]?.string
        var weight: ReasonWeight?
        var over: SQLRow?
        switch verdict {
        case .hold: break
        case .reject: weight = reason.map { ReasonWeight(reason: $0) }
        case .pass:
            // what the machine could not judge, when it was the machine that held it
            guard card.optionalText("reason").map({ ReasonWeight(reason: $0) }) ?? .print == .print else {
                throw VerdictRefusal.final.error(source, attempt)
            }
            let words = try words(about: try card.text("production"))
            guard words.stopped == nil else {
                throw SakkError(
                    "record.withdrawn", source: source, subject: attempt,
                    text: "The approval was taken back: the document may not become good.",
                    remedy: "Reject the card (--final): its chip is killed.")
            }
            guard !words.isHeld || card.optionalText("state") != AttemptState.held.rawValue else {
                throw VerdictRefusal.heldByPerson.error(source, attempt)
            }
            weight = .print
            over = try overridden(attempt, by: hand)
        }
        try session.later(
            """
            INSERT INTO verdict (log, seq, attempt, blank, verdict, reason, weight, person, hand, wall, over_seq,
              over_weight, over_hand) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            [
                .text(at.log), .integer(at.seq), .text(attempt), .text(blank), .text(verdict.rawValue),
                .optional(reason), .optional(weight?.rawValue), .text(person), .text(hand), .integer(at.wall),
                .optional(over?.optionalInteger("seq")), .optional(over?.optionalText("weight")),
                .optional(over?.optionalText("hand")),
            ])
        try session.later("DELETE FROM card_in_hand WHERE attempt = ?", [.text(attempt)])
    }

    /// One card before one inspector: whoever takes another lets go of the one before.
    private func take(inHand entry: JournalEntry, _ at: Stamp) throws {
        let attempt = try entry.subject(0)
        let hand = SQLValue.text(TwoPeople.plain(try entry.text("by")))
        try session.execute("DELETE FROM card_in_hand WHERE hand = ? AND attempt <> ?", [hand, .text(attempt)])
        let changed = try session.execute(
            """
            INSERT INTO card_in_hand (attempt, hand, person, until) VALUES (?,?,?,?)
            ON CONFLICT (attempt) DO UPDATE SET hand = excluded.hand, person = excluded.person, until = excluded.until
              WHERE card_in_hand.hand = excluded.hand OR card_in_hand.until <= ?
            """,
            [
                .text(attempt), hand, .text(try entry.text("by")), .integer(try entry.integer("until")),
                .integer(at.wall),
            ])
        guard changed == 1 else { throw VerdictRefusal.taken.error(source, attempt) }
    }

    /// The last reject of this card that a pass by this hand overrides; nil when nobody rejected it.
    private func overridden(_ attempt: String, by hand: String) throws -> SQLRow? {
        let rejects = try session.rows(
            "SELECT seq, weight, hand FROM verdict WHERE attempt = ? AND verdict = 'reject' ORDER BY seq",
            [.text(attempt)])
        for reject in rejects {
            guard try reject.text("weight") == ReasonWeight.print.rawValue else {
                throw VerdictRefusal.final.error(source, attempt)
            }
            guard try reject.text("hand") != hand else { throw VerdictRefusal.samePerson.error(source, attempt) }
        }
        return rejects.last
    }

    /// Its number is void, and its record waits for the proof of the chip's death.
    private func voidDocument(_ entry: JournalEntry, _ at: Stamp) throws {
        try two(entry)
        let attempt = try entry.subject(0)
        let production = try entry.subject(1)
        let blank = try entry.subject(2)
        let reason = SQLValue.text(try entry.text("reason"))
        // in the order of a withdrawal: the lock of the record first
        guard try stopped(production) == nil else { throw VerdictRefusal.unexpected.error(source, attempt) }
        let changed = try session.execute(
            """
            UPDATE attempt SET state = 'voided', reason = ?, death = 'unconfirmed'
            WHERE attempt = ? AND production = ? AND blank = ? AND state = 'produced' AND EXISTS (SELECT 1 FROM blank b
                WHERE b.blank = attempt.blank AND b.account IN ('good','sample','held'))
              AND NOT EXISTS (SELECT 1 FROM parcel p WHERE p.production = attempt.production)
            """, [reason, .text(attempt), .text(production), .text(blank)])
        guard changed == 1 else { throw VerdictRefusal.away.error(source, attempt) }
        try void(blank, entry, at)
        try one(
            """
            UPDATE production SET state = 'held', reason = 'chip.death.unconfirmed', since = ?
            WHERE production = ? AND state = 'produced'
            """, [.integer(at.wall), .text(production)], else: "The record is not made.", production)
    }

    /// A document is sampled while it is good and nobody packs it, and goes back when the last word on it was a pass.
    func sampled(_ blank: String, from: String, to: String) throws {
        if from == Account.good.rawValue, to == Account.sample.rawValue {
            let good = try session.row(
                """
                SELECT 1 AS yes FROM attempt a WHERE a.blank = ? AND a.state = 'produced'
                  AND NOT EXISTS (SELECT 1 FROM parcel p WHERE p.production = a.production)
                """, [.text(blank)])
            guard good != nil else { throw VerdictRefusal.away.error(source, blank) }
        }
        guard from == Account.sample.rawValue, to == Account.good.rawValue else { return }
        let last = try session.row(
            """
            SELECT v.verdict FROM verdict v JOIN attempt a ON a.attempt = v.attempt
            WHERE v.blank = ? AND a.state = 'produced' ORDER BY v.seq DESC LIMIT 1
            """, [.text(blank)])
        guard last?.optionalText("verdict") == CardVerdict.pass.rawValue else {
            throw VerdictRefusal.unexpected.error(source, blank)
        }
    }
}
