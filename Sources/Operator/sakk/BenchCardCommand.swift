import ArgumentParser
import Catalog
import GlobalPlatform
import Ground
import Ledger
import Line
import OpenSSLCrypto
import Stations
import Synchronization

struct BenchCardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "Controller CPU of one document by step, through the real stacks.",
        discussion: """
            Runs the line as `sakk run` does, with one cell, and takes the processor time of each step. The baseline of \
            the same run is SHA-256 over as many bytes as the frames of a card have. `--goal-ms` is what one document \
            may cost so that two cores do a day's 32,000 in an hour, with the other programs of the line beside it.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Good cards to make; their records are in the queue.") var count = 20
    @Option(help: "Blanks that were put into the hopper and are not in the books yet.") var blanks = 25
    @Option(help: "Goal for one document (milliseconds of CPU).") var goalMs: Int64 = 150
    @Flag(help: "One JSON object (sakk.bench-card/1).") var json = false

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        let store = try await options.openLedger(profile)
        let cell = profile.cell.id
        _ = try await store.load(
            count: blanks, stock: product.blankStock, lot: "BENCH", line: profile.id, cell: cell, by: "bench")
        let meter = BenchMeter()
        let stations = try CellBuilder(
            line: profile, product: product, pictures: nil, wrongCards: WrongCardMemory()
        ).stations(of: profile.cell)
        let metered = MeteredStations(meter: meter).wrap(stations)
        // a camera whose frames come late on a busy machine is waited for, for minutes: that is seen
        let progress = ProgressLine()
        let controller = LineController(
            configuration: options.configuration(profile, product, cell: cell, actor: "bench"),
            store: MeteredStore(store: store, meter: meter), stations: metered, events: { progress.show($0) })
        let cpu = BenchMeter.cpu
        let began = BenchMeter.now
        let summary = try await controller.run(target: count)
        let spent = BenchMeter.cpu - cpu
        let elapsed = BenchMeter.now - began
        progress.finish()
        let camera = await metered.camera.health
        await metered.printer.disconnect()
        await metered.chip.disconnect()
        await metered.camera.disconnect()
        guard summary.done == count else {
            Words.say(
                "The run ended \(summary.state.word) with \(summary.done) of \(count) good, \(summary.rejects) thrown out, "
                    + "\(summary.held) held: \(summary.text)")
            throw Exit.held
        }
        if let camera, camera.reopened > 0 {
            Words.say(
                "The camera was opened anew \(camera.reopened) times, \(camera.late) frames came late: the times by the clock "
                    + "are those of a busy machine.")
        }
        let result = BenchCardResult(
            cards: count, elapsed: elapsed, cpu: spent, goal: goalMs * 1000, hash: hashBaseline(),
            meter: meter.state.withLock { $0 })
        print(json ? result.json : result.text, terminator: json ? "\n" : "")
    }

    /// Microseconds of SHA-256 over 10 MB, the best of five.
    private func hashBaseline() -> Int64 {
        let data = Bytes(repeating: 0xA5, count: 10_000_000)
        return (0..<5).map { _ in
            let began = BenchMeter.cpu
            _ = Digest.sha256(data)
            return BenchMeter.cpu - began
        }.min() ?? 0
    }
}

/// What a card cost.
struct BenchCardResult {
    let cards: Int
    let elapsed: Int64
    let cpu: Int64
    let goal: Int64
    /// Microseconds of SHA-256 over 10 MB in this run.
    let hash: Int64
    let meter: BenchMeter.State

    private var each: Double { Double(cpu) / Double(cards) }
    private var named: Int64 { meter.steps.values.reduce(0) { $0 + $1.cpu } }

    var json: String {
        let steps = meter.steps.mapValues { step -> JSONValue in
            [
                "calls": .integer(Int64(step.calls)), "cpu_us_per_card": .integer(step.cpu / Int64(cards)),
                "elapsed_us_per_card": .integer(step.elapsed / Int64(cards)),
            ]
        }
        return JSONValue.object([
            "cards": .integer(Int64(cards)), "elapsed_us": .integer(elapsed), "cpu_us_per_card": .integer(Int64(each)),
            "other_cpu_us_per_card": .integer((cpu - named) / Int64(cards)), "steps": .object(steps),
            "goal_us": .integer(goal), "goal_met": .bool(each <= Double(goal)),
            "baseline_sha256_10mb_us": .integer(hash),
            "ratio_to_baseline_thousandths": .integer(Int64(each * 1000 / Double(max(hash, 1)))),
            "cards_per_hour_on_two_cores": .integer(Int64(2 * 3_600_000_000 / each)),
        ]).document(schema: "sakk.bench-card/1")
    }

    var text: String {
        func ms(_ microseconds: Int64) -> String { "\((Double(microseconds) / Double(cards) / 100).rounded() / 10)" }
        var lines = [
            "\(cards) cards in \(elapsed / 1_000_000) s; controller CPU per card \(ms(cpu)) ms "
                + "(goal \(goal / 1000) ms: \(each <= Double(goal) ? "met" : "missed")), of it"
        ]
        for (name, step) in meter.steps.sorted(by: { $0.value.cpu > $1.value.cpu }) {
            let calls = (Double(step.calls) * 10 / Double(cards)).rounded() / 10
            lines.append("  \(name): \(ms(step.cpu)) ms in \(calls) calls, \(ms(step.elapsed)) ms elapsed")
        }
        lines += [
            "  other (orchestration, transport threads): \(ms(cpu - named)) ms",
            "two cores would do \(Int64(2 * 3_600_000_000 / each)) cards an hour (computed from the CPU time)",
            "baseline: SHA-256 over 10 MB takes \(hash / 1000) ms; a card costs "
                + "\((each * 10 / Double(max(hash, 1))).rounded() / 10) of these",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
