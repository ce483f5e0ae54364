import Ground
public import Ledger
import Stations

extension BatchReport {
    /// The report as a person reads it in a terminal: totals, then each record that is not simply good, then a balance.
    public var text: String {
        var lines = [
            "Batch \(batch)  \(product)  from \(authority)",
            "received \(receivedAt.iso8601)"
                + (startedAt.map { ", started \($0.iso8601)" } ?? "") + (endedAt.map { ", ended \($0.iso8601)" } ?? ""),
            "",
            "records \(totals.records): good \(totals.good), waiting \(totals.waiting), in work \(totals.inWork), "
                + "held \(totals.held), unknown \(totals.unknown)",
            "of the good: packed \(totals.packed), dispatched \(totals.dispatched), delivered \(totals.delivered), "
                + "returned \(totals.returned), lost \(totals.lost)",
            "blanks used \(blanks.values.reduce(0, +)): "
                + blanks.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
                .joined(separator: ", "),
            "",
        ]
        let width = records.map(\.requestID.count).max() ?? 0
        for record in records {
            let padded = record.requestID + String(repeating: " ", count: width - record.requestID.count)
            let good = record.attempts.last { $0.state == .produced }
            let place = good?.blank.flatMap { blank in blank.place.map { "good tray, card \($0)" } } ?? ""
            lines.append("  \(padded)  \(record.state.rawValue)  \(place)\(record.reason.map { "  \($0)" } ?? "")")
            for blank in record.unboundBlanks { lines.append("      blank \(blank.blank): \(blank.words)") }
            for attempt in record.attempts where attempt.state != .produced {
                let death = attempt.death.map { ", chip death \($0.rawValue)" } ?? ""
                let blank = attempt.blank.map { ", \($0.tray)" } ?? ""
                lines.append(
                    "      attempt \(attempt.number) \(attempt.state.rawValue): \(attempt.reason ?? "")\(death)\(blank)"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension BlankReport {
    var words: String { "\(reason), \(tray)" }

    var tray: String {
        exit.map { "\($0.rawValue) tray" + (place.map { ", card \($0)" } ?? "") } ?? "in \(account.rawValue)"
    }
}
