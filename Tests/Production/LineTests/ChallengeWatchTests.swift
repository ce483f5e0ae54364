import Ground
import Stations
import Testing

@testable import Line

@Suite struct ChallengeWatchTests {
    private static let cards = [
        ChallengeWatch.Card(name: "wrong digit", reasons: ["mrz.character"]),
        ChallengeWatch.Card(name: "scratch", reasons: ["print.scratch"]),
    ]

    private static func reject(_ code: String) -> Verdict {
        .reject([Finding(code: code, side: .back, place: RectMM(x: 1, y: 1, width: 1, height: 1), text: "")])
    }

    /// A watch that was shown its set and trusts the inspection.
    private static func trusted(_ watch: ChallengeWatch = ChallengeWatch(cards: cards, interval: 100)) -> ChallengeWatch
    {
        var watch = watch
        _ = watch.handle(.challenged("wrong digit", reject("mrz.character")))
        _ = watch.handle(.challenged("scratch", reject("print.scratch")))
        return watch
    }

    private static func attempt(_ number: Int) -> AttemptID { AttemptID("A-\(number)") }

    @Test func nothingIsMadeBeforeTheSetWasShown() {
        var watch = ChallengeWatch(cards: Self.cards, interval: 100)
        #expect(!watch.mayProduce)
        #expect(watch.handle(.challenged("wrong digit", Self.reject("mrz.character"))) == [.askForCards(["scratch"])])
        #expect(!watch.mayProduce)
        #expect(
            watch.handle(.challenged("scratch", Self.reject("print.scratch")))
                == [.record(good: true, card: nil), .produce])
        #expect(watch.mayProduce)
    }

    @Test func aCardThatPassesStopsTheCellAndPutsAsideWhatPassedSinceTheLastGoodSet() {
        var watch = Self.trusted()
        for number in 1...3 { _ = watch.handle(.passed(Self.attempt(number))) }
        #expect(watch.handle(.due(.shift)) == [.askForCards(["wrong digit", "scratch"])])
        let actions = watch.handle(.challenged("scratch", .pass))
        #expect(actions.contains(.quarantine((1...3).map(Self.attempt))))
        #expect(actions.first == .record(good: false, card: "scratch"))
        #expect(watch.state == .failed("line.challenge.failed"))
        #expect(!watch.mayProduce)
        #expect(watch.since.isEmpty)
    }

    @Test func aCardThatIsRejectedForAnotherReasonIsNotFoundEither() {
        var watch = ChallengeWatch(cards: Self.cards, interval: 100)
        let actions = watch.handle(.challenged("wrong digit", Self.reject("print.scratch")))
        #expect(actions.first == .record(good: false, card: "wrong digit"))
        #expect(watch.state == .failed("line.challenge.failed"))
    }

    @Test func whatPassedBeforeTheLastGoodSetStaysGood() {
        var watch = Self.trusted()
        _ = watch.handle(.passed(Self.attempt(1)))
        _ = watch.handle(.due(.shift))
        watch = Self.trusted(watch)
        _ = watch.handle(.passed(Self.attempt(2)))
        _ = watch.handle(.due(.shift))
        #expect(watch.handle(.challenged("scratch", .pass)).contains(.quarantine([Self.attempt(2)])))
    }

    @Test func aDoubtProvesNothingAndTheThirdIsAFailure() {
        var watch = ChallengeWatch(cards: Self.cards, interval: 100)
        #expect(watch.handle(.challenged("scratch", .cannotJudge("focus"))) == [.showAgain("scratch")])
        #expect(watch.handle(.challenged("scratch", .cannotJudge("focus"))) == [.showAgain("scratch")])
        #expect(
            watch.handle(.challenged("scratch", .cannotJudge("focus"))).first == .record(good: false, card: "scratch"))
    }

    @Test func aSetIsDueAfterSoManyDocuments() {
        var watch = Self.trusted(ChallengeWatch(cards: Self.cards, interval: 3))
        #expect(watch.handle(.passed(Self.attempt(1))).isEmpty)
        #expect(watch.handle(.passed(Self.attempt(2))).isEmpty)
        #expect(watch.handle(.passed(Self.attempt(3))) == [.askForCards(["wrong digit", "scratch"])])
        #expect(!watch.mayProduce)
    }

    @Test(arguments: [ChallengeWatch.Cause.maintenance, .ribbon, .plan])
    func afterAChangeOneDocumentIsMadeAndWaitsForApproval(_ cause: ChallengeWatch.Cause) {
        var watch = Self.trusted()
        _ = watch.handle(.due(cause))
        watch = Self.trusted(watch)
        #expect(watch.mayProduce)
        #expect(watch.handle(.passed(Self.attempt(1))) == [.askForApproval(Self.attempt(1))])
        #expect(!watch.mayProduce)
        #expect(watch.handle(.approved(by: "inspector-1")) == [.produce])
        #expect(watch.mayProduce)
    }

    @Test func aFirstDocumentThatIsRefusedIsPutAsideAndStopsTheCell() {
        var watch = Self.trusted()
        _ = watch.handle(.due(.ribbon))
        watch = Self.trusted(watch)
        _ = watch.handle(.passed(Self.attempt(1)))
        let actions = watch.handle(.refused(by: "inspector-1", reason: "pale"))
        #expect(actions.first == .quarantine([Self.attempt(1)]))
        #expect(watch.state == .failed("line.article.refused"))
    }

    @Test func afterAFailureTheSetIsShownAgainBeforeAnythingIsMade() {
        var watch = ChallengeWatch(cards: Self.cards, interval: 100)
        _ = watch.handle(.challenged("scratch", .pass))
        #expect(watch.handle(.due(.shift)).isEmpty)
        #expect(watch.handle(.repaired(by: "technician-2")) == [.askForCards(["wrong digit", "scratch"])])
        #expect(!watch.mayProduce)
    }

    @Test func aDocumentThatPassedWhileNoneWasToBeMadeIsNotTrusted() {
        var watch = ChallengeWatch(cards: Self.cards, interval: 100)
        #expect(watch.handle(.passed(Self.attempt(7))) == [.quarantine([Self.attempt(7)])])
    }
}
