public import Ground

/// What inspectors say of cards: one journal row each. What follows for chip, blank and record are rows of their own in
/// the same transaction.
public enum VerdictChange: Sendable {
    /// Of a card that is held by its attempt, or lies among the samples.
    case given(AttemptID, BlankID, CardVerdict, reason: String?, by: String)
    /// A produced document is no document any more: before two people, and only while it is in the plant. It is written
    /// before its chip is killed; the record waits until that death is confirmed.
    case voided(AttemptID, ProductionID, BlankID, reason: String, TwoPeople)
    /// Out of the good box, to be looked at.
    case sampled(BlankID, AttemptID, by: String)
    /// A sample that passed, back into the good box.
    case sampleBack(BlankID, AttemptID, by: String)
    /// An inspector has the card before him: nobody else is given it before this time, or before he lets go.
    case taken(AttemptID, until: WallTime, by: String)
    case auditPlaced(AuditItem)
    case auditAnswered(AuditID, CardVerdict, reason: String?, by: String)

    static let kinds: Set<String> = [
        "verdict.given", "document.voided", "card.taken", "audit.placed", "audit.answered",
    ]

    var entry: JournalEntry {
        switch self {
        case .given(let attempt, let blank, let verdict, let reason, let person):
            JournalEntry(
                "verdict.given", [attempt.rawValue, blank.rawValue],
                ["verdict": .string(verdict.rawValue), "reason": .optional(reason), "by": .string(person)])
        case .voided(let attempt, let production, let blank, let reason, let people):
            JournalEntry(
                "document.voided", [attempt.rawValue, production.rawValue, blank.rawValue],
                StockChange.people(people).merging([
                    "reason": .string(reason), "attempt": .string(attempt.rawValue),
                ]) { $1 })
        case .sampled(let blank, let attempt, let person):
            VerdictChange.moved(blank, .good, .sample, "sample", attempt, person)
        case .sampleBack(let blank, let attempt, let person):
            VerdictChange.moved(blank, .sample, .good, "sample.passed", attempt, person)
        case .taken(let attempt, let until, let person):
            JournalEntry(
                "card.taken", [attempt.rawValue], ["until": .integer(until.microseconds), "by": .string(person)])
        case .auditPlaced(let item):
            JournalEntry(
                "audit.placed", [item.id.rawValue, item.item],
                ["truth": .optional(item.truth), "attempt": .optional(item.attempt?.rawValue)])
        case .auditAnswered(let audit, let verdict, let reason, let person):
            JournalEntry(
                "audit.answered", [audit.rawValue],
                ["verdict": .string(verdict.rawValue), "reason": .optional(reason), "by": .string(person)])
        }
    }

    private static func moved(
        _ blank: BlankID, _ from: Account, _ to: Account, _ reason: String, _ attempt: AttemptID, _ person: String
    ) -> JournalEntry {
        var entry = BooksWriter.moved(blank.rawValue, from: from, to: to, reason: reason)
        entry.body["attempt"] = .string(attempt.rawValue)
        entry.body["by"] = .string(person)
        return entry
    }
}
