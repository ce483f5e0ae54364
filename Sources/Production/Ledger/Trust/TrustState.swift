public import Ground

/// How far the inspection of one cell is trusted, as it stands in the books: enough to go on after a restart.
public struct TrustState: Sendable, Hashable {
    public enum Word: String, Sendable, Hashable, CaseIterable {
        /// Challenge cards are to be shown.
        case owing
        /// The first document is to be made and approved.
        case article
        case trusted
        /// A challenge card was let through, or the first document refused.
        case failed
    }

    public var word: Word
    /// Why a set is due: `shift`, `maintenance`, `ribbon`, `plan`, `count`.
    public var causes: [String] = []
    /// Challenge cards that are still to be shown.
    public var left: [String] = []
    /// The first document, once it is made.
    public var article: AttemptID?
    /// Why it failed.
    public var code: String?
    /// How often the card that is shown could not be judged.
    public var doubts = 0
    /// What the last set was shown for: when one of them is another, a new set is due.
    public var shift: String?
    public var ribbon: String?
    public var plan: String?

    public init(_ word: Word) { self.word = word }

    var facts: [String: JSONValue] {
        [
            "state": .string(word.rawValue), "causes": .array(causes.map { .string($0) }),
            "left": .array(left.map { .string($0) }), "article": .optional(article?.rawValue), "code": .optional(code),
            "doubts": .count(doubts), "shift": .optional(shift), "ribbon": .optional(ribbon), "plan": .optional(plan),
        ]
    }

    init(_ facts: [String: JSONValue]) throws {
        guard let word = facts["state"]?.string.flatMap(Word.init(rawValue:)) else { throw SQLFailure.shape("trust") }
        self.init(word)
        causes = facts["causes"]?.array?.compactMap(\.string) ?? []
        left = facts["left"]?.array?.compactMap(\.string) ?? []
        article = facts["article"]?.string.map { AttemptID($0) }
        code = facts["code"]?.string
        doubts = Int(facts["doubts"]?.integer ?? 0)
        shift = facts["shift"]?.string
        ribbon = facts["ribbon"]?.string
        plan = facts["plan"]?.string
    }
}

/// Changes of the trust in a cell's inspection; rows of the line's log.
public enum TrustChange: Sendable {
    /// `resets`: nothing that was made before this row is in question any more.
    case state(CellID, TrustState, resets: Bool)
    /// Documents that passed while the inspection cannot be trusted, by id; those that lie in the plant are called back
    /// by rows of their own.
    case doubted(CellID, [AttemptID], reason: String)

    static let kinds: Set<String> = ["challenge.state", "challenge.doubted"]

    var entry: JournalEntry {
        switch self {
        case .state(let cell, let state, let resets):
            JournalEntry("challenge.state", [cell.rawValue], state.facts.merging(["resets": .bool(resets)]) { $1 })
        case .doubted(let cell, let attempts, let reason):
            JournalEntry(
                "challenge.doubted", [cell.rawValue] + attempts.map(\.rawValue), ["reason": .string(reason)])
        }
    }
}
