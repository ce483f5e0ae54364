import Foundation
import Glibc
import Ground
import Simulation
import Synchronization

/// Real controller processes on one set of books, really killed, frozen and cut off, until every record is done.
final class Fleet: Sendable {
    struct Plan: Sendable {
        var process: LineProcessOptions
        var kills = 0
        var restartCommand: String?
        var restarts = 0
        var cuts = 0
        var freezes = 0
        var twins = 0
        /// The program that is started; itself.
        var program = "/proc/self/exe"
    }

    struct State {
        /// The process that has the line, and the one that is to have it after it.
        var running: [Int: ChildProcess] = [:]
        var successor: [Int: ChildProcess] = [:]
        var done: Set<Int> = []
        var counts: [String: Int] = [:]
        var findings: [String] = []
    }

    let plan: Plan
    let state = Mutex(State())
    let wire: CutLine?
    /// The line behind the wire that is cut.
    static let wired = 1
    private let begun = ContinuousClock.now

    init(_ plan: Plan) throws(SakkError) {
        self.plan = plan
        let port = URLComponents(string: plan.process.books)?.port
        wire = plan.cuts > 0 ? try CutLine(to: UInt16(port ?? 5432)) : nil
    }

    func count(_ name: String, _ number: Int = 1) { state.withLock { $0.counts[name, default: 0] += number } }
    func finding(_ words: String) { state.withLock { $0.findings.append(words) } }

    /// Documents that the processes say they made: a hint for when the next thing happens.
    var made: Int {
        (0..<plan.process.lines).reduce(0) { sum, line in
            var information = stat()
            return stat(plan.process.made(line), &information) == 0 ? sum + Int(information.st_size) : sum
        }
    }

    /// Blocks until all is done.
    func run() {
        Words.say("\(plan.process.lines) controllers, \(plan.process.documents) documents, in \(plan.process.worlds)")
        let trouble = Thread.started { [self] in FleetTrouble(fleet: self).run() }
        var round = 0
        repeat {
            state.withLock { $0.done = [] }
            let lines = (0..<plan.process.lines).map { line in Thread.started { [self] in keep(line) } }
            let teller = round == 0 ? Thread.started { [self] in tell() } : nil
            lines.forEach { $0.join() }
            teller?.join()
            round += 1
        } while round < 10 && state.withLock({ $0.findings.isEmpty }) && waiting() > 0
        trouble.join()
        wire?.stop()
    }

    private func waiting() -> Int {
        do {
            return try LineProcesses.waiting(plan.process)
        } catch {
            finding("the books cannot be read: \(error)")
            return 0
        }
    }

    var isDone: Bool { state.withLock { $0.done.count == plan.process.lines } }

    private func tell() {
        var last = ContinuousClock.now
        while !isDone {
            Thread.sleep(forTimeInterval: 0.2)
            guard ContinuousClock.now - last > .seconds(30) else { continue }
            last = ContinuousClock.now
            let counts = state.withLock { $0.counts.filter { !$0.key.hasPrefix(" ") } }
            let words = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            Words.say("\(made) documents, \((last - begun).components.seconds) s; \(words)")
        }
    }

    // MARK: one line

    /// Starts the line's process again and again until it says that all is done.
    private func keep(_ line: Int) {
        var dice = SplitMix(plan.process.seed &+ UInt64(line + 1) &* 7919)
        while true {
            let successor = state.withLock { $0.successor.removeValue(forKey: line) }
            let order = successor == nil ? killOrder(line, &dice) : .none
            guard let child = successor ?? start(line, order) else { break }
            state.withLock { $0.running[line] = child }
            if case .after(let seconds) = order { kill(child, of: line, after: seconds) }
            let ending = child.wait()
            let hasSuccessor = state.withLock { state in
                state.running[line] = nil
                return state.successor[line] != nil
            }
            count(" lives")
            switch ending {
            case .signal(SIGKILL):
                if case .point = order { count("kills at a fault point") } else { count("kills at a moment") }
            case .exit(SimulateLineCommand.Ending.complete.rawValue):
                if !hasSuccessor {
                    state.withLock { _ = $0.done.insert(line) }
                    return
                }
            case .exit(SimulateLineCommand.Ending.fenced.rawValue):
                count("controllers fenced off")
                Thread.sleep(forTimeInterval: 0.2)
            case .exit(SimulateLineCommand.Ending.unplugged.rawValue):
                count("controllers without a machine")
                Thread.sleep(forTimeInterval: 0.2)
            default:
                finding("line \(line + 1) ended with \(ending): \(lastWords(line))")
                state.withLock { _ = $0.done.insert(line) }
                return
            }
        }
        state.withLock { _ = $0.done.insert(line) }
    }

