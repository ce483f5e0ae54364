public import Ground

/// One picture that inspectors are shown to see how well they see. UUIDv7.
public struct AuditID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A card that the machine judged already, or pictures with a seeded defect; an inspector sees neither the machine's answer
/// nor that it is one.
public struct AuditItem: Sendable, Hashable {
    public let id: AuditID
    /// What is shown: the attempt's id, or the name of a set of pictures of the plant; no personal data.
    public let item: String
    /// The reason code of the seeded defect; nil for a card that passed.
    public let truth: String?
    /// Of a sampled document.
    public let attempt: AttemptID?

    /// Pictures with a known defect.
    public init(id: AuditID, seeded pictures: String, truth: String) {
        self.id = id
        item = pictures
        self.truth = truth
        attempt = nil
    }

    /// A document that the machine passed.
    public init(id: AuditID, sample attempt: AttemptID) {
        self.id = id
        item = attempt.rawValue
        truth = nil
        self.attempt = attempt
    }
}
