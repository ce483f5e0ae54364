public import Ground

/// The published list of what the inspection says: `profiles/reasons.yaml`. Which codes exist is for the inspection to say.
public struct ReasonList: Sendable {
    public enum Severity: String, Sendable, Hashable, CaseIterable {
        /// Another person's data, or data that nobody signed.
        case identity
        case major
        case minor
        /// Not a fault: a reason why nothing can be said.
        case doubt
    }

    public struct Reason: Sendable, Hashable {
        public let severity: Severity
        public let english: String
        public let arabic: String
        public let sorani: String
    }

    public let reasons: [String: Reason]

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        let list = try root.node("reasons")
        var reasons: [String: Reason] = [:]
        for code in list.keys() {
            let node = try list.node(code)
            let word = try node.string("severity", oneOf: Severity.allCases.map(\.rawValue))
            reasons[code] = Reason(
                severity: Severity(rawValue: word) ?? .major, english: try node.string("english"),
                arabic: try node.string("arabic"), sorani: try node.string("sorani"))
        }
        try root.finish()
        self.reasons = reasons
    }

    /// The texts by code and language (`ar`, `ckb`, `en`).
    public var texts: [String: [String: String]] {
        reasons.mapValues { ["ar": $0.arabic, "ckb": $0.sorani, "en": $0.english] }
    }

    public subscript(code: String) -> Reason? { reasons[code] }
}
