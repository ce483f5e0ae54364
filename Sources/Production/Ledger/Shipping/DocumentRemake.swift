public import Ground

/// A document that had left the good box and is to be made once more, because nobody can be given the old one.
public struct DocumentRemake: Sendable, Hashable {
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// On its way, or at its place.
        case lost
        /// It came back and is no document to give to anybody.
        case damaged
        /// Set aside by a recall.
        case recalled
    }

    /// What becomes of the number.
    public enum Number: String, Sendable, Hashable, CaseIterable {
        /// The next booklet brings a new one; the old one is void.
        case booklet
        /// The record's own, once more: only when the old document is destroyed.
        case kept
        /// The authority's other request brings a new one; the old record ends and its number is void.
        case request
    }

    public let production: ProductionID
    public let cause: Cause
    public let number: Number
    /// The authority's letter or request number that asks for it.
    public let reference: String
    /// The record that takes its place (`request`).
    public let replacement: ProductionID?

    public init(
        _ production: ProductionID, cause: Cause, number: Number, reference: String, replacement: ProductionID? = nil
    ) {
        self.production = production
        self.cause = cause
        self.number = number
        self.reference = reference
        self.replacement = replacement
    }
}

/// Why no document is made again: what is so, and what to do now.
enum RemakeRefusal: String {
    case unknown, alive, withdrawn, again, cause, number, replacement, gone

    private var words: (text: String, remedy: String) {
        switch self {
        case .unknown: ("No document of this record was packed.", "Scan it again; what lies in the plant is voided.")
        case .alive:
            (
                "The old document can still be handed over.",
                "Take it back first (it came back, or is lost before two people)."
            )
        case .withdrawn: ("The approval was taken back.", "The authority approves anew: that is a record of its own.")
        case .again: ("It is made again already.", "Look for the new one: one document is made again once.")
        case .cause: ("This is not what became of the old document.", "Choose what the books say of it.")
        case .number:
            (
                "The number would be on two documents: the old one is not destroyed.",
                "Destroy it before two people, or name the authority's request with a new number."
            )
        case .replacement:
            (
                "The record that is named does not take its place.",
                "Name a waiting record of the same authority and product, which replaces no other."
            )
        case .gone: ("The record's content was forgotten.", "Ask the authority for a new request.")
        }
    }

    func error(_ source: String, _ subject: String) -> SakkError {
        SakkError(
            SakkError.Code(rawValue: "remake.\(rawValue)"), source: source, subject: subject, text: words.text,
            remedy: words.remedy)
    }
}
