import ArgumentParser
import Ground
import Simulation

/// What `sakk simulate --fail` makes fail: of the calls to the system those that a world in memory makes.
enum SweptCall: String, ExpressibleByArgument, CaseIterable { case sqlStatement = "sql.statement" }

struct SweepOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Size a, one short world (--documents at most 50): runs it again for each call of this kind, and makes \
            another one fail each time. On the server of --store (postgresql://… without a schema) the way to it is \
            cut there.
            """)) var fail: SweptCall?
    @Option(help: "With --fail: the first call.") var first = 1
    @Option(help: "With --fail: the last call; all when not given.") var last: Int?
    @Option(help: "With --fail: every so many-th call only.") var every = 1
}

/// Runs the sweep and tells n's total and what became of each.
struct SimulateSweep {
    let options: SimulationOptions
    let sweep: SweepOptions
    let server: String?
    let isJSON: Bool

    func run() async throws {
        var sweeping = StatementSweep(options)
        sweeping.server = server
        (sweeping.first, sweeping.last, sweeping.every) = (sweep.first, sweep.last, sweep.every)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try await sweeping.run { result in
            guard result.tried % 100 == 0 else { return }
            Words.say(
                "\(result.tried) tried of \(result.total), \(result.wentOn) without a stop, breaches "
                    + "\(result.balance.breaches), \((clock.now - start).components.seconds) s")
        }
        let seconds = (clock.now - start).components.seconds
        print(isJSON ? json(result, seconds) : table(result, seconds))
        if result.balance.breaches > 0 { throw Exit.breached }
    }

    private var command: String {
        var words = "sakk simulate --fail \(sweep.fail?.rawValue ?? "") --documents \(options.documents)"
        words += " --cells \(options.cells) --faults \(options.profile.name) --seed \(options.seed)"
        if server != nil { words += " --store …" }
        if sweep.first > 1 { words += " --first \(sweep.first)" }
        if let last = sweep.last { words += " --last \(last)" }
        return sweep.every > 1 ? words + " --every \(sweep.every)" : words
    }

    private func table(_ result: StatementSweep.Result, _ seconds: Int64) -> String {
        let balance = result.balance
        var lines = [
            "\(result.total) SQL statements in a run of \(options.documents) documents on \(server == nil ? "SQLite" : "PostgreSQL")",
            "\(result.tried) made to fail, each in a run of its own: \(result.wentOn) runs went on without a stop",
        ]
        for (code, count) in balance.stops.sorted(by: { $0.key < $1.key }) {
            lines.append("  a process ended with \(code), and the next one went on: \(count)")
        }
        lines += [
            "\(balance.documents) documents, \(balance.good) good, \(balance.held.values.reduce(0, +)) held with a reason, "
                + "\(balance.cards) cards, \(balance.spoiled.values.reduce(0, +)) spoiled, \(balance.holds) holds",
            "duplicates \(balance.duplicates), lost \(balance.lost), unexplained \(balance.unexplained)",
        ]
        lines += balance.findings.map { "! \($0)" }
        lines.append(balance.breaches == 0 ? "no breach, \(seconds) s" : "\(balance.breaches) BREACHES, \(seconds) s")
        return (lines + ["again: \(command)"]).joined(separator: "\n")
    }

    private func json(_ result: StatementSweep.Result, _ seconds: Int64) -> String {
        let balance = result.balance
        func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        return JSONValue.object([
            "call": .string(sweep.fail?.rawValue ?? ""), "command": .string(command), "total": count(result.total),
            "tried": count(result.tried), "went_on": count(result.wentOn),
            "stops": .object(balance.stops.mapValues(count)), "documents": count(balance.documents),
            "good": count(balance.good), "held": count(balance.held.values.reduce(0, +)),
            "cards": count(balance.cards), "spoiled": count(balance.spoiled.values.reduce(0, +)),
            "duplicates": count(balance.duplicates), "lost": count(balance.lost),
            "unexplained": count(balance.unexplained), "breaches": count(balance.breaches),
            "findings": .array(balance.findings.map(JSONValue.string)), "seconds": .integer(seconds),
        ]).document(schema: "sakk.simulation-sweep/1")
    }
}
