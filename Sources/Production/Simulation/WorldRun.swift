import CCrashDisk
import Ground
import Ledger
import Line
import Synchronization

/// One world from its first record to its judgement: controllers come, die and come again until all is done.
struct WorldRun {
    let options: SimulationOptions
    let seed: UInt64
    let documents: Int
    /// Makes a statement of the books fail; the process that meets it may end, if it says why.
    var injection: FaultInjection?
    /// Books elsewhere than on the world's own disk in memory.
    var books: String?
    /// Stands between the line and its books; a test's lie.
    var wrap: @Sendable (any LedgerStore) -> any LedgerStore = { $0 }

    /// Two runs of one seed in one process have two disks.
    private static let runs = Atomic<Int>(0)

    /// Lives without a document or a decision between them, after which the world is stuck.
    private static let patience = 400

    func run() async -> Balance {
        _ = Life.armed
        crashdisk_register()
        let scheduler = Scheduler(seed: seed)
        defer { scheduler.stop() }
        let disk = "world-\(seed)-\(WorldRun.runs.add(1, ordering: .relaxed).newValue)"
        let plant = SimulatedPlant(
            world: World(seed: seed, cells: options.cells, profile: options.profile, trace: options.trace), disk: disk,
            time: VirtualTime(jumps: options.clockJumps ? Dice(seed: seed, 4) : nil),
            scheduler: scheduler, documents: documents, cells: options.cells, seed: seed, books: books)
        if let chips = options.chips { plant.world.use(chips(seed)) }
        defer { crashdisk_forget(disk) }
        var balance = await Task(executorPreference: scheduler) { await lives(plant) }.value
        do {
            var judge = try Judge(plant)
            let census = try judge.judge()
            balance.add(census)
        } catch {
            balance.breaches += 1
            balance.findings.append("the books cannot be read: \(error)")
        }
        balance.worlds = 1
        if balance.breaches > 0, let folder = options.keep {
            for file in ["ledger.db", "ledger.db-wal"] {
                crashdisk_export(disk, file, "\(folder)/world-\(seed).\(file.dropFirst(7))")
            }
        }
        balance.faults = plant.world.look { $0.faults }
        balance.findings = balance.findings.map { "world \(seed): \($0)" }
        return balance
    }

    /// What the lives leave behind.
    private struct History {
        var balance = Balance()
        /// Cards that lay inside at a crash.
        var interrupted: Set<Int> = []
        var lives = 0
        var idle = 0
    }

    private func lives(_ plant: SimulatedPlant) async -> Balance {
        var history = History()
        var dice = Dice(seed: seed, 3)
        var finished: Set<Int> = []
        var taken: Set<Int> = []
        while finished.count < options.cells {
            history.lives += 1
            history.idle += 1
            guard history.idle < WorldRun.patience else {
                history.balance.breaches += 1
                history.balance.findings.append("the world does not get on")
                break
            }
            let before = plant.world.look { $0.cells.reduce(0) { $0 + $1.good.count + $1.reject.count } }
            let life = Life(limit: order(&dice, plant, history))
            let cut = dice.next()
            let outcomes = await Life.$current.withValue(life) {
                await self.live(plant, life, finished: finished, taken: taken, cut: cut)
            }
            for outcome in outcomes {
                if outcome.finished { finished.insert(outcome.cell) }
                if outcome.taken { taken.insert(outcome.cell) }
                history.balance.holds += outcome.holds
                if let stop = outcome.stop { history.balance.stops[stop.rawValue, default: 0] += 1 }
                if let wrong = outcome.wrong {
                    history.balance.breaches += 1
                    history.balance.findings.append(wrong)
                    finished.insert(outcome.cell)
                }
            }
            if plant.world.look({ $0.cells.reduce(0) { $0 + $1.good.count + $1.reject.count } }) != before {
                history.idle = 0
            }
            history.balance.faultPoints += life.points
            history.balance.diskChanges = max(history.balance.diskChanges, life.changes)
            // another cell gave a record back to the queue after this one was done
            if finished.count == options.cells, !life.isDead, (try? plant.waiting()) ?? 0 > 0,
                history.balance.findings.isEmpty
            {
                finished = []
            }
            if life.isDead { crash(&history, &dice, plant, life) }
        }
        account(&history, plant)
        return history.balance
    }

    /// Where the next life dies: at a fault point, or in a change of the disk. On average `killEvery` documents later.
    private func order(_ dice: inout Dice, _ plant: SimulatedPlant, _ history: History) -> Int? {
        crashdisk_cut_at(plant.disk, CRASHDISK_CHANGE, 0, 0)
        guard options.killEvery > 0 else { return nil }
        let made = max(1, plant.world.look { $0.cells.reduce(0) { $0 + $1.good.count } })
        if dice.below(2) == 0 {
            let average = made < 20 ? 50 : max(20, history.balance.faultPoints / made)
            return dice.below(2 * options.killEvery * average) + 1
        }
        let average = made < 20 ? 60 : max(20, history.balance.diskChanges / made)
        crashdisk_cut_at(plant.disk, CRASHDISK_CHANGE, dice.below(2 * options.killEvery * average) + 1, dice.next())
        return nil
    }

