public import Ground

/// Whether an approval that was signed still stands today.
public enum Standing: Sendable, Hashable {
    case valid
    /// The authority took the approval back; `reason` is its own word for it, without personal data.
    case withdrawn(reason: String)
}

/// Says whether an approval still stands: from a signed stop-list or by asking its source. It is asked at intake, before
/// the first irreversible act, before the good exit and at packing.
///
/// An answer is never older than its source allows. Errors: `record.standing.old` (what is known is past its age: the
/// cause lies outside the line, which becomes Suspended until a newer answer is there), `record.standing.unreachable`
/// (nobody answers and nothing younger than the allowed age is known: Suspended as well), `record.standing.unknown`
/// (the source does not know this production: the record is held).
public protocol RecordStanding: Sendable {
    func standing(of production: ProductionID) async throws(SakkError) -> Standing
}

extension SakkError {
    /// True when the standing of records cannot be known for now: the line waits, Suspended, and asks again.
    public var suspendsForStanding: Bool { code == "record.standing.old" || code == "record.standing.unreachable" }
}
