import Ground
import Ledger
import Stations
import Testing

@testable import Line

/// Each line of the recovery table.
struct RecoveryTests {
    static let chip = ChipIdentity("C1")
    static let ours = Situation.Inside.card(card("C1", personalised: true))
    static let blankChip = Situation.Inside.card(card("C1", personalised: false))
    static let other = Situation.Inside.card(card("C2", personalised: false))

    static func card(_ chip: String, personalised: Bool) -> FoundCard {
        FoundCard(chip: ChipIdentity(chip), personalised: personalised, blank: nil, owner: nil)
    }

    static func status(cards: Int = 5, panels: Int = 60, connection: String = "1", _ position: CardPosition = .none)
        -> PrinterStatus
    {
        PrinterStatus(
            position: position, reasons: [],
            counters: PrinterCounters(cards: cards, panels: panels, ribbonRemaining: nil), connection: connection)
    }

    static func attempt(_ state: AttemptState) -> AttemptReport {
        AttemptReport(
            attempt: AttemptID("P-1"), production: ProductionID("P"), number: 1, line: LineID("L"), cell: CellID("C"),
            epoch: 1, state: state, reason: nil, blank: nil, chip: state == .claimed ? nil : chip, sodHash: [],
            death: nil, startedAt: WallTime(microseconds: 0), endedAt: nil, steps: [])
    }

    static func intent(_ step: Step, _ more: [String: JSONValue] = [:]) -> OpenIntent {
        let facts = status().facts.merging(["blank": "id1:0000001", "count": 6]) { $1 }.merging(more) { $1 }
        return OpenIntent(
            key: StepKey(AttemptID("P-1"), step, try: 1), cell: CellID("C"), epoch: 1, seq: 1, facts: .object(facts))
    }

    private func decide(
        _ state: AttemptState?, _ open: OpenIntent?, _ inside: Situation.Inside, _ status: PrinterStatus = status()
    ) -> Decision {
        Recovery.decide(
            Situation(
                attempt: state.map { RecoveryTests.attempt($0) }, open: open, inside: inside, status: status))
    }

    @Test func `A feed never began only when the cards counter stands still and nothing is inside`() {
        let feed = RecoveryTests.intent(.feed)
        #expect(decide(.claimed, feed, .none) == .notBegun)
        #expect(decide(.claimed, feed, .none, RecoveryTests.status(cards: 6)) == .lost)
        #expect(decide(.claimed, feed, RecoveryTests.other) == .fed)
        #expect(decide(.claimed, feed, .mute) == .fed)
    }

    @Test func `A chip that was being written is written again only while nothing is installed`() {
        let open = RecoveryTests.intent(.personalise)
        #expect(decide(.bound, open, RecoveryTests.blankChip) == .personalise)
        #expect(decide(.bound, open, RecoveryTests.ours) == .kill("personalise.interrupted"))
        #expect(decide(.bound, open, .mute) == .kill("chip.mute"))
        #expect(decide(.bound, open, .none) == .lost)
        #expect(decide(.bound, open, RecoveryTests.other) == .stranger(RecoveryTests.card("C2", personalised: false)))
    }

    @Test func `A print goes on only when it is proved never begun or complete`() {
        let open = RecoveryTests.intent(.print)
        let inside = RecoveryTests.ours
        #expect(decide(.verified, open, inside) == .print)
        #expect(decide(.verified, open, inside, RecoveryTests.status(panels: 66, .at(.print))) == .printed)
        let doubts = [
            RecoveryTests.status(panels: 66, .at(.contactless)), RecoveryTests.status(panels: 63, .at(.print)),
            RecoveryTests.status(connection: "2", .at(.print)),
            RecoveryTests.status(panels: 66, connection: "2", .at(.print)),
        ]
        for status in doubts { #expect(decide(.verified, open, inside, status) == .kill("print.unknown")) }
    }

    @Test func `A card that left counts only under the connection that got the order`() {
        let good = RecoveryTests.intent(.eject, Fate.good.facts)
        let spoil = RecoveryTests.intent(.eject, Fate.spoil("panel.missing", .confirmed).facts)
        #expect(decide(.passed, good, .none) == .left(.good))
        #expect(decide(.passed, good, .none, RecoveryTests.status(connection: "2")) == .lost)
        #expect(decide(.printed, spoil, .none) == .left(.spoil("panel.missing", .confirmed)))
        #expect(decide(.printed, spoil, .none, RecoveryTests.status(connection: "2")) == .lost)
        #expect(decide(.passed, good, RecoveryTests.ours) == .ejectAgain(.good))
        #expect(decide(.passed, good, .mute) == .kill("chip.mute"))
        #expect(decide(.printed, spoil, .mute) == .ejectAgain(.spoil("panel.missing", .confirmed)))
        #expect(decide(.passed, good, RecoveryTests.other) == .stranger(RecoveryTests.card("C2", personalised: false)))
    }

    @Test func `A machine that a person may have opened proves no exit by being empty`() throws {
        let open = RecoveryTests.intent(.eject, Fate.good.facts)
        let untouched = Situation(
            attempt: RecoveryTests.attempt(.passed), open: open, inside: .none, status: RecoveryTests.status())
        var touched = untouched
        touched.touched = true
        #expect(Recovery.decide(untouched) == .left(.good))
        #expect(Recovery.decide(touched) == .lost)
    }

    @Test func `Harmless acts are done again, a kill is finished`() {
        #expect(decide(.encoded, RecoveryTests.intent(.readback), RecoveryTests.ours) == .readBack)
        #expect(decide(.printed, RecoveryTests.intent(.inspect), RecoveryTests.ours) == .look)
        let kill = RecoveryTests.intent(.kill, ["reason": "mrz.other"])
        #expect(decide(.printed, kill, RecoveryTests.ours) == .kill("mrz.other"))
        #expect(decide(.printed, kill, .mute) == .kill("mrz.other"))
    }

    @Test func `Without an open act the state of the attempt decides, and a card too much is a stranger`() {
        #expect(decide(nil, nil, .none) == .nothing)
        #expect(decide(nil, nil, .mute) == .strangerMute)
        #expect(decide(nil, nil, RecoveryTests.ours) == .stranger(RecoveryTests.card("C1", personalised: true)))
        #expect(decide(.verified, nil, RecoveryTests.ours) == .print)
        #expect(decide(.printed, nil, RecoveryTests.ours) == .look)
        #expect(decide(.passed, nil, RecoveryTests.ours) == .look)
        #expect(decide(.encoded, nil, RecoveryTests.ours) == .readBack)
        #expect(decide(.bound, nil, RecoveryTests.ours) == .kill("personalise.interrupted"))
        #expect(decide(.verified, nil, .none) == .lost)
    }

    @Test func `An eject's intent says everything that a fresh process needs to finish it`() {
        let fates: [Fate] = [
            .good, .spoil("r", .confirmed), .spoil("r", .unconfirmed), .dead("r"), .hold("r"),
            .known(AttemptID("P-1")), .known(nil), .foreign, .swapped,
        ]
        for fate in fates { #expect(Fate(fate.facts) == fate) }
    }
}
