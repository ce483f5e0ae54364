import Ledger

/// The reason for which a card is held, out of what the inspection says of its sides (`front: glare; back: focus`): one code
/// of the published list, so that it has its words in every language and its weight. One that no inspector may override
/// comes before the others.
enum DoubtCode {
    static func of(_ text: String) -> String {
        let codes = text.split(separator: ";").compactMap { side in
            side.split(separator: ":").last?.split(separator: " ").first.map(String.init)
        }
        return codes.first { ReasonWeight(reason: $0) == .final } ?? codes.first ?? text
    }
}
