import Ledger

/// Compares what the printer counts with our own account of its ribbon, as a pure value.
///
/// Invariants:
/// 1. A ribbon with more cards than at the last reading is a new one; the account begins anew.
/// 2. What is in doubt is a drift in neither direction.
/// 3. A drift is told once: behind it the account begins anew with what the printer says.
struct RibbonWatch: Sendable {
    enum Finding: Sendable, Hashable {
        /// So many panels more (or, below 0, fewer) than were ordered.
        case panels(Int)
        /// So many cards of the ribbon more (or fewer) used up than were printed.
        case cards(Int)
    }

    /// Rows of the books between which so many cards lie at most; towards the end of a ribbon every card has one.
    static let interval = 10
    static let nearEnd = 20

    private(set) var account: RibbonAccount?
    private var sinceTold = interval

    /// As the books have it; nil where nobody told of a ribbon yet.
    init(_ account: RibbonAccount?) { self.account = account }

    mutating func ordered(_ panels: Int, isProved: Bool) { account?.ordered(panels, isProved: isProved) }

    /// Before a card is fed: what is wrong, and whether the books are to be told where the account stands.
    mutating func read(
        _ reading: RibbonAccount.Reading, panelsPerCard: Int
    ) -> (finding: Finding?, tells: Bool) {
        guard var known = account, reading.cardsLeft <= known.last.cardsLeft else {
            begin(from: reading)
            return (nil, true)
        }
        let finding = RibbonWatch.drift(known, reading, panelsPerCard: panelsPerCard)
        guard finding == nil else {
            begin(from: reading)
            return (finding, true)
        }
        known.last = reading
        account = known
        sinceTold += 1
        let tells = sinceTold >= Self.interval || reading.cardsLeft <= Self.nearEnd
        if tells { sinceTold = 0 }
        return (nil, tells)
    }

    private mutating func begin(from reading: RibbonAccount.Reading) {
        account = RibbonAccount(from: reading)
        sinceTold = 0
    }

    /// More than one card apart.
    static func drift(
        _ account: RibbonAccount, _ reading: RibbonAccount.Reading, panelsPerCard: Int
    ) -> Finding? {
        func beyond(_ value: Int, _ range: ClosedRange<Int>, _ slack: Int) -> Int? {
            if value > range.upperBound + slack { return value - range.upperBound }
            if value < range.lowerBound - slack { return value - range.lowerBound }
            return nil
        }
        let printed = account.panels...(account.panels + account.doubtfulPanels)
        if let panels = beyond(reading.panels - account.first.panels, printed, max(1, panelsPerCard)) {
            return .panels(panels)
        }
        let used = account.cards...(account.cards + account.doubtfulCards)
        return beyond(account.first.cardsLeft - reading.cardsLeft, used, 1).map { .cards($0) }
    }
}
