public import Ground
public import Ledger

/// OEE of cells over a time, with the plant's sum.
public struct EffectivenessReport: Sendable {
    public let from: WallTime
    public let to: WallTime
    public let cells: [CellEffectiveness]

    public init(from: WallTime, to: WallTime, cells: [CellEffectiveness]) {
        self.from = from
        self.to = to
        self.cells = cells
    }

    /// All cells as one unit; nil without cells.
    public var whole: Effectiveness? {
        cells.first.map { first in
            Effectiveness(
                times: cells.reduce(UnitTimes()) { $0 + $1.value.times },
                output: cells.reduce(OutputCounts()) { $0 + $1.value.output },
                plannedRunTimePerItem: first.value.plannedRunTimePerItem)
        }
    }

    /// `sakk.oee-report/1`: times in microseconds, ratios in parts per million, all whole numbers.
    public var json: String {
        JSONValue.object([
            "from": .string(from.iso8601), "to": .string(to.iso8601),
            "cells": .array(
                cells.map { cell in
                    [
                        "line": .string(cell.line), "cell": .string(cell.cell), "oee": cell.value.json,
                        "hours": .array(cell.hours.map(\.json)), "recovered": cell.recovered.json,
                    ]
                }),
            "plant": whole?.json ?? .null, "recovered": recovered.json,
        ]).document(schema: "sakk.oee-report/1")
    }

    static let columns = [
        "OEE", "availability", "effectiveness", "quality", "first pass", "scrap", "rework", "PQ", "GQ",
    ]

    var ratios: [[String]] {
        var rows = [["cell"] + Self.columns]
        rows += cells.map { ["\($0.line)/\($0.cell)"] + $0.value.cells }
        if cells.count > 1, let whole { rows.append(["plant"] + whole.cells) }
        return rows
    }

    /// Minutes in each state of SEMI E10.
    var states: [[String]] {
        [["minutes"] + EquipmentState.allCases.map { $0.rawValue.split(separator: "_").joined(separator: " ") }]
            + cells.map { cell in
                ["\(cell.line)/\(cell.cell)"]
                    + EquipmentState.allCases.map { Decimal1.text(cell.value.times[$0], per: 60_000_000) }
            }
    }

    var recovered: RecoveryCounts { cells.reduce(RecoveryCounts()) { $0 + $1.recovered } }

    /// Cards that a start found in the machine, after a crash or a power cut.
    var recoveries: [[String]] {
        [["cell", "cards", "continued", "spoiled", "for a person", "share continued"]]
            + cells.map { ["\($0.line)/\($0.cell)"] + $0.recovered.cells }
    }

    var hours: [[String]] {
        [["hour", "cell", "target", "good", "blanks"]]
            + cells.flatMap { cell in
                cell.hours.map { hour in
                    [
                        WallTime(microseconds: hour.from).iso8601, "\(cell.line)/\(cell.cell)", String(hour.target),
                        String(hour.good), String(hour.produced),
                    ]
                }
            }
    }

    public var text: String {
        var lines = ["OEE (ISO 22400-2) from \(from.iso8601) to \(to.iso8601)", ""]
        lines += TextTable.lines(ratios) + ["", "SEMI E10"] + TextTable.lines(states)
        lines += ["", "Cards found inside after a crash"] + TextTable.lines(recoveries)
        lines += ["", "Target against actual"] + TextTable.lines(hours)
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Effectiveness {
    var cells: [String] {
        [overall, availability, effectiveness, quality, firstPassYield, scrapRatio, reworkRatio]
            .map { $0.map { Decimal1.text(Int64(($0 * 1_000_000).rounded()), per: 10_000) + " %" } ?? "-" }
            + [String(output.produced), String(output.good)]
    }

    var json: JSONValue {
        func ppm(_ ratio: Double?) -> JSONValue { ratio.map { .integer(Int64(($0 * 1_000_000).rounded())) } ?? .null }
        return [
            "planned_busy_time_us": .integer(times.plannedBusy), "actual_unit_busy_time_us": .integer(times.busy),
            "actual_production_time_us": .integer(times.production),
            "planned_run_time_per_item_us": .integer(plannedRunTimePerItem),
            "produced_quantity": .integer(Int64(output.produced)), "good_quantity": .integer(Int64(output.good)),
            "scrap_quantity": .integer(Int64(output.scrap)), "rework_quantity": .integer(Int64(output.rework)),
            "first_tries": .integer(Int64(output.firstTries)), "first_passes": .integer(Int64(output.firstPasses)),
            "availability_ppm": ppm(availability), "effectiveness_ppm": ppm(effectiveness),
            "quality_ratio_ppm": ppm(quality), "oee_ppm": ppm(overall), "first_pass_yield_ppm": ppm(firstPassYield),
            "scrap_ratio_ppm": ppm(scrapRatio), "rework_ratio_ppm": ppm(reworkRatio),
            "semi_e10_us": .object(
                Dictionary(uniqueKeysWithValues: EquipmentState.allCases.map { ($0.rawValue, .integer(times[$0])) })),
        ]
    }
}

extension RecoveryCounts {
    var cells: [String] {
        [cards, continued, spoiled, quarantined].map(String.init)
            + [cards == 0 ? "-" : Decimal1.text(Int64(continued) * 100, per: Int64(cards)) + " %"]
    }

    var json: JSONValue {
        [
            "continued": .integer(Int64(continued)), "spoiled": .integer(Int64(spoiled)),
            "quarantined": .integer(Int64(quarantined)),
        ]
    }
}

extension HourOutput {
    var json: JSONValue {
        [
            "from": .string(WallTime(microseconds: from).iso8601), "target": .integer(Int64(target)),
            "good": .integer(Int64(good)), "produced": .integer(Int64(produced)),
        ]
    }
}

/// One decimal, whatever the locale.
enum Decimal1 {
    static func text(_ value: Int64, per unit: Int64) -> String {
        let tenths = (abs(value) * 10 + unit / 2) / unit
        return "\(value < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
    }
}
