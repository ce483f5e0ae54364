import Ground
import Ledger
import Stations

/// Trust in the inspection, as a pure value: it is tried with cards that are known to be bad, and what it let pass since it
/// was last right is put aside when it fails.
///
/// ```
///   owing --every card rejected for its own reason--> trusted  --shift, cards made--> owing
///     ^  \                                        \-> article --approved--> trusted
///     |   \--a card passed, or named otherwise--> failed       --refused--> failed
///     \---- repaired ------------------------------/           --ribbon, plan, maintenance--> owing
/// ```
///
/// Invariants:
/// 1. `mayProduce` is true in `trusted` only, and for the one card that is to be approved in `article`.
/// 2. A set of challenges counts as a whole: each of its cards is rejected with one of its own reasons, in one go.
/// 3. What passed since the last good set is given out by id as soon as a card of a set is let through, and never twice.
/// 4. "Cannot judge" proves nothing: the card is shown again, and the third time the set has failed.
struct ChallengeWatch: Sendable {
    /// A card that is known to be bad, and the published codes one of which must be given for it.
    struct Card: Sendable, Hashable {
        let name: String
        let reasons: Set<String>
    }

    enum Cause: String, Sendable, Hashable {
        case shift, maintenance, ribbon, plan, count

        /// What changes how documents look is also looked at by a person.
        var needsArticle: Bool { self == .maintenance || self == .ribbon || self == .plan }
    }

    enum State: Sendable, Hashable {
        case owing(Set<Cause>, left: [Card])
        case article(AttemptID?)
        case trusted
        case failed(String)
    }

    enum Event: Sendable {
        case due(Cause)
        /// A card of the set was judged.
        case challenged(String, Verdict)
        /// A document of the production passed.
        case passed(AttemptID)
        case approved(by: String)
        case refused(by: String, reason: String)
        /// Somebody put the fault right and says so.
        case repaired(by: String)
    }

    enum Action: Sendable, Hashable {
        case askForCards([String])
        case showAgain(String)
        case askForApproval(AttemptID)
        case stopCell(code: String, text: String, remedy: String)
        case quarantine([AttemptID])
        /// The journal gets the result of a set; `good` false with the card that was not found.
        case record(good: Bool, card: String?)
        case produce
    }

    private(set) var state: State
    /// What passed since the last good set.
    private(set) var since: [AttemptID] = []
    private let cards: [Card]
    /// Documents after which a set is due without any other cause.
    private let interval: Int
    private var doubts = 0

    /// Begins without trust: a set is due.
    init(cards: [Card], interval: Int) {
        precondition(!cards.isEmpty && interval > 0, "a set of cards, and how often it is due")
        self.cards = cards
        self.interval = interval
        state = .owing([.shift], left: cards)
    }

    /// As the books have it, after a restart: `since` is what was made since nothing was in question.
    init(cards: [Card], interval: Int, from known: TrustState, since made: [AttemptID]) {
        self.init(cards: cards, interval: interval)
        since = made
        doubts = known.doubts
        let causes = Set(known.causes.compactMap(Cause.init(rawValue:)))
        // the set may have been changed since: then it is shown whole
        let left = cards.filter { known.left.contains($0.name) }
        switch known.word {
        case .owing:
            let isSame = !left.isEmpty && left.count == known.left.count
            state = .owing(causes.isEmpty ? [.shift] : causes, left: isSame ? left : cards)
        case .article: state = .article(known.article ?? made.last)
        case .trusted: state = made.count >= interval ? .owing([.count], left: cards) : .trusted
        case .failed: state = .failed(known.code ?? "line.challenge.failed")
        }
    }

    /// What the books keep of it; what it was shown for is the caller's to add.
    var known: TrustState {
        var known: TrustState
        switch state {
        case .owing(let causes, let left):
            known = TrustState(.owing)
            known.causes = causes.map(\.rawValue).sorted()
            known.left = left.map(\.name)
        case .article(let attempt):
            known = TrustState(.article)
            known.article = attempt
        case .trusted: known = TrustState(.trusted)
        case .failed(let code):
            known = TrustState(.failed)
            known.code = code
        }
        known.doubts = doubts
        return known
    }

