import Ground
import Ledger
import Stations

/// Our own account of the ribbon beside the printer's counters (`RibbonWatch`). It is rows of the journal, out of which it is made
/// again after a restart. For a machine that tells of no ribbon nothing is read or written.
extension CellController {
    /// Before a card is fed: the account's row when one is due, and one for a drift, which is told at once too.
    func accounted(_ status: PrinterStatus) async throws(SakkError) -> [Change] {
        guard let left = status.counters.ribbonRemaining else { return [] }
        if ribbon == nil {
            let known = try await store.read(RibbonQuery(line: configuration.line))
            ribbon = RibbonWatch(known.first { $0.cell == configuration.cell }?.account)
        }
        let reading = RibbonAccount.Reading(panels: status.counters.panels, cardsLeft: left)
        let result = ribbon?.read(reading, panelsPerCard: configuration.ribbon?.count ?? 1)
        guard let result, result.tells, let account = ribbon?.account else { return [] }
        let subjects = [configuration.cell.rawValue]
        let row = Change.note(kind: RibbonAccount.kind, subjects: subjects, facts: account.facts)
        guard let finding = result.finding else { return [row] }
        var (facts, text) = CellController.words(finding)
        facts["text"] = .string(text)
        report(nil, nil, "printer.ribbon.drift", text, "Count the ribbon by hand; find out who else had the printer.")
        return [.note(kind: "printer.ribbon.drift", subjects: subjects, facts: facts), row]
    }

    /// What became of a job. `printer.print` proves a whole one by the printer's counter.
    func ordered(_ panels: Int, _ result: Result<Void, SakkError>) {
        switch result {
        case .success: ribbon?.ordered(panels, isProved: true)
        case .failure(let error) where error.outcome != .notDone: ribbon?.ordered(panels, isProved: false)
        case .failure: break
        }
    }

    private static func words(_ finding: RibbonWatch.Finding) -> (facts: [String: JSONValue], text: String) {
        switch finding {
        case .panels(let count):
            (
                ["panels": .integer(Int64(count))],
                "The printer counted \(abs(count)) panels \(count > 0 ? "more" : "fewer") than were ordered."
            )
        case .cards(let count):
            (
                ["cards": .integer(Int64(count))],
                "The ribbon lost \(abs(count)) cards \(count > 0 ? "more" : "fewer") than were printed."
            )
        }
    }
}
