import Ground
public import Ledger
import Stations

extension LineStatus {
    /// `sakk.line-status/1`; no personal data.
    public var json: String {
        JSONValue.object([
            "line": .string(line.rawValue),
            "state": .string(state.word),
            "since": .string(since.iso8601),
            "epoch": .integer(epoch),
            "code": .optional(code),
            "text": .string(text),
            "remedy": .string(remedy),
            "totals": totals.json,
            "blanks": .object(
                Dictionary(uniqueKeysWithValues: blanks.map { ($0.key.rawValue, .integer(Int64($0.value))) })),
            "batches": .array(batches.map { .string($0.rawValue) }),
            "live_attempts": .array(live.map(\.json)),
            "open_intents": .integer(Int64(openIntents)),
        ]).document(schema: "sakk.line-status/1")
    }

    /// A glance for a terminal.
    public var glance: String { words.joined(separator: "\n") + "\n" }

    private var words: [String] {
        var lines = [
            cells.isEmpty ? "Line \(line): never started" : "Line \(line): \(state.word) since \(since.iso8601)"
        ]
        if let code { lines.append("  why: \(self.text) [\(code)]") }
        if !remedy.isEmpty { lines.append("  do:  \(remedy)") }
        lines.append(
            "  records \(totals.records): good \(totals.good), waiting \(totals.waiting), in work \(totals.inWork), "
                + "held \(totals.held), unknown \(totals.unknown)")
        let accounts = blanks.sorted { $0.key.rawValue < $1.key.rawValue }
        let words = accounts.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
        lines.append("  blanks: \(isCounting ? "not shown while a shift is open (they are counted blind)" : words)")
        for attempt in live {
            lines.append(
                "  attempt \(attempt.attempt): \(attempt.state.rawValue)\(attempt.reason.map { ", \($0)" } ?? "")")
        }
        if !batches.isEmpty { lines.append("  batches: " + batches.map(\.rawValue).joined(separator: ", ")) }
        return lines
    }
}
