import Foundation
import Ground
import Ledger
import Testing

@Suite struct UnitTimesTests {
    private static let second: Int64 = 1_000_000

    private static func entry(_ at: Int64, _ state: PackMLState, _ mode: UnitMode = .production, _ code: String? = nil)
        -> UnitLogEntry
    { UnitLogEntry(at: at * second, state: state, mode: mode, code: code) }

    /// A shift of 1000 s:
    ///   0-100 not there, 100-130 idle, 130-430 execute, 430-480 held, 480-500 unholding, 500-700 execute,
    ///   700-760 suspended, 760-800 execute, 800-850 maintenance, 850-900 manual, 900-940 training, 940-1000 complete
    private static let shift = [
        entry(100, .idle), entry(130, .execute), entry(430, .held, .production, "printer.card.jam"),
        entry(480, .unholding), entry(500, .execute), entry(700, .suspended, .production, "printer.hopper.empty"),
        entry(760, .execute), entry(800, .stopped, .maintenance), entry(850, .stopped, .manual),
        entry(900, .execute, .training), entry(940, .complete),
    ]

    @Test func everySecondOfAShiftIsInTheStateThatAPersonWouldPutItIn() {
        let times = UnitTimes(Self.shift, over: 0..<1000 * Self.second)
        // 300 + 200 + 40
        #expect(times[.productive] == 540 * Self.second)
        // idle 30, suspended 60, complete 60
        #expect(times[.standby] == 150 * Self.second)
        #expect(times[.engineering] == 50 * Self.second)
        #expect(times[.scheduledDown] == 50 * Self.second)
        // held 50, unholding 20
        #expect(times[.unscheduledDown] == 70 * Self.second)
        // before it was there 100, training 40
        #expect(times[.nonScheduled] == 140 * Self.second)
        #expect(times.total == 1000 * Self.second)
        // 1000 - 140 - 50 - 50
        #expect(times.plannedBusy == 760 * Self.second)
        // 540 + 70
        #expect(times.busy == 610 * Self.second)
    }

    @Test func effectivenessIsTheProductOfItsThreeFactors() throws {
        var output = OutputCounts()
        output.produced = 20
        output.good = 18
        output.scrap = 2
        output.rework = 3
        output.firstTries = 19
        output.firstPasses = 16
        let value = Effectiveness(
            times: UnitTimes(Self.shift, over: 0..<1000 * Self.second), output: output,
            plannedRunTimePerItem: 24 * Self.second)
        // 540 / 760 = 0.7105263; 24 * 20 / 540 = 0.8888889; 18 / 20 = 0.9
        #expect(abs(try #require(value.availability) - 0.710_526_3) < 1e-6)
        #expect(abs(try #require(value.effectiveness) - 0.888_888_9) < 1e-6)
        #expect(try #require(value.quality) == 0.9)
        // 24 * 18 / 760, because APT and PQ cancel: 0.5684211
        #expect(abs(try #require(value.overall) - 0.568_421_1) < 1e-6)
        // 16 / 19, 2 / 20, 3 / 20
        #expect(abs(try #require(value.firstPassYield) - 0.842_105_3) < 1e-6)
        #expect(value.scrapRatio == 0.1)
        #expect(value.reworkRatio == 0.15)
    }

    @Test func nothingMadeGivesNoRatioInsteadOfAZero() {
        let value = Effectiveness(times: UnitTimes([], over: 0..<10), output: OutputCounts(), plannedRunTimePerItem: 1)
        #expect(value.availability == nil)
        #expect(value.quality == nil)
        #expect(value.overall == nil)
    }

    @Test func statesAddUpToTheTimeAskedForWhateverTheLogSays() {
        var random = SplitMix(state: 7)
        for _ in 0..<300 {
            let entries = (0..<Int(random.next() % 30)).map { _ in
                UnitLogEntry(
                    at: Int64(random.next() % 2000) - 500,
                    state: PackMLState.allCases[Int(random.next() % 17)],
                    mode: UnitMode.allCases[Int(random.next() % 4)],
                    code: random.next().isMultiple(of: 2) ? nil : "code")
            }
            let low = Int64(random.next() % 1000)
            let range = low..<low + Int64(random.next() % 1000)
            let plan = [low + 100..<low + 300, low + 250..<low + 400]
            #expect(UnitTimes(entries, over: range).total == Int64(range.count))
            #expect(UnitTimes(entries, over: range, plan: plan).total == Int64(range.count))
            // two halves are the whole
            let middle = low + Int64(range.count) / 2
            let sorted = entries.sorted { $0.at < $1.at }
            #expect(
                UnitTimes(sorted, over: low..<middle, plan: plan)
                    + UnitTimes(sorted, over: middle..<range.upperBound, plan: plan)
                    == UnitTimes(sorted, over: range, plan: plan) + UnitTimes(sorted, over: low..<low))
        }
    }

    @Test func timeOutsideOfThePlanIsNotScheduledUnlessTheCellWorks() {
        let entries = [Self.entry(0, .idle), Self.entry(50, .execute), Self.entry(80, .complete)]
        // planned 0-60: idle 50 in it; execute 50-80 counts whole; complete 80-100 is outside
        let times = UnitTimes(entries, over: 0..<100 * Self.second, plan: [0..<60 * Self.second])
        #expect(times[.standby] == 50 * Self.second)
        #expect(times[.productive] == 30 * Self.second)
        #expect(times[.nonScheduled] == 20 * Self.second)
    }

    @Test(
        arguments: [
            (PackMLState.held, UnitMode.maintenance, "jam", EquipmentState.unscheduledDown),
            (.stopped, .maintenance, nil, .scheduledDown), (.stopped, .production, nil, .standby),
            (.stopped, .production, "door", .unscheduledDown), (.aborted, .production, nil, .unscheduledDown),
        ] as [(PackMLState, UnitMode, String?, EquipmentState)])
    func aFaultMakesDownTimeUnscheduled(
        _ state: PackMLState, _ mode: UnitMode, _ code: String?, _ expected: EquipmentState
    ) {
        #expect(UnitLogEntry(at: 0, state: state, mode: mode, code: code).equipmentState == expected)
    }
}

/// Vigna's SplitMix64.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
