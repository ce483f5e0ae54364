import Ground
import Stations
import Testing

@testable import Line

@Suite struct TrendWatchTests {
    private static let limits = [
        "print.registration.x": TrendWatch.Limits(atLeast: -400, atMost: 400),
        "print.line.cyan": TrendWatch.Limits(atLeast: nil, atMost: 300),
    ]

    /// Scatter that repeats after seven cards: no walk.
    private static func scatter(_ card: Int) -> Double { Double([3, -11, 8, 0, -6, 12, -6][card % 7]) }

    @Test func aWalkIsAnnouncedBeforeItsLimitAndNamesThePart() throws {
        var watch = TrendWatch(limits: Self.limits)
        var first: (card: Int, action: TrendWatch.Action)?
        for card in 0..<200 where first == nil {
            let value = Int64(2 * Double(card) + Self.scatter(card))
            guard let action = watch.handle(.passed(["print.registration.x": value])).first else { continue }
            first = (card, action)
        }
        let told = try #require(first)
        guard case .announce(let measure, let cards, let part) = told.action else {
            Issue.record("no announcement")
            return
        }
        #expect(measure == "print.registration.x")
        #expect(part == .feedRollers)
        // the limit of 400 is reached at card 200
        #expect(told.card < 190)
        #expect((cards + told.card - 200).magnitude < 15)
    }

    @Test func scatterAloneIsNoWalk() {
        var watch = TrendWatch(limits: Self.limits)
        for card in 0..<2000 {
            #expect(watch.handle(.passed(["print.line.cyan": Int64(150 + 9 * Self.scatter(card))])).isEmpty)
        }
    }

    @Test func aWalkAwayFromItsLimitIsNotAnnounced() {
        var watch = TrendWatch(limits: Self.limits)
        for card in 0..<100 {
            #expect(watch.handle(.passed(["print.line.cyan": Int64(250 - card)])).isEmpty)
        }
    }

    @Test func aWarningComesOnceUntilItsPartWasAttendedTo() {
        var watch = TrendWatch(limits: Self.limits)
        func walk() -> Int {
            (0..<100).reduce(0) { $0 + watch.handle(.passed(["print.line.cyan": Int64($1 * 2)])).count }
        }
        #expect(walk() == 1)
        #expect(walk() == 0)
        #expect(watch.handle(.attended(.lens)).isEmpty)
        #expect(walk() == 0)
        _ = watch.handle(.attended(.printHead))
        #expect(walk() == 1)
    }

    private static func line(_ height: Double, x: Double = 3) -> Finding {
        Finding(code: "print.line", side: .front, place: RectMM(x: x, y: height, width: 60, height: 0.1), text: "")
    }

    @Test func aLineThatComesBackAtItsHeightNamesTheHead() {
        var watch = TrendWatch(limits: [:])
        #expect(watch.handle(.rejected([Self.line(20.1)])).isEmpty)
        #expect(watch.handle(.rejected([Self.line(20.2, x: 30)])).isEmpty)
        #expect(
            watch.handle(.rejected([Self.line(19.9)])) == [.name(part: .printHead, reason: "print.line", times: 3)])
        #expect(watch.handle(.rejected([Self.line(20)])).isEmpty)
    }

    @Test func faultsAtOtherPlacesOrLongAgoAreNotOnePart() {
        var watch = TrendWatch(limits: [:])
        for height in stride(from: 5.0, to: 45, by: 3) {
            #expect(watch.handle(.rejected([Self.line(height)])).isEmpty)
        }
        watch = TrendWatch(limits: [:])
        for _ in 0..<6 {
            #expect(watch.handle(.rejected([Self.line(20)])).isEmpty)
            for _ in 0..<40 { _ = watch.handle(.passed([:])) }
        }
    }

    @Test func aReasonWithoutAPartNamesNone() {
        var watch = TrendWatch(limits: [:])
        let wrong = Finding(
            code: "mrz.character", side: .back, place: RectMM(x: 5, y: 40, width: 2, height: 3), text: "")
        for _ in 0..<10 { #expect(watch.handle(.rejected([wrong])).isEmpty) }
    }
}
