import Ground
import Ledger

/// What `sakk bench console` measured, and the limits of issue 7.
struct BenchConsoleResult {
    struct Row {
        let path: String
        /// Of the page itself.
        let bytes: Int
        let times: Percentiles
    }

    let pages: Int
    var rows: [Row] = []
    /// Bytes of style, script and shapes, which every page needs once.
    var assets = 0
    var bare = Percentiles([])
    var changes = Percentiles([])
    /// Thousandths of a core for the line's controller and the console, no page open.
    var alone: Int64 = 0
    /// Cards that the line made meanwhile.
    var made = 0
    /// Thousandths of a core for all open pages together.
    var cost: Int64 = 0

    var heaviest: Int { (rows.map(\.bytes).max() ?? 0) + assets }
    var slowest: Int64 { rows.map(\.times.p99).max() ?? 0 }
    var isKept: Bool {
        changes.p99 <= 200_000 && cost <= 100 && heaviest < 100_000 && slowest <= 300_000
    }

    var text: String {
        var lines = ["page                        kB    p50 ms    p99 ms"]
        for row in rows {
            lines.append(
                BenchConsoleResult.wide(row.path, 24) + BenchConsoleResult.tail(Int64(row.bytes) * 10 / 1000, 6)
                    + BenchConsoleResult.tail(row.times.p50 / 100, 10)
                    + BenchConsoleResult.tail(row.times.p99 / 100, 10))
        }
        lines += [
            BenchConsoleResult.wide("bare route", 30) + BenchConsoleResult.tail(bare.p50 / 100, 10)
                + BenchConsoleResult.tail(bare.p99 / 100, 10),
            "style, script, shapes: \(assets / 1000) kB; the heaviest page with them: \(heaviest / 1000) kB of 100",
            "a change is on \(pages) screens after \(changes.p50 / 1000) ms (median), \(changes.p99 / 1000) ms (p99), "
                + "\(changes.maximum / 1000) ms (longest) of 200",
            "the line made \(made) cards meanwhile; its controller and the console without pages take "
                + "\(alone / 10).\(alone % 10) % of a core",
            "\(pages) open pages cost \(cost / 10).\(abs(cost % 10)) % of a core, of 10",
            "processes that want a core: \(BenchMeter.load)",
        ]
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        [
            "pages": .array(
                rows.map {
                    [
                        "path": .string($0.path), "bytes": .integer(Int64($0.bytes)), "p50_us": .integer($0.times.p50),
                        "p99_us": .integer($0.times.p99),
                    ]
                }), "assets_bytes": .integer(Int64(assets)), "heaviest_bytes": .integer(Int64(heaviest)),
            "bare": ["p50_us": .integer(bare.p50), "p99_us": .integer(bare.p99)],
            "change": [
                "count": .integer(Int64(changes.count)), "p50_us": .integer(changes.p50),
                "p99_us": .integer(changes.p99), "longest_us": .integer(changes.maximum),
            ], "open_pages": .integer(Int64(pages)), "core_per_mille": .integer(cost),
            "alone_per_mille": .integer(alone), "made": .integer(Int64(made)), "is_kept": .bool(isKept),
        ]
    }

    private static func wide(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Tenths, to the right.
    private static func tail(_ tenths: Int64, _ width: Int) -> String {
        let text = "\(tenths / 10).\(tenths % 10)"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
