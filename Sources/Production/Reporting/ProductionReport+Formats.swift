internal import Ground
public import Ledger

extension ProductionReport {
    /// `sakk.production-report/1`. With `smallest`, counts of one to `smallest` − 1 are null, and so are those from which
    /// they would follow; reasons are then left out: it is the form that leaves the plant.
    public func json(smallest: Int? = nil) -> String {
        var fields: [String: JSONValue] = [
            "by": .string(selection.by.rawValue), "batch_id": .optional(selection.batch?.rawValue),
            "line": .optional(selection.line?.rawValue), "cell": .optional(selection.cell?.rawValue),
            "shift": .optional(selection.shift?.rawValue),
            "from": .optional(selection.from?.iso8601), "to": .optional(selection.to?.iso8601),
            "smallest_count": smallest.map { .integer(Int64($0)) } ?? .null,
        ]
        if let smallest {
            let table = SmallCells.suppressed(groups.map { ProductionReport.states($0.counts).map(\.1) }, k: smallest)
            fields["groups"] = .array(
                zip(groups, table).map { ["key": .optional($0.key), "counts": ProductionReport.row($1)] })
            fields["total"] = table.last.map(ProductionReport.row) ?? [:]
        } else {
            fields["groups"] = .array(groups.map { ["key": .optional($0.key), "counts": $0.counts.json] })
            fields["total"] = total.json
        }
        return JSONValue.object(fields).document(schema: "sakk.production-report/1")
    }

    /// The states that together are all records.
    private static func states(_ counts: ProductionCounts) -> [(String, Int)] {
        [
            ("waiting", counts.waiting), ("in_work", counts.inWork), ("good", counts.good), ("held", counts.held),
            ("withdrawn", counts.withdrawn), ("unknown", counts.unknown),
        ]
    }

    private static func row(_ values: [Int?]) -> JSONValue {
        let names = states(ProductionCounts()).map(\.0) + ["records"]
        return .object(
            Dictionary(uniqueKeysWithValues: zip(names, values.map { $0.map { .integer(Int64($0)) } ?? .null })))
    }

    static let columns = [
        "records", "waiting", "in work", "good", "held", "withdrawn", "unknown", "remade", "rejected",
    ]

    /// Heading, groups and total.
    var table: [[String]] {
        var rows = [[selection.by == .none ? "" : selection.by.rawValue] + Self.columns]
        if selection.by != .none { rows += groups.map { [$0.key ?? "(none)"] + $0.counts.cells } }
        return rows + [["all"] + total.cells]
    }

    var span: String {
        let times = [selection.from.map { "from \($0.iso8601)" }, selection.to.map { "to \($0.iso8601)" }]
        let words = times.compactMap { $0 }.joined(separator: " ")
        return words.isEmpty ? "all times" : words
    }

    var reasons: [String] { reasons(.english) }

    func reasons(_ language: ReportLanguage) -> [String] {
        let lists = [("rejected", total.rejectedBy), ("held", total.heldBy)]
        return lists.flatMap { name, reasons in
            reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                "\(language(name)) \($0.value): \(language.value($0.key))"
            }
        }
    }

    public var text: String {
        (["Production, \(span)", ""] + TextTable.lines(table) + reasons.map { "  \($0)" }).joined(separator: "\n")
            + "\n"
    }
}

extension ProductionCounts {
    var cells: [String] {
        [records, waiting, inWork, good, held, withdrawn, unknown, remade, rejected].map(String.init)
    }

    var json: JSONValue {
        func counts(_ reasons: [String: Int]) -> JSONValue { .object(reasons.mapValues { .integer(Int64($0)) }) }
        return [
            "records": .integer(Int64(records)), "waiting": .integer(Int64(waiting)),
            "in_work": .integer(Int64(inWork)), "good": .integer(Int64(good)), "held": .integer(Int64(held)),
            "withdrawn": .integer(Int64(withdrawn)), "unknown": .integer(Int64(unknown)),
            "remade": .integer(Int64(remade)), "rejected": .integer(Int64(rejected)), "held_by": counts(heldBy),
            "rejected_by": counts(rejectedBy),
        ]
    }
}

/// Columns for a terminal: the first to the left, the others to the right.
enum TextTable {
    static func lines(_ rows: [[String]]) -> [String] {
        guard let width = rows.first?.count else { return [] }
        let widths = (0..<width).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ")
        }
    }
}
