public import Ground
public import Stations

/// What a person at the machine wants to know beyond its state.
public struct PrinterDetails: Sendable, Hashable {
    /// Cards that the ribbon is good for, as the printer says.
    public var ribbonCards: Int?
    /// The same as our own account of the panels has it, counted from the ribbon's first reading.
    public var accountedCards: Int?
    /// Ribbon's lot, where the printer reads it.
    public var ribbonLot: String?
    /// Cards until it must be cleaned; nil where the printer does not tell before.
    public var cleaningCards: Int?
    /// Every counter of the printer by its name, in the family's order.
    public var counters: [Counter]
    /// Whether cards and panels of its status are those of the machine's whole life; else they only tell acts apart.
    public var tellsLife = true

    public struct Counter: Sendable, Hashable {
        public let name: String
        public let value: Int
        public init(_ name: String, _ value: Int) {
            self.name = name
            self.value = value
        }
    }

    public init(
        ribbonCards: Int?, accountedCards: Int?, ribbonLot: String?, cleaningCards: Int?, counters: [Counter]
    ) {
        self.ribbonCards = ribbonCards
        self.accountedCards = accountedCards
        self.ribbonLot = ribbonLot
        self.cleaningCards = cleaningCards
        self.counters = counters
    }

    /// How many cards can be made before a person has to come.
    public var forecast: Int? { [ribbonCards, cleaningCards].compactMap(\.self).min() }

    /// The printer's count and ours are further apart than one card.
    public var drifts: Bool {
        guard let ribbonCards, let accountedCards else { return false }
        return abs(ribbonCards - accountedCards) > 1
    }
}

/// A card printer with what service needs. Nothing here prints or feeds but the cleaning run, which a person starts.
public protocol ServicePrinter: CardPrinter {
    func details() async throws(SakkError) -> PrinterDetails
    /// Runs the cleaning card that lies in the hopper. `printer.clean.display` where only the machine's own display can.
    func clean() async throws(SakkError)
}

/// Our own account of a ribbon: what it had when we first read it, and the panels that we had printed since. Pure.
public struct RibbonAccount: Sendable, Hashable {
    private let panelsPerCard: Int
    private var first: (cards: Int, panels: Int)?
    private var last: Int?

    public init(panelsPerCard: Int) { self.panelsPerCard = max(1, panelsPerCard) }

    /// Tells what the printer counts now: cards left on the ribbon, panels printed in its life.
    public mutating func read(cardsLeft: Int, panelsPrinted: Int) {
        // a ribbon that grew is a new one
        if first == nil || cardsLeft > (last ?? 0) { first = (cardsLeft, panelsPrinted) }
        last = cardsLeft
    }

    /// Cards that should be left; nil before the first reading.
    public func cards(panelsPrinted: Int) -> Int? {
        first.map { max(0, $0.cards - (panelsPrinted - $0.panels) / panelsPerCard) }
    }

    public static func == (left: RibbonAccount, right: RibbonAccount) -> Bool {
        left.panelsPerCard == right.panelsPerCard && left.first?.cards == right.first?.cards
            && left.first?.panels == right.first?.panels && left.last == right.last
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(first?.cards)
        hasher.combine(last)
    }
}
