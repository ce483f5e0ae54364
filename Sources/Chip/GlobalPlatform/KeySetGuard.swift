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
    /// On disk when it returns.
    func keep(_ wrong: WrongCards, of keySet: String) throws(SakkError)
}

/// Memory of one process: for tests and for a line whose ledger keeps the count.
public final class WrongCardMemory: WrongCardStore {
    private let sets = Mutex<[String: WrongCards]>([:])
    public init() {}
    public func wrongCards(of keySet: String) -> WrongCards { sets.withLock { $0[keySet] ?? WrongCards() } }
    public func keep(_ wrong: WrongCards, of keySet: String) { sets.withLock { $0[keySet] = wrong } }
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
        var wrong = try store.wrongCards(of: keySet)
        wrong.inARow += 1
        if let card, !wrong.cards.contains(card) { wrong.cards.append(card) }
        try store.keep(wrong, of: keySet)
    }

    /// A right card cryptogram ends the row.
    public func right() throws(SakkError) {
        var wrong = try store.wrongCards(of: keySet)
        guard wrong.inARow > 0 else { return }
        wrong.inARow = 0
        try store.keep(wrong, of: keySet)
    }

    /// A person looked and lets the key set and its cards work again.
    public func release() throws(SakkError) { try store.keep(WrongCards(), of: keySet) }
}
