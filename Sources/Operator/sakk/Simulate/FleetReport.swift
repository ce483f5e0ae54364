import Foundation
import Ground
import Simulation

/// What was done to a fleet, and the balance of its worlds against its books.
struct FleetReport {
    let plan: Fleet.Plan
    let counts: [String: Int]
    /// Words of the controllers about their own ends, by error code.
    let ends: [String: Int]
    let epochs: (taken: Int, late: Int)
    let balance: Balance
    let seconds: Double
    let command: String

    /// Reads the processes' words.
    static func ends(_ fleet: Fleet) -> [String: Int] {
        var ends: [String: Int] = [:]
        for line in 0..<fleet.plan.process.lines {
            let data = FileManager.default.contents(atPath: fleet.log(line)) ?? Data()
            for words in String(decoding: data, as: UTF8.self).split(separator: "\n") where words.hasPrefix("end ") {
                let parts = words.split(separator: " ")
                if parts.count > 2 { ends["\(parts[1]) (outcome \(parts[2]))", default: 0] += 1 }
            }
        }
        return ends
    }

    private func rows() -> [(String, String)] {
        var rows: [(String, String)] = [
            ("documents", "\(balance.documents) by \(plan.process.lines) controllers"), ("good", "\(balance.good)"),
            ("held with a reason", "\(balance.held.values.reduce(0, +))"), ("waiting", "\(balance.queued)"),
            ("blanks spoiled", "\(balance.spoiled.values.reduce(0, +)) of \(balance.cards)"),
            ("faults of machines", "\(balance.faults.values.reduce(0, +))"),
        ]
        rows += counts.sorted { $0.key < $1.key }.map {
            ($0.key.hasPrefix(" ") ? "processes started" : $0.key, "\($0.value)")
        }
        rows.append(("take-overs of a line", "\(epochs.taken)"))
        rows.append(("late results kept, no table moved", "\(epochs.late)"))
        rows += ends.sorted { $0.key < $1.key }.map { ("  ended by \($0.key)", "\($0.value)") }
        rows.append(("duplicates", "\(balance.duplicates)"))
        rows.append(("lost", "\(balance.lost)"))
        rows.append(("unexplained", "\(balance.unexplained)"))
        return rows
    }

    var table: String {
        var lines = rows().map { name, value in
            name + String(repeating: " ", count: max(1, 56 - name.count)) + value
        }
        lines += balance.findings.map { "! \($0)" }
        let rate = seconds > 0 ? ", \(Int(Double(balance.documents) / seconds)) documents a second" : ""
        let verdict = balance.breaches == 0 ? "no breach" : "\(balance.breaches) BREACHES"
        lines.append(verdict + String(repeating: " ", count: max(1, 56 - verdict.count)) + "\(Int(seconds)) s\(rate)")
        lines.append("again: \(command)")
        return lines.joined(separator: "\n") + "\n"
    }

    var json: String {
        var value: [String: JSONValue] = [:]
        for (name, number) in counts where !name.hasPrefix(" ") { value[name] = .integer(Int64(number)) }
        let object: JSONValue = .object([
            "schema": "sakk.simulation/1", "command": .string(command), "seed": .string("\(plan.process.seed)"),
            "documents": .integer(Int64(balance.documents)), "good": .integer(Int64(balance.good)),
            "queued": .integer(Int64(balance.queued)), "cards": .integer(Int64(balance.cards)),
            "events": .object(value), "take_overs": .integer(Int64(epochs.taken)),
            "late_results": .integer(Int64(epochs.late)),
            "ends": .object(ends.mapValues { .integer(Int64($0)) }),
            "duplicates": .integer(Int64(balance.duplicates)), "lost": .integer(Int64(balance.lost)),
            "unexplained": .integer(Int64(balance.unexplained)), "breaches": .integer(Int64(balance.breaches)),
            "findings": .array(balance.findings.map(JSONValue.string)),
            "milliseconds": .integer(Int64(seconds * 1000)),
        ])
        return String(decoding: object.canonical, as: UTF8.self)
    }
}
