public import Ground
import Foundation
import Glibc
import Ledger
import Line
import Stations

/// What one process of a simulated plant is told: its line, its machine's file, the books that it shares with others.
public struct LineProcessOptions: Sendable {
    /// Path of a file or `postgresql://…`.
    public var books: String
    /// Folder with the world files.
    public var worlds: String
    /// From 0.
    public var line = 0
    public var lines = 1
    /// Approved records of the whole plant.
    public var documents = 1000
    public var seed: UInt64 = 1
    public var profile = FaultProfile.typical
    public var host = "host"
    /// Takes the machine from the process that has it, as one who puts its cable into another host.
    public var movesCable = false
    /// Waits until another host's lease has run out; else ends.
    public var waitsForLease = true
    /// Microseconds.
    public var leaseDuration: Int64 = 6_000_000

    public init(books: String, worlds: String) {
        self.books = books
        self.worlds = worlds
    }

    public func world(_ line: Int) -> String { "\(worlds)/line-\(line + 1).world" }
    /// One byte for each document that was produced, as the line counted them.
    public func made(_ line: Int) -> String { "\(worlds)/line-\(line + 1).made" }
}

/// How a process ended that was not killed.
public enum LineProcessEnd: Sendable, Equatable {
    case complete
    /// Another process has the machine.
    case unplugged(String)
    /// Another controller has the line.
    case fenced(String)
    case wrong(String)
}

/// The controller of one line as a process of its own: the shipped `Line` and `Ledger` on the machine's clock, with a
/// station whose world is a file. It may be killed, frozen and cut off at any moment.
public struct LineProcess: Sendable {
    private let options: LineProcessOptions
    private let say: @Sendable (String) -> Void
    private let plant: SimulatedPlant
    private let gate: Gate

    /// `say` gets one word and its facts for each thing that happened to the process.
    public init(_ options: LineProcessOptions, say: @escaping @Sendable (String) -> Void) throws(SakkError) {
        self.options = options
        self.say = say
        let file = try WorldFile(options.world(options.line), cell: options.line, seed: options.seed)
        let world = World(seed: options.seed, cells: options.lines, profile: options.profile, file: file)
        world.name("CHIP\(options.line + 1)-")
        plant = SimulatedPlant(
            world: world, disk: "", time: SystemTime(), scheduler: nil, documents: options.documents,
            cells: options.lines, seed: options.seed, books: options.books,
            lease: .init(host: options.host, duration: options.leaseDuration))
        gate = Gate(scheduler: nil, life: Life(limit: nil), cell: options.line)
    }

    private var cell: Int { options.line }

    public func run() async -> LineProcessEnd {
        do throws(SakkError) {
            try plant.world.connect(movingCable: options.movesCable)
        } catch {
            return .unplugged(error.code.rawValue)
        }
        var failures = 0
        while true {
            do throws(SakkError) {
                let store = try await plant.open()
                failures = 0
                return try await work(store)
            } catch {
                say("end \(error.code) \(error.outcome.rawValue)")
                switch error.code {
                case "ledger.epoch.stale": return .fenced(error.code.rawValue)
                case "ledger.line.leased":
                    guard options.waitsForLease else { return .fenced(error.code.rawValue) }
                    await pause(0.5)
                case "usb.busy", "usb.gone": return .unplugged(error.code.rawValue)
                case "line.lease.expired": continue
                case "ledger.away", "ledger.busy":
                    failures += 1
                    guard failures < 60 else { return .wrong("\(error)") }
                    await pause(0.5)
                default: return .wrong("\(error)")
                }
            }
        }
    }

    private func pause(_ seconds: Double) async {
        try? await Task.sleep(for: .seconds(seconds))
    }

    /// One life of the controller: until the queue is empty, or an error that no cell may work after.
    private func work(_ store: any LedgerStore) async throws(SakkError) -> LineProcessEnd {
        try await intake(store)
        var person = self.person(store)
        try await person.begin()
        var still = 0
        var code: String?
        while still < 60 {
            let summary = try await person.controller.run(acknowledgedBy: "operator")
            still = summary.done > 0 ? 0 : still + 1
            code = summary.code
            say("run \(summary.done) \(summary.state.word) \(summary.code ?? "-")")
            if summary.state == .complete {
                guard try await person.closeShift() else { return .complete }
            } else {
                // a printer that another process claimed stays away
                if summary.code == "usb.busy" { return .unplugged("usb.busy") }
                try await person.help(summary.code)
            }
            person = self.person(store)
        }
        return .wrong("line \(cell + 1) does not get on: \(code ?? "no code")")
    }

