/// What a person says of a card that lies before them. "Hold" is "cannot judge": the card stays where it is.
public enum CardVerdict: String, Sendable, Hashable, CaseIterable {
    case pass, reject, hold
}

/// Whether a second inspector may say otherwise (DESIGN rule 7).
public enum ReasonWeight: String, Sendable, Hashable, CaseIterable {
    /// How the print looks, or that the picture of it did not do.
    case print
    /// Identity, chip, number, and whatever is not known: overridden by nobody.
    case final

    /// Of a reason as `profiles/reasons.yaml` has it, or of the line's own. The list is edited on the floor, the rule is
    /// not: what is not named here is final.
    public init(reason: String) {
        let isPrint = ReasonWeight.ofPrint.contains { reason == $0 || reason.hasPrefix("\($0).") }
        self = isPrint ? .print : .final
    }

    private static let ofPrint: Set<String> = [
        "print", "panel", "card.stock", "card.absent", "frame", "focus", "exposure", "glare", "picture",
        "inspection.failed", "camera.frame.incomplete",
        // nothing was wrong with it: an inspector passes it once the hold is lifted
        Books.heldByPerson,
    ]
}
