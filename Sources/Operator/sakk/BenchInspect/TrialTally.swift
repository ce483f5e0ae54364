import Foundation
import Ground

/// What was judged and how, by class and severity.
struct TrialTally {
    struct Row: Hashable {
        let group: String
        let kind: String
        let severity: String
    }

    struct Count {
        var all = 0
        var found = 0
        var passed = 0
        /// Doubts that do not count as found.
        var unjudged = 0
        var named = 0
        var invisible = 0

        mutating func add(_ other: Count) {
            all += other.all
            found += other.found
            passed += other.passed
            unjudged += other.unjudged
            named += other.named
            invisible += other.invisible
        }
    }

    private(set) var rows: [Row: Count] = [:]
    private(set) var good = Count()
    private(set) var goodCodes: [String: Int] = [:]
    /// The judging; and from the capture to the verdict.
    private(set) var times = TrialTimes()
    private(set) var captureTimes = TrialTimes()
    private(set) var plain = TrialTimes()
    /// Resident kilobytes after each cell.
    private(set) var memory: [Int] = []
    private(set) var count = 0
    private(set) var deaths = 0
    private(set) var seeds: Set<String> = []

    /// Whether the verdict is wrong.
    mutating func add(_ truth: TrialTruth, _ verdict: TrialVerdict, plain: Double?) -> Bool {
        count += 1
        if verdict.reasons.contains(where: { $0.code == TrialVerdict.died }) { deaths += 1 }
        seeds.insert(truth.seeds)
        times.add(Int64(verdict.milliseconds * 1000))
        captureTimes.add(Int64((verdict.fromCapture ?? verdict.milliseconds) * 1000))
        if let plain { self.plain.add(Int64(plain * 1000)) }
        guard truth.group != "good" else {
            good.all += 1
            switch verdict.verdict {
            case "pass": good.passed += 1
            case "reject": good.found += 1
            default: good.unjudged += 1
            }
            for code in Set(verdict.reasons.map(\.code)) { goodCodes[code, default: 0] += 1 }
            return verdict.verdict != "pass"
        }
        let row = Row(group: truth.group, kind: truth.kind, severity: truth.severity)
        guard truth.isVisible else {
            rows[row, default: Count()].invisible += 1
            return false
        }
        let isFound = TrialReasons.finds(truth, verdict)
        let isNamed = isFound && TrialReasons.names(truth.kind, verdict)
        var one = Count(all: 1)
        if isFound { one.found = 1 }
        if isNamed { one.named = 1 }
        if verdict.verdict == "pass" { one.passed = 1 }
        if !isFound, verdict.verdict != "pass" { one.unjudged = 1 }
        rows[row, default: Count()].add(one)
        return !isNamed
    }

    /// All rows that a question is about, together.
    func sum(_ isMeant: (Row) -> Bool) -> Count {
        rows.reduce(into: Count()) { sum, row in if isMeant(row.key) { sum.add(row.value) } }
    }

    mutating func remember() {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return }
        memory.append(pages * 4)
    }
}

/// A share with its 95 percent interval (Wilson, 1927).
struct Share {
    let part: Int
    let all: Int

    var value: Double { all == 0 ? 0 : Double(part) / Double(all) }

    var interval: ClosedRange<Double> {
        guard all > 0 else { return 0...1 }
        let z = 1.959964
        let n = Double(all)
        let middle = (value + z * z / (2 * n)) / (1 + z * z / n)
        let reach = z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, middle - reach)...min(1, middle + reach)
    }
}
