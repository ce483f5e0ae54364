import ArgumentParser
import Ground
import Simulation
import Synchronization

enum SimulationClock: String, ExpressibleByArgument, CaseIterable { case steady, jumps }

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Proves the one rule: simulated plants whose controllers are killed, and a census of every card.",
        discussion: """
            Each world of some thousand documents has its own ledger on a disk in memory that loses what was not synced. \
            Exit 5 when a document is made twice, a record lost or a card not explained; the seed does the same again.

            \(SimulationSize.words)
            """)

    @Option(help: "How much of the real thing takes part: a, b, c or d.") var size = SimulationSize.a
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var sweep: SweepOptions

    @Option(help: "Approved records.") var documents = 1000
    @Option(help: "Cells of each world.") var cells = 1
    @Option(help: "Faults: none, typical, harsh, hands, passports or both (cards and passports).")
    var faults = "typical"
    @Option(help: "One kill in so many documents on average; 0 kills never.") var killEvery = 10
    @Option(help: "All else follows from it.") var seed: UInt64 = 1
    @Option(help: "Worlds at the same time.") var jobs = 2
    @Option(help: "Documents of one world.") var world = 1000
    @Option(help: "The wall clock is steady, or jumps while the line works.") var clock = SimulationClock.steady
    @Option(help: "Folder for the ledgers of worlds with a breach.") var keep: String?
    @Flag(help: "Say on stderr what happens, for the search after a breach.") var trace = false
    @Flag(help: "One JSON object (sakk.simulation/1).") var json = false

    func validate() throws {
        guard FaultProfile.named(faults) != nil else {
            throw ValidationError("--faults: none, typical, harsh, hands, passports or both.")
        }
        guard size == .a && fleet.store == nil || FaultProfile.named(faults)?.isBooklets != true else {
            throw ValidationError("Passports are simulated in size a.")
        }
        guard sweep.fail == nil || size == .a && documents <= 50 && sweep.first > 0 && sweep.every > 0 else {
            throw ValidationError("--fail is for size a and at most 50 documents; --first and --every are counts.")
        }
        guard documents > 0, (1...64).contains(cells), killEvery >= 0, jobs > 0, world > 0 else {
            throw ValidationError(
                "--documents, --cells (1 to 64), --jobs and --world are counts, --kill-every not below 0.")
        }
    }

    func run() async throws {
        if sweep.fail != nil {
            let sweeping = SimulateSweep(options: inMemoryOptions, sweep: sweep, server: fleet.store, isJSON: json)
            return try await sweeping.run()
        }
        switch fleet.store == nil ? size : .c {
        case .a: try await inMemory()
        case .c:
            try await SimulateProcesses(
                fleet: fleet, documents: documents, seed: seed, profile: FaultProfile.named(faults) ?? .typical,
                isJSON: json
            ).run()
        case .b:
            try SimulateElsewhere.chips(
                [
                    "--documents", "\(documents)", "--cells", "\(cells)", "--faults", faults, "--kill-every",
                    "\(killEvery)", "--seed", "\(seed)", "--jobs", "\(jobs)", "--world", "\(min(world, 200))",
                ] + (keep.map { ["--keep", $0] } ?? []) + (trace ? ["--trace"] : []) + (json ? ["--json"] : []))
        case .d:
            try SimulateElsewhere.fullStack(
                [
                    "--records", "\(documents)", "--kills", "\(fleet.kills ?? documents / 4)", "--seed", "\(seed)",
                ] + (fleet.folder.map { ["--out", $0] } ?? []))
        }
    }

    private var inMemoryOptions: SimulationOptions {
        var options = SimulationOptions()
        options.documents = documents
        options.cells = cells
        options.profile = FaultProfile.named(faults) ?? .typical
        options.killEvery = killEvery
        options.seed = seed
        options.jobs = jobs
        options.worldSize = world
        options.keep = keep
        options.clockJumps = clock == .jumps
        if trace { options.trace = { Words.say($0) } }
        return options
    }

    private func inMemory() async throws {
        let options = inMemoryOptions
        let clock = ContinuousClock()
        let start = clock.now
        let told = Mutex(0)
        let balance = await SimulatedPlants.run(options) { sum in
            // at once: a long run may be ended before its report
            told.withLock { told in
                for finding in sum.findings.dropFirst(told) { Words.say("! \(finding)") }
                told = sum.findings.count
            }
            guard sum.worlds % 10 == 0 else { return }
            Words.say(
                "\(sum.documents) documents, \(sum.crashes) crash points (continued \(sum.continued), spoiled "
                    + "\(sum.spoiledAfterCrash)), duplicates \(sum.duplicates), lost \(sum.lost), unexplained "
                    + "\(sum.unexplained), \((clock.now - start).components.seconds) s")
        }
        let report = SimulationReport(
            options: options, balance: balance, seconds: Double((clock.now - start).components.seconds))
        print(json ? report.json : report.table, terminator: json ? "\n" : "")
        if balance.breaches > 0 { throw Exit.breached }
    }
}