    /// A controller works for one run; the person beside it uses the desk of that one.
    private func person(_ store: any LedgerStore) -> SimulatedOperator {
        let counter = DocumentCounter(options.made(cell))
        return SimulatedOperator(
            plant: plant, cell: cell, controller: plant.controller(cell, store, gate) { counter.sees($0.done) },
            store: store, gate: gate)
    }

    /// The source sends until it is told that all is taken; what was taken before is known.
    private func intake(_ store: any LedgerStore) async throws(SakkError) {
        let taken = options.world(cell) + ".taken"
        guard access(taken, F_OK) != 0 else { return }
        let persons = plant.persons(of: cell)
        var start = 0
        while start < persons.count {
            let page = persons[start..<min(start + 200, persons.count)]
            let outcomes = try await store.intake(page.map { plant.intake($0) }, batch: plant.header(cell), cursor: nil)
            guard outcomes.allSatisfy({ $0 == .taken || $0 == .known }) else {
                throw SakkError(
                    "simulation.intake", source: plant.path, text: "A record was refused.", remedy: "None.")
            }
            start += 200
        }
        guard FileManager.default.createFile(atPath: taken, contents: nil) else {
            throw SakkError(
                "simulation.intake", source: taken, text: "The mark that all is taken was not written.",
                remedy: "Look at the disk of the simulation's folder.")
        }
    }
}

/// Tells the one who runs the processes how far they are; nothing is judged by it.
private final class DocumentCounter: @unchecked Sendable {
    private let file: Int32
    private let lock = NSLock()
    private var told = 0

    init(_ path: String) { file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
    deinit { close(file) }

    func sees(_ done: Int) {
        lock.withLock {
            guard done > told else { return }
            let marks = Bytes(repeating: UInt8(ascii: "+"), count: done - told)
            _ = Glibc.write(file, marks, marks.count)
            told = done
        }
    }
}

/// The judgement over a plant of processes: its world files against the books.
public enum LineProcesses {
    /// Throws when a file or the books cannot be read.
    public static func judge(_ options: LineProcessOptions) throws -> Balance {
        var worlds: [World.State] = []
        for line in 0..<options.lines {
            let path = options.world(line)
            guard access(path, F_OK) == 0 else { continue }
            worlds.append(try WorldFile.state(path, cell: line, cells: options.lines))
        }
        let all = World.State.merged(worlds)
        var judge = try Judge(world: all, documents: options.documents, books: options.books)
        var balance = try judge.judge()
        balance.worlds = worlds.count
        balance.faults = all.faults
        return balance
    }

    /// Records that wait in the queue.
    public static func waiting(_ options: LineProcessOptions) throws -> Int {
        try BooksReading(options.books).count("SELECT COUNT(*) AS n FROM production WHERE state = 'queued'")
    }

    /// How often lines were taken over, and how many results of older controllers were kept as late observations.
    public static func epochs(_ options: LineProcessOptions) throws -> (taken: Int, late: Int) {
        let reading = try BooksReading(options.books)
        return (
            try reading.count("SELECT COUNT(*) AS n FROM journal WHERE kind = 'line.taken'"),
            try reading.count("SELECT COUNT(*) AS n FROM journal WHERE kind = 'observation.late'")
        )
    }

    /// Replays the journal into an empty store and compares all tables with it.
    public static func verify(_ options: LineProcessOptions) async throws(SakkError) {
        let books = try await Books.open(
            options.books, keys: SimulatedWeekKeys(), time: SystemTime(), purpose: .simulation)
        _ = try await books.verify()
    }

    /// Makes the books, or refuses those of a plant (`ledger.purpose`) and those that hold documents of another run.
    public static func prepare(_ options: LineProcessOptions) async throws -> Bool {
        _ = try await Books.open(
            options.books, keys: SimulatedWeekKeys(), time: SystemTime(), purpose: .simulation)
        return try BooksReading(options.books).count("SELECT COUNT(*) AS n FROM production") == 0
    }

    /// True when no process stands in the middle of an act of this line's machine.
    public static func isAtRest(_ options: LineProcessOptions, line: Int) -> Bool {
        WorldFile.isAtRest(options.world(line))
    }
}
