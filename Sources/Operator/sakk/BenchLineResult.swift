import Ground

/// What a run of `sakk bench line` came to.
struct BenchLineResult {
    let done: Int
    let cells: Int
    let elapsed: Int64
    let cpu: Int64
    let bare: Int64
    let meter: BenchMeter.State
    let machines: [BenchCell.World]
    let dataSheet: Int64
    let pace: BenchPace
    /// kB, after each tenth of the documents.
    let memory: [Int64]

    private var cards: Double { Double(max(done, 1)) }
    /// From a machine's first act to its last one.
    private var present: Int64 {
        machines.reduce(0) { sum, world in sum + (world.began.map { world.ended - $0 } ?? 0) }
    }
    private var busy: Int64 { machines.reduce(0) { $0 + $1.busy } }
    private var share: Double { Double(busy) / Double(max(present, 1)) }
    private var least: Double {
        machines.compactMap { world in
            world.began.map { Double(world.busy) / Double(max(world.ended - $0, 1)) }
        }.min() ?? 0
    }
    /// Time per card in which the machine waited for the controller.
    private var waiting: Double { Double(present - busy) / cards }
    /// Share of the time that a machine works, were a card as slow as the data sheet says.
    private var dataSheetShare: Double { Double(dataSheet) / (Double(dataSheet) + waiting) }
    private var perHour: Double { cards * 3_600_000_000 / Double(max(elapsed, 1)) }
    /// With several cells the process's clock does not tell their steps apart.
    private var hasSteps: Bool { cells == 1 }

    var json: String {
        func ppm(_ share: Double) -> JSONValue { .integer(Int64((share * 1_000_000).rounded())) }
        let steps = meter.steps.mapValues { step -> JSONValue in
            var value: [String: JSONValue] = [
                "calls_per_1000_cards": .integer(Int64(Double(step.calls) * 1000 / cards)),
                "elapsed_us_per_card": .integer(Int64(Double(step.elapsed) / cards)),
            ]
            if hasSteps { value["cpu_us_per_card"] = .integer(Int64(Double(step.cpu) / cards)) }
            return .object(value)
        }
        return JSONValue.object([
            "cards": .integer(Int64(done)), "cells": .integer(Int64(cells)), "elapsed_us": .integer(elapsed),
            "cards_per_hour": .integer(Int64(perHour)),
            "commits_per_1000_cards": .integer(Int64(Double(meter.commits) * 1000 / cards)),
            "cpu_us_per_card": .integer(Int64(Double(cpu) / cards)), "steps": .object(steps),
            "machine_card_us": .integer(pace.card), "inspection_us": .integer(pace.inspection),
            "preparation_us": .integer(pace.preparation), "machine_busy_ppm": ppm(share),
            "least_busy_machine_ppm": ppm(least), "controller_wait_us_per_card": .integer(Int64(waiting)),
            "data_sheet_card_us": .integer(dataSheet), "busy_at_data_sheet_speed_ppm": ppm(dataSheetShare),
            "bare_transaction_p50_us": .integer(bare), "resident_kb": .array(memory.map(JSONValue.integer)),
            "load_tenths": .integer(Int64(BenchMeter.load * 10)),
        ]).document(schema: "sakk.bench-line/1")
    }

    var text: String {
        func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
        var lines = [
            "\(done) cards of \(cells) cells in \(tenths(Double(elapsed) / 1_000_000)) s: \(Int(perHour)) an hour; "
                + "load of this machine \(BenchMeter.load)",
            "commits per card \(tenths(Double(meter.commits) / cards)), a bare transaction takes \(bare) us",
            "controller CPU per card \(tenths(Double(cpu) / cards / 1000)) ms"
                + (pace.inspection + pace.preparation > 0
                    ? ", of it \(tenths(Double(pace.inspection + pace.preparation) / 1000)) ms stand for inspection and "
                        + "preparation" : ""),
        ]
        for (name, step) in meter.steps.sorted(by: { ($1.value.elapsed, $0.key) < ($0.value.elapsed, $1.key) }) {
            lines.append(
                "  \(name): " + (hasSteps ? "\(tenths(Double(step.cpu) / cards / 1000)) ms of CPU in " : "")
                    + "\(tenths(Double(step.calls) / cards)) calls, \(tenths(Double(step.elapsed) / cards / 1000)) ms "
                    + "elapsed")
        }
        lines += [
            "the machines are busy \(percent(share)) of the time at \(pace.card / 1000) ms a card, the least busy one "
                + percent(least),
            "a machine waits \(tenths(waiting / 1000)) ms a card for the controller: at \(dataSheet / 1000) ms a card it "
                + "is busy \(percent(dataSheetShare)) (computed)",
            "resident memory after each tenth, kB: " + memory.map { "\($0)" }.joined(separator: " "),
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
