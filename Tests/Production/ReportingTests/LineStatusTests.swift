import Foundation
import Ground
import Ledger
import Reporting
import Testing

@Suite struct LineStatusTests {
    private func status(_ state: PackMLState, code: String?, text: String, remedy: String) -> LineStatus {
        LineStatus(
            line: LineID("L1"), epoch: 3,
            cells: [
                CellStatus(
                    cell: CellID("C1"), unit: UnitState(state: state, code: code, text: text, remedy: remedy),
                    since: Sample.time(5))
            ],
            totals: Sample.report.totals, blanks: [.line: 20, .good: 2, .spoiled: 2], batches: [BatchID("B-7")],
            live: [Sample.attempt("P9", 1, .held, reason: "inspection.cannot_judge")], openIntents: 1)
    }

    @Test func aGlanceSaysWhyTheLineStandsAndWhatToDo() {
        let status = status(.held, code: "printer.jam", text: "A card is jammed.", remedy: "Open the printer.")
        #expect(
            status.glance == """
                Line L1: held since 2026-01-31T08:05:00Z
                  why: A card is jammed. [printer.jam]
                  do:  Open the printer.
                  records 3: good 2, waiting 0, in work 0, held 1, unknown 0
                  blanks: good 2, line 20, spoiled 2
                  attempt P9-1: held, inspection.cannot_judge
                  batches: B-7

                """)
    }

    @Test func aLineThatRunsHasNothingToSayAboutWhy() {
        let glance = status(.execute, code: nil, text: "", remedy: "").glance
        #expect(glance.hasPrefix("Line L1: execute since 2026-01-31T08:05:00Z\n  records"))
        #expect(!glance.contains("why:"))
    }

    @Test func theJSONHasStableNames() throws {
        let text = status(.held, code: "printer.jam", text: "A card is jammed.", remedy: "Open the printer.").json
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(root["schema"] as? String == "sakk.line-status/1")
        #expect(root["state"] as? String == "held")
        #expect(root["code"] as? String == "printer.jam")
        #expect(root["epoch"] as? Int == 3)
        #expect(root["open_intents"] as? Int == 1)
        #expect(root["blanks"] as? [String: Int] == ["good": 2, "line": 20, "spoiled": 2])
        #expect((root["live_attempts"] as? [[String: Any]])?.map { $0["attempt"] as? String } == ["P9-1"])
        #expect(root["batches"] as? [String] == ["B-7"])
    }
}
