import Ground
public import Ledger
import Stations

extension BatchReport {
    /// The report as a person reads it in a terminal: totals, then each record that is not simply good, then a balance.
    public func text(_ words: BatchWords = .codes) -> String {
        let language = words.language
        func counts(_ pairs: [(String, Int)]) -> String {
            pairs.map { "\($0) \($1)" }.joined(separator: language.comma)
        }
        let times = [("received", receivedAt), ("started", startedAt), ("ended", endedAt)]
        let used = blanks.sorted { $0.key.rawValue < $1.key.rawValue }
        var lines = [
            "\(language("Batch")) \(batch)  \(product)  \(language("from")) \(authority)",
            times.compactMap { word, time in time.map { "\(language(word)) \($0.iso8601)" } }
                .joined(separator: language.comma),
            "",
            "\(language("records")) \(totals.records): "
                + counts([
                    (language("good"), totals.good), (language("waiting"), totals.waiting),
                    (language("in work"), totals.inWork), (language("held"), totals.held),
                    (language("unknown"), totals.unknown),
                ]),
            "\(language("of the good")): "
                + counts([
                    (language("packed"), totals.packed), (language("dispatched"), totals.dispatched),
                    (language("delivered"), totals.delivered), (language("returned"), totals.returned),
                    (language("lost"), totals.lost),
                ]),
            "\(language("blanks used")) \(blanks.values.reduce(0, +)): "
                + counts(used.map { (words($0.key), $0.value) }),
            "",
        ]
        let width = records.map(\.requestID.count).max() ?? 0
        for record in records {
            let padded = record.requestID + String(repeating: " ", count: width - record.requestID.count)
            let good = record.attempts.last { $0.state == .produced }
            let place = good?.blank.flatMap { $0.place == nil ? nil : words.tray($0) } ?? ""
            let reason = record.reason.map { "  \(words(reason: $0))" } ?? ""
            lines.append("  \(padded)  \(words(record.state))  \(place)\(reason)")
            for blank in record.unboundBlanks {
                lines.append("      \(language("blank")) \(blank.blank): \(words.blank(blank))")
            }
            for attempt in record.attempts where attempt.state != .produced {
                let rest = [
                    attempt.reason.map { words(reason: $0) } ?? "", attempt.death.map { words($0) },
                    attempt.blank.map(words.tray),
                ]
                lines.append(
                    "      \(language("attempt")) \(attempt.number) \(words(attempt.state)): "
                        + rest.compactMap { $0 }.joined(separator: language.comma))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
