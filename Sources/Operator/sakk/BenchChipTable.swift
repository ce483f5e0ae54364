import Ground
import Ledger

/// One measured thing beside its floor or its goal. Values are integers: microseconds, thousandths or counts, as `unit` says.
struct BenchChipRow {
    let name: String
    let unit: String
    let value: Int64
    var floor: Int64?
    /// At most this; `isLeast` turns it round.
    var goal: Int64?
    var isLeast = false
    var note = ""

    var isMet: Bool? { goal.map { isLeast ? value >= $0 : value <= $0 } }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "unit": .string(unit), "value": .integer(value), "note": .string(note),
        ]
        if let floor { members["floor"] = .integer(floor) }
        if let goal, let isMet {
            members["goal"] = .integer(goal)
            members["goal_met"] = .bool(isMet)
        }
        return .object(members)
    }
}

/// The table of `sakk bench chip`.
struct BenchChipTable {
    private(set) var rows: [BenchChipRow] = []

    mutating func add(_ row: BenchChipRow) {
        rows.append(row)
        Words.say("  \(row.name): \(row.value) \(row.unit)")
    }

    var json: String {
        JSONValue.object(["rows": .array(rows.map(\.json))]).document(schema: "sakk.bench-chip/1")
    }

    var text: String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [pad("", 50) + right("measured", 10) + right("C floor", 10) + right("goal", 10) + "  unit"]
        for row in rows {
            let goal = row.goal.map { "\(row.isLeast ? ">=" : "<=") \($0)" } ?? ""
            let verdict = row.isMet.map { $0 ? "  met" : "  MISSED" } ?? ""
            lines.append(
                pad(row.name, 50) + right("\(row.value)", 10) + right(row.floor.map(String.init) ?? "", 10)
                    + right(goal, 10) + "  \(row.unit)\(verdict)" + (row.note.isEmpty ? "" : "  (\(row.note))"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Percentiles of nanoseconds, as microseconds.
struct BenchTimes {
    private let sorted: [Int64]

    init(nanoseconds: [Int64]) { sorted = nanoseconds.sorted() }

    func microseconds(_ percent: Int) -> Int64 {
        sorted.isEmpty ? 0 : (sorted[max(0, (sorted.count * percent + 99) / 100 - 1)] + 500) / 1000
    }
}
