import Foundation
import Ground

/// The table: a row a class and severity, and what issue 6 asks of all of them.
struct TrialTable {
    private struct Goal {
        let name: String
        let share: Share
        let wanted: Double
        let isCeiling: Bool

        var isReached: Bool { share.all == 0 || (isCeiling ? share.value <= wanted : share.value >= wanted) }
    }

    private let tally: TrialTally
    private let origin: String

    /// `origin`: where the captures come from, as a reader can make them again.
    init(_ tally: TrialTally, origin: String) {
        self.tally = tally
        self.origin = origin
    }

    private var seeds: String { tally.seeds.sorted().joined(separator: " and ") }

    private var goals: [Goal] {
        let identity = tally.sum { $0.group == "identity" }
        let major = tally.sum { $0.group == "print" && $0.severity == "major" }
        let subtle = tally.sum { $0.group == "print" && $0.severity == "subtle" }
        let picture = tally.sum { $0.group == "picture" }
        let named = tally.sum { _ in true }
        return [
            Goal(
                name: "identity escapes", share: Share(part: identity.passed, all: identity.all), wanted: 0,
                isCeiling: true),
            Goal(name: "major found", share: Share(part: major.found, all: major.all), wanted: 0.995, isCeiling: false),
            Goal(
                name: "subtle found", share: Share(part: subtle.found, all: subtle.all), wanted: 0.92, isCeiling: false),
            Goal(
                name: "bad pictures passed", share: Share(part: picture.passed, all: picture.all), wanted: 0,
                isCeiling: true),
            Goal(
                name: "false rejects", share: Share(part: tally.good.found, all: tally.good.all), wanted: 0.003,
                isCeiling: true),
            Goal(
                name: "good not judged", share: Share(part: tally.good.unjudged, all: tally.good.all), wanted: 0.003,
                isCeiling: true),
            Goal(
                name: "right reason", share: Share(part: named.named, all: named.found), wanted: 0.95, isCeiling: false),
        ]
    }

    private var isFastEnough: Bool { tally.times.at(0.95) <= 100_000 }
    var isReached: Bool { goals.allSatisfy(\.isReached) && isFastEnough && tally.deaths == 0 }

    private var ordered: [(key: TrialTally.Row, value: TrialTally.Count)] {
        let groups = ["identity", "print", "picture"]
        return tally.rows.sorted { left, right in
            let (one, two) = (groups.firstIndex(of: left.key.group) ?? 9, groups.firstIndex(of: right.key.group) ?? 9)
            return (one, left.key.kind, left.key.severity) < (two, right.key.kind, right.key.severity)
        }
    }

