public import Ground
public import Ledger

extension AgeingReport {
    /// `sakk.ageing-report/1`: ages in seconds from the approval.
    public var json: String {
        JSONValue.object([
            "now": .string(now.iso8601), "open": open.json, "finished": finished.json,
            "classes": .array(classes.map(\.json)),
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
        let deadlines = classes.isEmpty ? [] : TextTable.lines(deadlines) + [""]
        return
            (["Ageing at \(now.iso8601)", ""] + TextTable.lines(percentiles) + [""] + deadlines + TextTable.lines(list))
            .joined(separator: "\n") + "\n"
    }

    var deadlines: [[String]] {
        [["class", "to be made until", "waiting", "in work", "held", ""]]
            + classes.map {
                [
                    $0.priorityClass, $0.lastDay, String($0.waiting), String($0.inWork), String($0.held),
                    $0.isOverdue ? "overdue" : "",
                ]
            }
    }
}

extension ClassStanding {
    /// The last day on which its records are to be made.
    public var lastDay: String { WallTime(microseconds: deadline.at.microseconds - 1).date.description }

    public var json: JSONValue {
        [
            "class": .string(priorityClass), "deadline": .string(lastDay), "waiting": .integer(Int64(waiting)),
            "in_work": .integer(Int64(inWork)), "held": .integer(Int64(held)), "overdue": .bool(isOverdue),
        ]
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
