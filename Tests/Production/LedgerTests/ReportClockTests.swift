import Foundation
import Ground
import KeyVault
import Stations
import Testing

@testable import Ledger

/// A shift and its reports under clocks that jump: the night on which the clocks change, a leap second, a clock set by
/// hand. All times are UTC; only displays could move.
struct ReportClockTests {
    private struct Numbers: Equatable {
        var balance: ShiftBalance
        var good: [String?: Int]
        var output: OutputCounts
        var productive: Int64
        var span: Int64
        var day: String
    }

    private static let line = LineID("line-1")
    private static let cell = CellID("cell-1")

    /// A night shift: four cards, one of them spoiled and made again; `between` is called before each part.
    private func night(_ between: (Int, JumpingTime) -> Void) async throws -> Numbers {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = try FileWeekKeys(folder: folder.appendingPathComponent("vault").path)
        try keys.prepare()
        let time = JumpingTime()
        let books = try await Books.open(folder.appendingPathComponent("ledger.db").path, keys: keys, time: time)
        _ = try await books.intake((1...5).map { TestBooks.record($0) }, batch: TestBooks.batch, cursor: nil)
        let lease = try await books.takeOver(
            Self.line, by: LeaseHolder(name: "test", host: "host", duration: .max / 4))
        func commit(_ changes: [Change]) async throws {
            try await books.commit(Transition(lease: lease, cell: Self.cell, actor: "test", changes: changes))
            time.pass(5)
        }
        try await commit([.machine(.idle, code: nil, text: "", remedy: "")])
        let shift = try await books.openShift(
            Self.line, day: try #require(FactoryDay("2026-03-28")), name: "night", by: "Sup")
        let blanks = try await books.load(count: 8, stock: "id1", lot: "L1", line: Self.line, cell: Self.cell, by: "op")
        try await commit([.machine(.execute, code: nil, text: "", remedy: "")])
        for number in 0..<4 {
            between(number, time)
            let claim = try #require(
                try await books.claim(
                    ClaimRequest(
                        lease: lease, cell: Self.cell, product: "iq-national-id", stocks: ["id1"], actor: "test")))
            let isGood = number != 1
            try await commit([
                .move(blanks[number], from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blanks[number], ChipIdentity("C\(number)")),
            ])
            try await commit([
                .attempt(claim.attempt, isGood ? .produced : .spoiled, reason: isGood ? nil : "print"),
                .move(
                    blanks[number], from: .cell, to: isGood ? .good : .spoiled, reason: isGood ? "good" : "print",
                    attempt: claim.attempt), .exit(blanks[number], isGood ? .good : .reject),
                .record(claim.production, isGood ? .produced : .queued, reason: nil),
            ])
        }
        try await commit([.machine(.complete, code: nil, text: "", remedy: "")])
        between(4, time)
        try await books.countShift(
            ShiftCount(
                shift: shift, cell: Self.cell, person: "Op", counts: PlaceCounts(hopper: 4, good: 3, reject: 1)))
        let balance = try await books.closeShift(ShiftClosing(shift: shift), by: "Sup")
        try await commit([.machine(.complete, code: nil, text: "", remedy: "")])
        let span = try await books.read(ShiftSpanQuery(shift))
        let end = try #require(span.to)
        let whole = try await books.read(
            EffectivenessQuery(line: span.line, from: span.from, to: end, plannedRunTimePerItem: 1_000_000))
        let value = try #require(whole.first).value
        let groups = try await books.read(ProductionQuery(by: .shift)).groups
        let report = try #require(try await books.read(ShiftReportQuery(shift)))
        _ = try await books.verify()
        return Numbers(
            balance: balance, good: Dictionary(uniqueKeysWithValues: groups.map { ($0.key, $0.counts.good) }),
            output: value.output, productive: value.times[.productive],
            span: end.microseconds - span.from.microseconds, day: report.factoryDay)
    }

    @Test(arguments: [3600, -3600, 1, -1, 2, 86_400, -86_400 * 40] as [Int64])
    func `A clock that jumps in a shift alters no count, no duration and no day`(seconds: Int64) async throws {
        let steady = try await night { _, _ in }
        #expect(steady.output.good == 3 && steady.output.produced == 4 && steady.balance.isEven)
        #expect(steady.day == "2026-03-28" && steady.good["line-1/2026-03-28/night"] == 3)
        for part in 0...4 {
            let jumped = try await night { now, time in if now == part { time.jump(seconds) } }
            #expect(jumped == steady, "before part \(part)")
        }
    }

    @Test func `Times read and written are UTC, whatever the days of the calendar do`() throws {
        // before and after both changes of the clocks in Europe, the end of a leap day, the day after a leap second
        for text in [
            "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
            "2028-02-29T23:59:59Z", "2017-01-01T00:00:00Z",
        ] {
            #expect(try #require(WallTime(iso8601: text)).iso8601 == text)
        }
        let one = try #require(WallTime(iso8601: "2016-12-31T23:59:59Z"))
        let next = try #require(WallTime(iso8601: "2017-01-01T00:00:00Z"))
        #expect(next.microseconds - one.microseconds == 1_000_000)
    }
}
