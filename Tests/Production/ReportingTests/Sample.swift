import Ground
@testable import Ledger
import Stations

/// A batch of three records by hand: one good, one remade after a spoiled card and a dead blank, one held.
enum Sample {
    /// A closed shift in which something is missing, before two people.
    static func shift() -> ShiftReportQuery.ShiftReport {
        ShiftReportQuery.ShiftReport(
            shift: ShiftID("l1/2026-01-31/early"), line: LineID("l1"), factoryDay: "2026-01-31", openedAt: time(0),
            openedBy: "Ann (ann)", closedAt: time(480), closedBy: "Ann (ann)",
            balance: ShiftBalance(
                carriedIn: 1201, taken: 302,
                fates: [
                    .good: 1103, .spoiled: 104, .sample: 5, .setup: 6, .returned: 7, .carried: 8, .missing: 270,
                ]), incident: "belt tore", people: ["Ann (ann)", "Bob (bob)"], missing: [BlankID("pc-1:17")],
            missingSupplies: [ConsumableID("ribbon:R9")],
            carried: [CarriedCard(blank: BlankID("pc-1:23"), person: "Eve (eve)", place: "drawer 2")])
    }

    static func time(_ minute: Int64) -> WallTime {
        // 2026-01-31T08:00:00Z
        WallTime(microseconds: (1_769_846_400 + minute * 60) * 1_000_000)
    }

    static func blank(
        _ serial: String, _ account: Account, _ exit: CardExit?, _ place: Int?, _ reason: String, _ attempt: String?
    ) -> BlankReport {
        BlankReport(
            blank: BlankID("pc-1:\(serial)"), account: account, chip: ChipIdentity("chip-\(serial)"), exit: exit,
            place: place, reason: reason, attempt: attempt.map { AttemptID($0) })
    }

    static func attempt(
        _ production: String, _ number: Int, _ state: AttemptState, reason: String? = nil, blank: BlankReport? = nil,
        death: ChipDeath? = nil, ended: Int64? = nil
    ) -> AttemptReport {
        AttemptReport(
            attempt: AttemptID("\(production)-\(number)"), production: ProductionID(production), number: number,
            line: LineID("L1"), cell: CellID("C1"), epoch: 1, state: state, reason: reason, blank: blank,
            chip: blank?.chip, sodHash: state == .produced ? [0xAB, 0xCD] : nil, death: death,
            startedAt: time(5), endedAt: ended.map(time), steps: [])
    }

    static var report: BatchReport {
        var totals = BatchTotals()
        totals.records = 3
        totals.good = 2
        totals.held = 1
        totals.spoiled = 2
        let records = [
            RecordReport(
                production: ProductionID("P1"), requestID: "REQ-1", state: .produced, reason: nil,
                priorityClass: "normal",
                attempts: [
                    attempt("P1", 1, .produced, blank: blank("1", .good, .good, 1, "eject.good", "P1-1"), ended: 6)
                ], unboundBlanks: []),
            RecordReport(
                production: ProductionID("P2"), requestID: "REQ-22", state: .produced, reason: nil,
                priorityClass: "elderly",
                attempts: [
                    attempt(
                        "P2", 1, .spoiled, reason: "inspection.front.panel",
                        blank: blank("2", .spoiled, .reject, 1, "inspection.front.panel", "P2-1"), death: .confirmed,
                        ended: 8),
                    attempt("P2", 2, .produced, blank: blank("4", .good, .good, 2, "eject.good", "P2-2"), ended: 10),
                ], unboundBlanks: [blank("3", .spoiled, .reject, 2, "chip.mute", "P2-2")]),
            RecordReport(
                production: ProductionID("P3"), requestID: "REQ-3", state: .held, reason: "record.name",
                priorityClass: "normal", attempts: [], unboundBlanks: []),
        ]
        return BatchReport(
            batch: BatchID("B-7"), authority: "UTO-AUTH", product: "utopia-id", receivedAt: time(0),
            startedAt: time(5), endedAt: time(10), records: records, totals: totals,
            blanks: [.good: 2, .spoiled: 2])
    }

    /// As many pages as `count` records need.
    static func long(_ count: Int) -> BatchReport {
        let records = (1...count).map { number in
            RecordReport(
                production: ProductionID("P\(number)"), requestID: "REQ-\(number)", state: .produced, reason: nil,
                priorityClass: "normal",
                attempts: [
                    attempt(
                        "P\(number)", 1, .produced,
                        blank: blank("\(number)", .good, .good, number, "eject.good", "P\(number)-1"))
                ], unboundBlanks: [])
        }
        return BatchReport(
            batch: BatchID("B-8"), authority: "UTO-AUTH", product: "utopia-id", receivedAt: time(0),
            startedAt: nil, endedAt: nil, records: records, totals: BatchTotals(), blanks: [:])
    }
}
