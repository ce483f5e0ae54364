public import Ground

/// With what a line's inspection is tried, and which of its measures are watched: the file that `inspection_trust` of the
/// line names.
public struct InspectionTrust: Sendable {
    public struct Card: Sendable, Hashable {
        public let name: String
        /// The SPECIMEN record whose artwork the card should bear, were it good.
        public let record: String
        /// Codes of the published list, one of which the inspection must give.
        public let reasons: Set<String>
    }

    public let path: String
    /// Documents after which the cards are due without any other cause.
    public let interval: Int
    public let cards: [Card]
    /// Limits of measures, in thousandths.
    public let atLeast: [String: Int64]
    public let atMost: [String: Int64]

    /// Relative paths are resolved against the folder of the file itself.
    public init(path: String) throws(SakkError) {
        let base = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let root = try ConfigurationFile(path: path).root
        self.path = path
        var cards: [Card] = []
        for node in try root.nodes("challenge_cards") {
            let name = try node.string("name")
            guard !cards.contains(where: { $0.name == name }) else {
                throw node.error("name", "is the name of another card")
            }
            let record = try node.string("record")
            cards.append(
                Card(
                    name: name, record: record.hasPrefix("/") || base.isEmpty ? record : base + "/" + record,
                    reasons: Set(try node.requiredStrings("reasons"))))
        }
        self.cards = cards
        interval =
            cards.isEmpty ? 1 : try root.integer("challenge_interval_documents", in: 1...1_000_000)
        var least: [String: Int64] = [:]
        var most: [String: Int64] = [:]
        for node in try root.nodes("trends") {
            let measure = try node.string("measure")
            guard node.has("at_least_thousandths") || node.has("at_most_thousandths") else {
                throw node.error("measure", "needs at_least_thousandths or at_most_thousandths")
            }
            if let limit = try node.optionalInteger("at_least_thousandths") { least[measure] = Int64(limit) }
            if let limit = try node.optionalInteger("at_most_thousandths") { most[measure] = Int64(limit) }
        }
        atLeast = least
        atMost = most
        try root.finish()
    }
}