    private func crash(_ history: inout History, _ dice: inout Dice, _ plant: SimulatedPlant, _ life: Life) {
        history.balance.crashes += 1
        options.trace?("crash at \(life.place)")
        if life.place == "disk" { history.balance.crashesInDisk += 1 }
        let inside = plant.world.look { $0.cells.compactMap(\.inside) }
        history.interrupted.formUnion(inside)
        if dice.happens(options.profile.blackout) { plant.world.blackout() }
    }

    private func account(_ history: inout History, _ plant: SimulatedPlant) {
        let good = plant.world.look { state in Set(state.cells.flatMap(\.good)) }
        history.balance.continued = history.interrupted.intersection(good).count
        history.balance.spoiledAfterCrash = history.interrupted.subtracting(good).count
    }

    private struct Outcome: Sendable {
        let cell: Int
        var finished = false
        var taken = false
        var holds = 0
        /// Why its process ended by itself.
        var stop: SakkError.Code?
        var wrong: String?
    }

    /// What a process may end with once a statement of its books has failed: the disk, or the way to the server.
    private static let stops: Set<SakkError.Code> = ["ledger.unwritable", "ledger.away"]

    private func isStop(_ error: SakkError) -> Bool {
        injection.map { $0.injected > 0 } == true && WorldRun.stops.contains(error.code)
    }

    /// One process: a ledger, and a controller for each cell that is not done.
    private func live(_ plant: SimulatedPlant, _ life: Life, finished: Set<Int>, taken: Set<Int>, cut: UInt64) async
        -> [Outcome]
    {
        let cuts = crashdisk_cuts(plant.disk)
        let store: any LedgerStore
        do throws(SakkError) {
            store = wrap(try await plant.open())
        } catch {
            if crashdisk_cuts(plant.disk) != cuts {
                life.die(at: "disk")
                crashdisk_power_cut(plant.disk, cut)
                return []
            }
            if isStop(error) { return [Outcome(cell: 0, stop: error.code)] }
            return [Outcome(cell: 0, wrong: "the ledger does not open: \(error)")]
        }
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for cell in 0..<options.cells where !finished.contains(cell) {
                let gate = Gate(scheduler: plant.scheduler, life: life, cell: cell)
                let gated = GatedStore(store: store, gate: gate, disk: plant.disk, cuts: cuts)
                let isTaken = taken.contains(cell)
                group.addTask {
                    await self.cell(cell, plant, gated, gate, taken: isTaken)
                }
            }
            var outcomes: [Outcome] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.cell < $1.cell }
        }
        // before the connection closes: a killed process writes nothing more, not even a checkpoint
        withExtendedLifetime(store) {
            life.sawChanges(crashdisk_count(plant.disk, CRASHDISK_CHANGE))
            if life.isDead { crashdisk_power_cut(plant.disk, cut) }
        }
        return outcomes
    }

    private func cell(_ cell: Int, _ plant: SimulatedPlant, _ store: GatedStore, _ gate: Gate, taken: Bool) async
        -> Outcome
    {
        var outcome = Outcome(cell: cell, taken: taken)
        var code: String?
        do throws(SakkError) {
            if !outcome.taken {
                try await intake(cell, plant, store)
                outcome.taken = true
            }
            var person = self.person(cell, plant, store, gate)
            try await person.begin()
            var still = 0
            while still < 60 {
                let summary = try await person.controller.run(acknowledgedBy: "operator")
                still = summary.done > 0 ? 0 : still + 1
                code = summary.code
                options.trace?("cell \(cell + 1): \(summary.state.word), \(summary.code ?? "no code"), \(summary.text)")
                if summary.state == .complete {
                    guard try await person.closeShift() else {
                        outcome.finished = true
                        return outcome
                    }
                } else {
                    outcome.holds += 1
                    try await person.help(summary.code)
                }
                person = self.person(cell, plant, store, gate)
            }
            outcome.wrong = "\(SimulatedPlant.line(cell)) does not get on: \(code ?? "no code")"
        } catch {
            guard error.code != SimulatedCrash.code else { return outcome }
            if isStop(error) {
                outcome.stop = error.code
                return outcome
            }
            // a station that is missing at the start is looked at again by the next life
            if error.code.rawValue.hasPrefix("ledger.") || error.code.rawValue.hasPrefix("simulation.") {
                outcome.wrong = "\(SimulatedPlant.line(cell)): \(error)"
            }
        }
        return outcome
    }

    /// A controller works for one run; the person beside it uses the desk of that one.
    private func person(_ cell: Int, _ plant: SimulatedPlant, _ store: GatedStore, _ gate: Gate) -> SimulatedOperator {
        SimulatedOperator(
            plant: plant, cell: cell, controller: plant.controller(cell, store, gate), store: store, gate: gate)
    }

    /// The source sends until it is told that all is taken; what was taken before is known.
    private func intake(_ cell: Int, _ plant: SimulatedPlant, _ store: GatedStore) async throws(SakkError) {
        let persons = plant.persons(of: cell)
        var start = 0
        while start < persons.count {
            let page = persons[start..<min(start + 100, persons.count)]
            let outcomes = try await store.intake(page.map { plant.intake($0) }, batch: plant.header(cell), cursor: nil)
            guard outcomes.allSatisfy({ $0 == .taken || $0 == .known }) else {
                throw SakkError(
                    "simulation.intake", source: plant.path, text: "A record was refused.", remedy: "None.")
            }
            start += 100
        }
    }
}
