internal import Ground

/// The balance as a table for people and as `sakk.simulation/1`.
public struct SimulationReport: Sendable {
    public let options: SimulationOptions
    public let balance: Balance
    public let seconds: Double

    public init(options: SimulationOptions, balance: Balance, seconds: Double) {
        self.options = options
        self.balance = balance
        self.seconds = seconds
    }

    public var json: String {
        func counts(_ values: [String: Int]) -> JSONValue { .object(values.mapValues { .integer(Int64($0)) }) }
        func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        let value: JSONValue = .object([
            "schema": "sakk.simulation/1", "command": .string(options.command), "seed": .string("\(options.seed)"),
            "documents": count(balance.documents), "good": count(balance.good), "queued": count(balance.queued),
            "held": counts(balance.held), "cards": count(balance.cards), "spoiled": counts(balance.spoiled),
            "faults": counts(balance.faults), "holds": count(balance.holds), "worlds": count(balance.worlds),
            "crash_points": count(balance.crashes), "crash_points_in_disk": count(balance.crashesInDisk),
            "fault_points_reached": count(balance.faultPoints), "disk_changes": count(balance.diskChanges),
            "continued": count(balance.continued), "spoiled_after_crash": count(balance.spoiledAfterCrash),
            "duplicates": count(balance.duplicates), "lost": count(balance.lost),
            "unexplained": count(balance.unexplained), "breaches": count(balance.breaches),
            "findings": .array(balance.findings.map(JSONValue.string)), "milliseconds": .integer(Int64(seconds * 1000)),
        ])
        return String(decoding: value.canonical, as: UTF8.self)
    }

    public var table: String {
        var lines: [String] = []
        func line(_ name: String, _ value: String) {
            lines.append(name + String(repeating: " ", count: max(1, 30 - name.count)) + value)
        }
        func list(_ values: [String: Int]) {
            for (name, count) in values.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                line("  \(name.isEmpty ? "-" : name)", "\(count)")
            }
        }
        line("documents", "\(balance.documents) in \(balance.worlds) worlds of \(options.cells) cells")
        line("good", "\(balance.good)")
        line("held with a reason", "\(balance.held.values.reduce(0, +))")
        list(balance.held)
        line("waiting", "\(balance.queued)")
        line("blanks spoiled", "\(balance.spoiled.values.reduce(0, +)) of \(balance.cards)")
        list(balance.spoiled)
        line("faults", "\(balance.faults.values.reduce(0, +)), holds of a cell \(balance.holds)")
        line("crash points", "\(balance.crashes), of them in the disk \(balance.crashesInDisk)")
        line("  reached", "\(balance.faultPoints) fault points, \(balance.diskChanges) changes of the disk")
        line("  card inside: continued", "\(balance.continued)")
        line("  card inside: spoiled", "\(balance.spoiledAfterCrash)")
        line("duplicates", "\(balance.duplicates)")
        line("lost", "\(balance.lost)")
        line("unexplained", "\(balance.unexplained)")
        for finding in balance.findings { lines.append("! \(finding)") }
        let rate = seconds > 0 ? ", \(Int(Double(balance.documents) / seconds)) documents a second" : ""
        line(balance.breaches == 0 ? "no breach" : "\(balance.breaches) BREACHES", "\(Int(seconds)) s\(rate)")
        lines.append("again: \(options.command)")
        return lines.joined(separator: "\n") + "\n"
    }
}
