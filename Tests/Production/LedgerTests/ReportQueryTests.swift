import Foundation
import Ground
import KeyVault
import Ledger
import Testing

@Suite struct ReportQueryTests {
    private static let line = LineID("line-1")
    private static let cell = CellID("cell-1")

    /// Books under clocks of the test's own.
    private final class Plant {
        let time: JumpingTime
        let folder: URL
        let books: Books
        var lease: Lease
        private var blanks: [BlankID]

        init(_ time: JumpingTime) async throws {
            self.time = time
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let keys = try FileWeekKeys(folder: folder.appendingPathComponent("vault").path)
            try keys.prepare()
            books = try await Books.open(folder.appendingPathComponent("ledger.db").path, keys: keys, time: time)
            let header = BatchHeader(batch: BatchID("batch-1"), authority: "UTO-MOI", product: "iq-national-id")
            _ = try await books.intake((1...6).map { TestBooks.record($0) }, batch: header, cursor: nil)
            lease = try await books.takeOver(line, by: LeaseHolder(name: "test", host: "host", duration: .max / 4))
            blanks = try await books.load(count: 12, stock: "id1", lot: "L1", line: line, cell: cell, by: "test")
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func commit(_ changes: [Change]) async throws {
            try await books.commit(Transition(lease: lease, cell: cell, actor: "test", changes: changes))
        }

        func state(_ state: PackMLState, code: String? = nil) async throws {
            try await commit([.machine(state, code: code, text: "", remedy: "")])
        }

        /// A card of ten seconds; with a reason its blank is spoiled and the record goes back for a remake.
        func card(spoiled reason: String? = nil) async throws {
            let claim = try #require(
                try await books.claim(
                    ClaimRequest(lease: lease, cell: cell, product: "iq-national-id", stocks: ["id1"], actor: "test")))
            let blank = blanks.removeFirst()
            try await commit([
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("CHIP-\(blank)")),
            ])
            time.pass(10)
            try await commit([
                .attempt(claim.attempt, reason == nil ? .produced : .spoiled, reason: reason),
                .move(
                    blank, from: .cell, to: reason == nil ? .good : .spoiled, reason: reason ?? "produced",
                    attempt: claim.attempt),
                .record(claim.production, reason == nil ? .produced : .queued, reason: reason),
            ])
        }
    }

    /// 5 s idle, 4 cards (one spoiled, then remade), 20 s held, 2 cards, complete for 15 s; `between` happens before
    /// each part.
    private func shift(_ time: JumpingTime, between: (Int) -> Void = { _ in }) async throws -> Plant {
        let plant = try await Plant(time)
        try await plant.state(.idle)
        time.pass(5)
        between(0)
        try await plant.state(.execute)
        try await plant.card()
        between(1)
        try await plant.card(spoiled: "inspection.reject")
        try await plant.card()
        between(2)
        try await plant.card()
        try await plant.state(.held, code: "printer.card.jam")
        time.pass(20)
        between(3)
        try await plant.state(.execute)
        try await plant.card()
        try await plant.card()
        try await plant.state(.complete)
        time.pass(15)
        between(4)
        try await plant.state(.complete)
        return plant
    }

    private func effectiveness(_ plant: Plant) async throws -> CellEffectiveness {
        let found = try await plant.books.read(
            EffectivenessQuery(
                from: WallTime(microseconds: 0), to: WallTime(microseconds: 4_000_000_000_000_000),
                plannedRunTimePerItem: 9_000_000))
        return try #require(found.first)
    }

    @Test func aRemadeIdentityCountsOnceAndItsSpoiledBlankCountsAsProduced() async throws {
        let plant = try await shift(JumpingTime())
        let value = try await effectiveness(plant).value
        // six blanks, five identities good, one blank spoiled, one remake; five first tries of which four were good
        #expect(value.output.produced == 6)
        #expect(value.output.good == 5)
        #expect(value.output.scrap == 1)
        #expect(value.output.rework == 1)
        #expect(value.output.firstTries == 5)
        #expect(value.output.firstPasses == 4)
        #expect(value.times[.productive] == 60_000_000)
        #expect(value.times[.unscheduledDown] == 20_000_000)
    }

    @Test func countsOfABatchAreAllItsRecordsAndNameWhyBlanksWereLost() async throws {
        let plant = try await shift(JumpingTime())
        let report = try await plant.books.read(ProductionQuery(by: .line, batch: BatchID("batch-1")))
        #expect(report.groups.map(\.key) == ["line-1", nil])
        let total = report.total
        #expect((total.records, total.good, total.waiting, total.remade) == (6, 5, 1, 1))
        #expect(total.waiting + total.inWork + total.good + total.held + total.withdrawn + total.unknown == 6)
        #expect(total.rejectedBy == ["inspection.reject": 1])
    }

    @Test func theOldestRecordIsNamedFirst() async throws {
        let plant = try await shift(JumpingTime())
        let now = WallTime(iso8601: "2026-03-29T02:00:00Z")
        let report = try await plant.books.read(AgeingQuery(now: try #require(now)))
        #expect(report.oldest.map(\.production.rawValue) == ["PROD6"])
        #expect(report.finished.count == 5)
        // nearest rank: of 1...100 the 50th, 90th and 99th
        let hundred = Percentiles((1...100).reversed().map { Int64($0) })
        #expect((hundred.p50, hundred.p90, hundred.p99, hundred.maximum) == (50, 90, 99, 100))
        #expect(Percentiles([7]).p50 == 7)
    }

    @Test(arguments: [3600, -3600, 1, -1, 86_400 * 365, -86_400 * 365] as [Int64])
    func aWallClockThatJumpsAltersNoDurationNoCountAndNoOrder(_ seconds: Int64) async throws {
        let steady = try await shift(JumpingTime())
        let expected = try await effectiveness(steady).value
        for part in 0...4 {
            let time = JumpingTime()
            let plant = try await shift(time) { if $0 == part { time.jump(seconds) } }
            let value = try await effectiveness(plant).value
            #expect(value.output == expected.output)
            #expect(value.times[.productive] == expected.times[.productive])
            #expect(value.times[.unscheduledDown] == expected.times[.unscheduledDown])
            // where the whole of it lies on the calendar, before and after what the range holds besides, is display
            #expect(value.times.total == expected.times.total)
            _ = try await plant.books.verify()
            let log = try await plant.books.read(UnitLogQuery(line: Self.line, cell: Self.cell))
            #expect(log.map(\.state) == [.idle, .execute, .held, .execute, .complete, .complete])
            #expect(zip(log.dropFirst(), log).map { ($0.at - $1.at) / 1_000_000 } == [5, 40, 20, 20, 15])
        }
    }

    @Test func aRestartWithTheClockSetBackGoesOnAfterWhatWasThere() async throws {
        let time = JumpingTime()
        let plant = try await Plant(time)
        try await plant.state(.execute)
        try await plant.card()
        time.reboot(after: -86_400)
        plant.lease = try await plant.books.takeOver(
            Self.line, by: LeaseHolder(name: "test", host: "host", duration: .max / 4))
        time.pass(7)
        try await plant.state(.execute)
        try await plant.card()
        try await plant.state(.complete)
        let log = try await plant.books.read(UnitLogQuery(line: Self.line, cell: Self.cell))
        #expect(log.map(\.state) == [.execute, .aborted, .execute, .complete])
        #expect(log.map(\.code)[1] == "controller.gone")
        // ten seconds of a card, the gap that nothing measured, seven seconds until it works again, ten seconds
        #expect(zip(log.dropFirst(), log).map { $0.at - $1.at } == [10_000_000, 7_000_000, 10_000_000])
        let value = try await effectiveness(plant).value
        #expect(value.output.good == 2)
        #expect(value.times[.unscheduledDown] == 7_000_000)
    }
}
