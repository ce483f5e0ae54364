public import Ground
public import Ledger

extension AgeingReport {
    /// `sakk.ageing-report/1`: ages in seconds from the approval.
    public var json: String {
        JSONValue.object([
            "now": .string(now.iso8601), "open": open.json, "finished": finished.json,
            "oldest": .array(
                oldest.map { record in
                    [
                        "production_id": .string(record.production.rawValue), "request_id": .string(record.requestID),
                        "state": .string(record.state.rawValue), "reason": .optional(record.reason),
                        "approved_at": .string(record.approved.iso8601), "age_s": .integer(record.age / 1_000_000),
                    ]
                }),
        ]).document(schema: "sakk.ageing-report/1")
    }

    var percentiles: [[String]] {
        [
            ["hours from approval", "records", "p50", "p90", "p99", "longest"], ["not finished"] + open.cells,
            ["finished"] + finished.cells,
        ]
    }

    var list: [[String]] {
        [["oldest", "request", "state", "hours"]]
            + oldest.map {
                [
                    $0.production.rawValue, $0.requestID, $0.state.rawValue + ($0.reason.map { ", \($0)" } ?? ""),
                    Decimal1.text($0.age, per: 3_600_000_000),
                ]
            }
    }

    public var text: String {
        (["Ageing at \(now.iso8601)", ""] + TextTable.lines(percentiles) + [""] + TextTable.lines(list))
            .joined(separator: "\n") + "\n"
    }
}

extension Percentiles {
    var json: JSONValue {
        [
            "records": .integer(Int64(count)), "p50_s": .integer(p50 / 1_000_000), "p90_s": .integer(p90 / 1_000_000),
            "p99_s": .integer(p99 / 1_000_000), "longest_s": .integer(maximum / 1_000_000),
        ]
    }

    var cells: [String] {
        [String(count)] + [p50, p90, p99, maximum].map { Decimal1.text($0, per: 3_600_000_000) }
    }
}
