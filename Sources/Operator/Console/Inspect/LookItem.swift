import Ground
import Ledger

/// What an inspector is shown next: a card that waits for a verdict, or an item of an audit. On the page the two look alike.
enum LookItem: Sendable {
    case card(WaitingCard, LineID)
    case audit(AuditTask)

    /// The attempt, or the audit's item.
    var id: String {
        switch self {
        case .card(let card, _): card.attempt.rawValue
        case .audit(let task): task.id.rawValue
        }
    }

    var path: String { "/inspect/\(Address.escape(id))" }

    /// Cards in their order, and after each third one an item of an audit, so that its place tells nothing.
    static func mixed<Item>(_ cards: [Item], _ audits: [Item]) -> [Item] {
        var mixed: [Item] = []
        var rest = audits[...]
        for (index, card) in cards.enumerated() {
            mixed.append(card)
            if index % 3 == 2, let audit = rest.popFirst() { mixed.append(audit) }
        }
        return mixed + rest
    }
}

extension Console {
    /// As the books tell hands apart: two people are never these two.
    static func isSame(_ first: String, _ second: String) -> Bool { (try? TwoPeople(first, second)) == nil }

    /// The cards of all lines that wait for an inspector.
    func waitingCards() async throws(SakkError) -> [(card: WaitingCard, line: LineID)] {
        var cards: [(WaitingCard, LineID)] = []
        for line in lines {
            for card in try await books.read(WaitingCardsQuery(line: line.id)) { cards.append((card, line.id)) }
        }
        return cards
    }

    /// What this person has not judged yet and nobody else has before him. A sample is looked at as an item of the audit first.
    func lookQueue(_ person: Person) async throws(SakkError) -> [LookItem] {
        let now = time.wall()
        let cards = try await waitingCards().filter { waiting in
            !waiting.card.isSample && waiting.card.isFree(for: person.id.rawValue, at: now)
                && !waiting.card.verdicts.contains { Console.isSame($0.person, person.id.rawValue) }
        }
        let audits = try await books.read(AuditTasksQuery(person: person.id.rawValue))
        return LookItem.mixed(cards.map { .card($0.card, $0.line) }, audits.map { .audit($0) })
    }

    /// A card that waits, or an item of an audit that this person has not answered. `console.unknown` for all else.
    func lookItem(_ name: String, _ person: Person) async throws(SakkError) -> LookItem {
        let audits = try await books.read(AuditTasksQuery(person: person.id.rawValue, limit: 10_000))
        if let task = audits.first(where: { $0.id.rawValue == name }) { return .audit(task) }
        if let found = try await waitingCards().first(where: { $0.card.attempt.rawValue == name }) {
            return .card(found.card, found.line)
        }
        throw SakkError(
            "console.look.gone", source: "console", subject: name, text: "Nobody waits for a verdict on this any more.",
            remedy: "Take the next one.")
    }
}
