public import Ground
public import Stations

/// Cards that are known to be bad, with which the inspection of a cell is tried: at shift start, after maintenance, another
/// ribbon or another plan, and after so many documents.
public struct ChallengeSet: Sendable {
    public struct Card: Sendable, Hashable {
        public let name: String
        /// Published codes, one of which the inspection must give.
        public let reasons: Set<String>

        public init(name: String, reasons: Set<String>) {
            self.name = name
            self.reasons = reasons
        }
    }

    /// What a challenge card should look like, were it good: a SPECIMEN's artwork, zone and portrait.
    public struct Document: Sendable {
        public let rendered: RenderedDocument
        public let mrz: [String]
        public let portrait: Picture

        public init(rendered: RenderedDocument, mrz: [String], portrait: Picture) {
            self.rendered = rendered
            self.mrz = mrz
            self.portrait = portrait
        }
    }

    public let cards: [Card]
    /// Documents after which a set is due without any other cause.
    public let interval: Int
    /// The reference of a card of the set, by its name.
    public let document: @Sendable (String) async throws(SakkError) -> Document

    /// At least one card, and an interval of at least one.
    public init(
        cards: [Card], interval: Int, document: @escaping @Sendable (String) async throws(SakkError) -> Document
    ) {
        precondition(!cards.isEmpty && interval > 0, "a set of cards, and how often it is due")
        self.cards = cards
        self.interval = interval
        self.document = document
    }
}

/// The limits of the inspection's measures, in thousandths, by the measure's name (`front.panel_offset_mm`).
public struct TrendLimits: Sendable, Hashable {
    public var atLeast: [String: Int64]
    public var atMost: [String: Int64]

    public init(atLeast: [String: Int64] = [:], atMost: [String: Int64] = [:]) {
        self.atLeast = atLeast
        self.atMost = atMost
    }

    var limits: [String: TrendWatch.Limits] {
        var limits: [String: TrendWatch.Limits] = [:]
        for (name, value) in atLeast { limits[name, default: .init()].atLeast = value }
        for (name, value) in atMost { limits[name, default: .init()].atMost = value }
        return limits
    }
}

/// What a person says about the trust in a cell's inspection.
public enum TrustWord: Sendable, Hashable {
    /// A challenge card of this name lies where the machine takes its next card.
    case challenge(String)
    case approve
    case refuse(String)
    case repaired
    /// This part was cleaned or changed: `printHead`, `ribbon`, `feedRollers`, `transport`, `lens`, `lamp`, `stock`.
    case attended(String)

    /// For `LineCommand.facts`, with the word `settle`.
    public var facts: [String: JSONValue] {
        switch self {
        case .challenge(let name): ["challenge": .string(name)]
        case .approve: ["article": "approve"]
        case .refuse(let reason): ["article": "refuse", "reason": .string(reason)]
        case .repaired: ["repaired": .bool(true)]
        case .attended(let part): ["attended": .string(part)]
        }
    }

    /// Nil for a command about something else.
    init?(_ facts: [String: JSONValue]) {
        if let name = facts["challenge"]?.string {
            self = .challenge(name)
        } else if let word = facts["article"]?.string {
            self = word == "approve" ? .approve : .refuse(facts["reason"]?.string ?? "")
        } else if facts["repaired"] == .bool(true) {
            self = .repaired
        } else if let part = facts["attended"]?.string {
            self = .attended(part)
        } else {
            return nil
        }
    }
}