    var text: String {
        var lines = ["\(tally.count) captures of \(seeds) seeds (\(origin))", ""]
        lines.append(
            Self.columns("class", "severity", "n", "found", "95 %", "passed", "unjudged", "reason", "invisible"))
        for (row, count) in ordered {
            let found = Share(part: count.found, all: count.all)
            lines.append(
                Self.columns(
                    row.kind, row.severity, "\(count.all)", Self.percent(found.value), Self.range(found),
                    "\(count.passed)", "\(count.unjudged)",
                    Self.percent(Share(part: count.named, all: count.found).value),
                    "\(count.invisible)") + (count.found < count.all && Self.isShort(row, found) ? "  falls short" : "")
            )
        }
        lines.append("")
        for goal in goals {
            let word = goal.isCeiling ? "at most" : "at least"
            lines.append(
                "\(goal.name): \(goal.share.part) of \(goal.share.all), \(Self.percent(goal.share.value)) "
                    + "(95 %: \(Self.range(goal.share))), \(word) \(Self.percent(goal.wanted))"
                    + (goal.isReached ? "" : "  FALLS SHORT"))
        }
        if tally.deaths > 0 { lines.append("the inspection died \(tally.deaths) times  FALLS SHORT") }
        let codes = tally.goodCodes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !codes.isEmpty {
            lines.append("good ones were accused of: " + codes.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        let (times, fromCapture, plain) = (tally.times, tally.captureTimes, tally.plain)
        lines.append(
            "time a side: p50 \(Self.ms(times.at(0.5))), p95 \(Self.ms(times.at(0.95))) ms, p95 at most 100 ms"
                + (isFastEnough ? "" : "  FALLS SHORT"))
        lines.append(
            "of it from the capture to the verdict (without the reference against what is signed, and wiping): "
                + "p50 \(Self.ms(fromCapture.at(0.5))), p95 \(Self.ms(fromCapture.at(0.95))) ms")
        if plain.count > 0 {
            lines.append(
                "plain OpenCV, registration and difference alone: p50 \(Self.ms(plain.at(0.5))), p95 \(Self.ms(plain.at(0.95))) ms; "
                    + "the inspection takes \(Self.times(times.at(0.5), plain.at(0.5))) times that, "
                    + "\(Self.times(fromCapture.at(0.5), plain.at(0.5))) times from the capture on (p50)")
        }
        if let first = tally.memory.dropFirst(tally.memory.count / 10).first, let last = tally.memory.last {
            lines.append("memory: \(first / 1024) MB after a tenth, \(last / 1024) MB at the end")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var json: String {
        let rows = ordered.map { row, count -> JSONValue in
            let found = Share(part: count.found, all: count.all)
            return [
                "class": .string(row.kind), "severity": .string(row.severity), "group": .string(row.group),
                "count": .integer(Int64(count.all)), "found": .integer(Int64(count.found)),
                "passed": .integer(Int64(count.passed)), "unjudged": .integer(Int64(count.unjudged)),
                "named": .integer(Int64(count.named)), "invisible": .integer(Int64(count.invisible)),
                "found_low_ppm": Self.ppm(found.interval.lowerBound),
                "found_high_ppm": Self.ppm(found.interval.upperBound),
            ]
        }
        let goals = goals.map { goal -> JSONValue in
            [
                "name": .string(goal.name), "part": .integer(Int64(goal.share.part)),
                "all": .integer(Int64(goal.share.all)),
                "low_ppm": Self.ppm(goal.share.interval.lowerBound),
                "high_ppm": Self.ppm(goal.share.interval.upperBound),
                "wanted_ppm": Self.ppm(goal.wanted), "reached": .bool(goal.isReached),
            ]
        }
        let (times, fromCapture, plain) = (tally.times, tally.captureTimes, tally.plain)
        return JSONValue.object([
            "seeds": .string(seeds), "origin": .string(origin), "captures": .integer(Int64(tally.count)),
            "rows": .array(rows), "goals": .array(goals), "p50_us": .integer(times.at(0.5)),
            "p95_us": .integer(times.at(0.95)), "from_capture_p50_us": .integer(fromCapture.at(0.5)),
            "from_capture_p95_us": .integer(fromCapture.at(0.95)),
            "plain_p50_us": .integer(plain.at(0.5)), "plain_p95_us": .integer(plain.at(0.95)),
            "memory_kb": .array(tally.memory.map { .integer(Int64($0)) }), "deaths": .integer(Int64(tally.deaths)),
            "reached": .bool(isReached),
        ]).document(schema: "sakk.bench-inspect/1") + "\n"
    }

    private static func isShort(_ row: TrialTally.Row, _ found: Share) -> Bool {
        found.value < (row.severity == "subtle" ? 0.92 : 0.995)
    }

    private static func ppm(_ value: Double) -> JSONValue { .integer(Int64((value * 1_000_000).rounded())) }
    private static func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }
    private static func range(_ share: Share) -> String {
        String(format: "%.1f-%.1f", share.interval.lowerBound * 100, share.interval.upperBound * 100)
    }
    private static func ms(_ microseconds: Int64) -> String { String(format: "%.1f", Double(microseconds) / 1000) }
    private static func times(_ one: Int64, _ two: Int64) -> String {
        String(format: "%.2f", Double(one) / Double(max(two, 1)))
    }

    private static func columns(_ words: String...) -> String {
        let widths = [19, 9, 6, 9, 12, 8, 10, 9, 10]
        return zip(words, widths).enumerated().map { index, column in
            let space = String(repeating: " ", count: max(0, column.1 - column.0.count))
            return index < 2 ? column.0 + space : space + column.0
        }.joined()
    }
}