    /// Why nothing is made now: code, words, remedy; nil when something may be.
    var stop: (code: String, text: String, remedy: String)? {
        switch state {
        case .trusted, .article(nil): nil
        case .owing(let causes, let left):
            (
                "line.challenge.due",
                "The inspection is to be tried (\(causes.map(\.rawValue).sorted().joined(separator: ", "))): "
                    + left.map(\.name).joined(separator: ", ") + ".",
                "Lay each challenge card into the machine and show it (sakk line challenge)."
            )
        case .article(let attempt):
            (
                "line.article.waiting", "The first document waits to be approved: \(attempt?.rawValue ?? "").",
                "Look at it beside the reference, then approve or refuse it (sakk line article)."
            )
        case .failed(let code):
            (
                code, "A challenge card was let through, or the first document was refused.",
                "Put the cause right, say so (sakk line repaired), and show the challenge cards again."
            )
        }
    }

    var mayProduce: Bool {
        switch state {
        case .trusted, .article(nil): true
        default: false
        }
    }

    mutating func handle(_ event: Event) -> [Action] {
        switch (event, state) {
        case (.due(let cause), .owing(let causes, _)): return owe(causes.union([cause]))
        case (.due(let cause), .trusted), (.due(let cause), .article): return owe([cause])
        case (.due, .failed): return []
        case (.challenged(let name, let verdict), .owing(let causes, let left)):
            return challenged(name, verdict, causes, left)
        case (.passed(let attempt), .trusted):
            since.append(attempt)
            return since.count >= interval ? owe([.count]) : []
        case (.passed(let attempt), .article(nil)):
            since.append(attempt)
            state = .article(attempt)
            return [.askForApproval(attempt)]
        case (.passed(let attempt), _):
            // made while nothing was to be made: it is not trusted either
            return [.quarantine([attempt])]
        case (.approved, .article(.some)):
            state = .trusted
            return [.produce]
        case (.refused(_, let reason), .article(.some(let attempt))):
            since.removeAll { $0 == attempt }
            return [.quarantine([attempt])]
                + fail(
                    "line.article.refused", "The first document was not approved: \(reason).",
                    "Put the cause right, then show the challenge cards.")
        case (.repaired, .failed): return owe([.maintenance])
        default: return []
        }
    }

    private mutating func owe(_ causes: Set<Cause>) -> [Action] {
        state = .owing(causes, left: cards)
        doubts = 0
        return [.askForCards(cards.map(\.name))]
    }

    private mutating func challenged(
        _ name: String, _ verdict: Verdict, _ causes: Set<Cause>, _ left: [Card]
    ) -> [Action] {
        guard let card = left.first(where: { $0.name == name }) else { return [.askForCards(left.map(\.name))] }
        switch verdict {
        case .cannotJudge:
            doubts += 1
            return doubts < 3 ? [.showAgain(name)] : missed(card, "could not be judged three times")
        case .pass: return missed(card, "passed")
        case .reject(let findings):
            guard findings.contains(where: { card.reasons.contains($0.code) }) else {
                return missed(card, "was rejected for another reason")
            }
        }
        doubts = 0
        let rest = left.filter { $0 != card }
        guard rest.isEmpty else {
            state = .owing(causes, left: rest)
            return [.askForCards(rest.map(\.name))]
        }
        since = []
        guard causes.contains(where: \.needsArticle) else {
            state = .trusted
            return [.record(good: true, card: nil), .produce]
        }
        state = .article(nil)
        return [.record(good: true, card: nil), .produce]
    }

    /// The inspection is not to be trusted: nor is what it let pass.
    private mutating func missed(_ card: Card, _ what: String) -> [Action] {
        let untrusted = since
        since = []
        return [.record(good: false, card: card.name)] + (untrusted.isEmpty ? [] : [.quarantine(untrusted)])
            + fail(
                "line.challenge.failed", "The challenge card \(card.name) \(what).",
                "Look at the camera, its light and the inspection plan; then show the challenge cards again.")
    }

    private mutating func fail(_ code: String, _ text: String, _ remedy: String) -> [Action] {
        state = .failed(code)
        return [.stopCell(code: code, text: text, remedy: remedy)]
    }
}