    private func lastWords(_ line: Int) -> String {
        let data = FileManager.default.contents(atPath: log(line)) ?? Data()
        return String(decoding: data.suffix(400), as: UTF8.self).split(separator: "\n").suffix(2)
            .joined(separator: " / ")
    }

    func log(_ line: Int) -> String { "\(plan.process.worlds)/line-\(line + 1).log" }

    private enum KillOrder: Sendable { case none, point(Int), after(Double) }

    /// Where the next life ends: at a fault point or at any moment, on average some documents later.
    private func killOrder(_ line: Int, _ dice: inout SplitMix) -> KillOrder {
        let killed = state.withLock { state in
            state.counts["kills at a fault point", default: 0] + state.counts["kills at a moment", default: 0]
        }
        guard killed < plan.kills else { return .none }
        // a little earlier than the share of a kill, so that they are all spent before the records are
        let share = max(0.05, 0.7 * Double(plan.process.documents) / Double(plan.kills))
        if dice.below(2) == 0 { return .point(1 + dice.below(Int(2 * share * 60))) }
        let elapsed = (ContinuousClock.now - begun).seconds
        let pace = made < 10 ? 0.05 : elapsed * Double(plan.process.lines) / Double(made)
        return .after(0.05 + Double(dice.below(1000)) / 1000 * 2 * share * pace)
    }

    private func kill(_ child: ChildProcess, of line: Int, after seconds: Double) {
        _ = Thread.started { [self] in
            Thread.sleep(forTimeInterval: seconds)
            state.withLock { state in
                if state.running[line]?.pid == child.pid { child.send(SIGKILL) }
            }
        }
    }

    private func start(_ line: Int, _ order: KillOrder) -> ChildProcess? {
        var variables: [String: String] = [:]
        if case .point(let number) = order { variables["SAKK_FAULT_KILL"] = "\(number)" }
        return start(line, variables: variables)
    }

    /// A controller of the line; `words` change what it is told.
    func start(
        _ line: Int, variables: [String: String] = [:], host: String = "host", isDirect: Bool = false,
        words: [String] = []
    ) -> ChildProcess? {
        let process = plan.process
        var books = process.books
        if let wire, line == Fleet.wired, !isDirect, var address = URLComponents(string: books) {
            address.host = "127.0.0.1"
            address.port = Int(wire.port)
            books = address.string ?? books
        }
        do throws(SakkError) {
            return try ChildProcess.start(
                [
                    plan.program, "simulate-line", "--store", books, "--worlds", process.worlds, "--line", "\(line)",
                    "--lines", "\(process.lines)", "--documents", "\(process.documents)", "--seed",
                    "\(process.seed)", "--faults", process.profile.name, "--host", host, "--lease-ms",
                    "\(process.leaseDuration / 1000)",
                ] + words, environment: variables, output: log(line))
        } catch {
            finding("\(error)")
            return nil
        }
    }
}

/// SplitMix64 (Vigna): the same throws on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// A thread that can be waited for.
final class JoinableThread: Sendable {
    private let ended = DispatchSemaphore(value: 0)
    fileprivate func end() { ended.signal() }
    func join() {
        ended.wait()
        ended.signal()
    }
}

extension Thread {
    static func started(_ body: @escaping @Sendable () -> Void) -> JoinableThread {
        let handle = JoinableThread()
        let thread = Thread {
            body()
            handle.end()
        }
        thread.start()
        return handle
    }
}
