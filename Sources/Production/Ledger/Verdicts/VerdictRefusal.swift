import Ground

/// Why a verdict is not taken: what happened, and what to do now.
enum VerdictRefusal {
    case unexpected, final, samePerson, away, answered, taken, heldByPerson

    var code: SakkError.Code {
        switch self {
        case .unexpected: "verdict.unexpected"
        case .final: "verdict.final"
        case .samePerson: "verdict.same"
        case .away: "verdict.away"
        case .answered: "verdict.answered"
        case .taken: "verdict.taken"
        case .heldByPerson: "verdict.held"
        }
    }

    private var words: (text: String, remedy: String) {
        switch self {
        case .unexpected:
            (
                "This card waits for no verdict.",
                "Only cards that were held for an inspector, and samples, get one; others: sakk card settle."
            )
        case .final:
            ("A reason of identity, chip or number is overridden by nobody.", "Reject the card: it is made again.")
        case .samePerson:
            ("Who rejected a card does not pass it.", "Another inspector has to look at it.")
        case .away:
            (
                "This is no good document that lies in the plant unpacked.",
                "Let logistics take it out of its envelope, or recall it (sakk recall)."
            )
        case .taken: ("Another inspector has this card before him.", "Take the next one.")
        case .heldByPerson:
            (
                "A person holds the record: the card stays where it is.",
                "Lay it back; when the hold is lifted (sakk queue release) it may be passed."
            )
        case .answered: ("This person has said what it is already.", "Take the next one: the first answer counts.")
        }
    }

    func error(_ source: String, _ subject: String) -> SakkError {
        SakkError(code, source: source, subject: subject, text: words.text, remedy: words.remedy)
    }
}
