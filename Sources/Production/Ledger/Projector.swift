import Ground
import Stations

/// Makes the tables from journal rows: the only code that changes a derived table. Each change is a row first, so
/// `verify` can replay the journal into an empty store and compare.
///
/// A row that does not find what it must change throws `ledger.rule`; nothing of its transaction is then in the books.
struct Projector {
    let session: any SQLSession
    let source: String

    /// Kinds that change tables; a note may not use one of them.
    static let kinds = Set([
        "line.taken", "batch.received", "record.taken", "record.state", "record.withdrawn", "record.hold",
        "record.release", "record.priority",
        "source.cursor", "stoplist.taken", "attempt.begun", "attempt.retaken", "attempt.state", "attempt.bound",
        "attempt.numbered",
        "attempt.document",
        "chip.death", "blank.registered", "blank.loaded", "blank.chip", "blank.moved", "blank.found", "blank.exit",
        "step.intent", "step.result", "machine.state",
    ]).union(StockChange.kinds).union(shiftKinds).union(commandKinds).union(PeopleChange.kinds).union(
        ShippingChange.kinds
    ).union(VerdictChange.kinds).union(TrustChange.kinds)

    func apply(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "batch.received", "record.taken", "record.state", "record.withdrawn", "record.hold", "record.release",
            "record.priority", "source.cursor", "stoplist.taken":
            try queue(entry, at)
        case "attempt.begun", "attempt.retaken", "attempt.state", "attempt.bound", "attempt.numbered",
            "attempt.document",
            "chip.death":
            try attempt(entry, at)
        case "blank.registered", "blank.loaded", "blank.chip", "blank.moved", "blank.found", "blank.exit":
            try blank(entry, at)
            try stock(after: entry, at)
        case "step.intent": try intend(entry, at)
        case "step.result": try conclude(entry, at)
        case "machine.state": try machine(entry, at)
        case _ where Projector.commandKinds.contains(entry.kind): try command(entry, at)
        case _ where PeopleChange.kinds.contains(entry.kind): try people(entry, at)
        case _ where ShippingChange.kinds.contains(entry.kind): try shipping(entry, at)
        case _ where VerdictChange.kinds.contains(entry.kind): try verdict(entry, at)
        case _ where TrustChange.kinds.contains(entry.kind): try trust(entry, at)
        case _ where StockChange.kinds.contains(entry.kind): try stock(entry, at)
        case _ where Projector.shiftKinds.contains(entry.kind): try shift(entry, at)
        default: return
        }
    }

    /// A change that did not find what it must change: the books and the caller disagree.
    func rule(_ text: String, _ subject: String) -> SakkError {
        SakkError(
            "ledger.rule", source: source, subject: subject, text: text,
            remedy: "Stop the line and call the engineer: the books and the machine disagree.")
    }

    /// Insists that exactly one row is changed.
    func one(_ sql: String, _ arguments: [SQLValue], else text: String, _ subject: String) throws {
        try session.later(sql, arguments) { changed in
            guard changed == 1 else { throw rule(text, subject) }
        }
    }

    // MARK: acts

    private func intend(_ entry: JournalEntry, _ at: Stamp) throws {
        try refuseGoodExit(entry)
        try refuseUnnumbered(entry)
        try refuseHeldLot(entry)
        try session.later(
            "INSERT INTO intent (attempt, step, try, line, cell, epoch, seq, wall, facts) VALUES (?,?,?,?,?,?,?,?,?)",
            [
                .text(try entry.subject(0)), .text(try entry.text("step")), .integer(try entry.integer("try")),
                .text(at.log), .text(try entry.text("cell")), .integer(at.epoch), .integer(at.seq), .integer(at.wall),
                .blob(JSONValue.object(entry.body).canonical),
            ])
    }

    /// A document whose approval was taken back, or whose record a person holds, is never ordered out by the good exit,
    /// however late the word came (DESIGN rule 8).
    private func refuseGoodExit(_ entry: JournalEntry) throws {
        guard try entry.text("step") == Step.eject.rawValue, entry.body["exit"]?.string == CardExit.good.rawValue else {
            return
        }
        let attempt = try entry.subject(0)
        let row = try session.row("SELECT production FROM attempt WHERE attempt = ?", [.text(attempt)])
        guard let production = try row?.text("production") else { return }
        let words = try words(about: production)
        if words.stopped != nil {
            throw SakkError(
                "record.withdrawn", source: source, subject: attempt,
                text: "The approval was taken back: the document may not leave by the good exit.",
                remedy: "Nothing: the line kills the chip and throws the card out.")
        }
        guard words.isHeld else { return }
        throw SakkError(
            SakkError.Code(rawValue: Books.heldByPerson), source: source, subject: attempt,
            text: "A person holds the record: the document may not leave by the good exit.",
            remedy: "Nothing: the line puts the card aside by the reject exit.")
    }

    /// A blank of a held lot is not fed, however late the hold came.
    private func refuseHeldLot(_ entry: JournalEntry) throws {
        guard try entry.text("step") == Step.feed.rawValue, let blank = entry.body["blank"]?.string else { return }
        try lotStands(blank)
    }

    private func conclude(_ entry: JournalEntry, _ at: Stamp) throws {
        let key: [SQLValue] = [
            .text(try entry.subject(0)), .text(try entry.text("step")), .integer(try entry.integer("try")),
        ]
        try one(
            "UPDATE intent SET open = 0 WHERE attempt = ? AND step = ? AND try = ? AND open = 1", key,
            else: "A result names no open intent.", try entry.subject(0))
        try session.later(
            "INSERT INTO result (attempt, step, try, outcome, seq, wall, facts) VALUES (?,?,?,?,?,?,?)",
            key + [
                .text(try entry.text("outcome")), .integer(at.seq), .integer(at.wall),
                .blob(JSONValue.object(entry.body).canonical),
            ])
    }

    private func machine(_ entry: JournalEntry, _ at: Stamp) throws {
        try session.later(
            """
            INSERT INTO cell (line, cell, state, mode, code, text, remedy, since, product, batch)
            VALUES (?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (line, cell) DO UPDATE SET state = excluded.state, mode = excluded.mode, code = excluded.code,
              text = excluded.text, remedy = excluded.remedy, since = excluded.since, product = excluded.product,
              batch = excluded.batch
            """,
            [
                .text(at.log), .text(try entry.subject(1)), .text(try entry.text("state")),
                .text(entry.body["mode"]?.string ?? UnitMode.production.rawValue),
                .optional(entry.body["code"]?.string), .text(try entry.text("text")),
                .text(entry.body["remedy"]?.string ?? ""), .integer(at.wall),
                .optional(entry.body["product"]?.string), .optional(entry.body["batch"]?.string),
            ])
    }
}
