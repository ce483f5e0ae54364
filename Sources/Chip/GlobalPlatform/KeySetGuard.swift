public import Ground
import Synchronization

/// What is remembered of cards that proved other keys than a key set's.
public struct WrongCards: Sendable, Equatable {
    /// Wrong card cryptograms one after another, no right one between.
    public var inARow: Int
    /// The cards that gave them: chip identity, or diversification data where a chip has no identity.
    public var cards: [String]

    public init(inARow: Int = 0, cards: [String] = []) {
        self.inARow = inARow
        self.cards = cards
    }
}

/// Where the memory lies: it has to survive the program, since most wrong keys are tried by starting it again.
public protocol WrongCardStore: Sendable {
    func wrongCards(of keySet: String) throws(SakkError) -> WrongCards
    /// Changes what is remembered, one caller after another (readers work side by side); on disk when it returns.
    func change(_ keySet: String, _ body: (inout WrongCards) -> Void) throws(SakkError)
}

/// Memory of one process: for tests and for a line whose ledger keeps the count.
public final class WrongCardMemory: WrongCardStore {
    private let sets = Mutex<[String: WrongCards]>([:])
    public init() {}
    public func wrongCards(of keySet: String) -> WrongCards { sets.withLock { $0[keySet] ?? WrongCards() } }
    public func change(_ keySet: String, _ body: (inout WrongCards) -> Void) {
        sets.withLock { body(&$0[keySet, default: WrongCards()]) }
    }
}

/// Stops a key set that three cards in a row did not know: then the keys or the stock are wrong, and going on would spoil a
/// tray. A card that once proved other keys is not sent anything more under the same key set.
public struct KeySetGuard: Sendable {
    public static let limit = 3

    /// Names the keys without telling them: scheme, version and check value.
    public let keySet: String
    private let store: any WrongCardStore

    public init(keySet: String, store: any WrongCardStore) {
        self.keySet = keySet
        self.store = store
    }

    /// Before INITIALIZE UPDATE. Throws `chip.keys.stopped` or `chip.keys.other`.
    public func admit(_ card: String?) throws(SakkError) {
        let wrong = try store.wrongCards(of: keySet)
        if let card, wrong.cards.contains(card) {
            throw SakkError(
                "chip.keys.other", source: "chip", subject: keySet,
                text: "This card proved other keys than key set \(keySet) before. Nothing was sent to it.",
                remedy: "Find out which keys it has; with the right ones it is not held back.")
        }
        guard wrong.inARow < KeySetGuard.limit else {
            throw SakkError(
                "chip.keys.stopped", source: "chip", subject: keySet,
                text: "\(wrong.inARow) cards in a row did not know key set \(keySet). It is stopped.",
                remedy:
                    "Compare stock, key version, diversification and the master key's check value; then release the key set."
            )
        }
    }

    /// A wrong card cryptogram: kept before anything else happens.
    public func wrong(_ card: String?) throws(SakkError) {
        try store.change(keySet) { wrong in
            wrong.inARow += 1
            if let card, !wrong.cards.contains(card) { wrong.cards.append(card) }
        }
    }

    /// A right card cryptogram ends the row.
    public func right() throws(SakkError) {
        guard try store.wrongCards(of: keySet).inARow > 0 else { return }
        try store.change(keySet) { $0.inARow = 0 }
    }

    /// A person looked and lets the key set and its cards work again.
    public func release() throws(SakkError) { try store.change(keySet) { $0 = WrongCards() } }
}
