import Ledger
import Testing

@testable import Line

@Suite struct RibbonWatchTests {
    private typealias Reading = RibbonAccount.Reading

    /// A watch that read 100 cards and 600 panels, and saw so many cards of six panels printed since.
    private func watch(printed: Int, inDoubt: Int = 0) -> RibbonWatch {
        var watch = RibbonWatch(RibbonAccount(from: Reading(panels: 600, cardsLeft: 100)))
        for _ in 0..<printed { watch.ordered(6, isProved: true) }
        for _ in 0..<inDoubt { watch.ordered(6, isProved: false) }
        return watch
    }

    @Test(arguments: [
        // as ordered; one card is no alarm, two are
        (10, 0, 660, 90, nil), (10, 0, 660, 89, nil), (10, 0, 666, 90, nil), (10, 0, 654, 91, nil),
        (10, 0, 660, 88, RibbonWatch.Finding.cards(2)), (10, 0, 660, 92, .cards(-2)),
        (10, 0, 667, 90, .panels(7)), (10, 0, 653, 90, .panels(-7)), (10, 0, 0, 90, .panels(-660)),
        // what nobody knows is a drift in neither direction
        (10, 3, 660, 90, nil), (10, 3, 678, 87, nil), (10, 3, 678, 86, nil), (10, 3, 678, 85, .cards(2)),
        (10, 3, 685, 87, .panels(7)),
    ])
    func `More than one card apart is a drift`(
        printed: Int, inDoubt: Int, panels: Int, left: Int, finding: RibbonWatch.Finding?
    ) {
        var watch = watch(printed: printed, inDoubt: inDoubt)
        #expect(watch.read(Reading(panels: panels, cardsLeft: left), panelsPerCard: 6).finding == finding)
    }

    @Test func `A drift is told once, and the next one again`() {
        var watch = watch(printed: 10)
        #expect(watch.read(Reading(panels: 660, cardsLeft: 88), panelsPerCard: 6).finding == .cards(2))
        #expect(watch.read(Reading(panels: 660, cardsLeft: 88), panelsPerCard: 6).finding == nil)
        watch.ordered(6, isProved: true)
        #expect(watch.read(Reading(panels: 666, cardsLeft: 87), panelsPerCard: 6).finding == nil)
        #expect(watch.read(Reading(panels: 666, cardsLeft: 85), panelsPerCard: 6).finding == .cards(2))
    }

    @Test func `A slow drift is found, however small each step of it is`() {
        var watch = watch(printed: 0)
        var found: [Int] = []
        for card in 1...40 {
            watch.ordered(6, isProved: true)
            // each tenth card takes a further one of the ribbon with it
            let reading = Reading(panels: 600 + 6 * card, cardsLeft: 100 - card - card / 10)
            if watch.read(reading, panelsPerCard: 6).finding != nil { found.append(card) }
        }
        #expect(found == [20, 40])
    }

    @Test func `A new ribbon begins the account anew`() {
        var watch = watch(printed: 90)
        #expect(watch.read(Reading(panels: 1140, cardsLeft: 200), panelsPerCard: 6) == (nil, true))
        #expect(watch.account == RibbonAccount(from: Reading(panels: 1140, cardsLeft: 200)))
    }

    @Test func `The books are told at first, every ten cards, and of each card near the end`() {
        var watch = RibbonWatch(nil)
        var told: [Int] = []
        for card in 0..<50 {
            let reading = Reading(panels: 6 * card, cardsLeft: 60 - card)
            if watch.read(reading, panelsPerCard: 6).tells { told.append(card) }
            watch.ordered(6, isProved: true)
        }
        #expect(told == [0, 10, 20, 30] + Array(40..<50))
    }
}
