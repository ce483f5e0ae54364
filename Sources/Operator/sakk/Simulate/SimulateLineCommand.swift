import ArgumentParser
import Ground
import Simulation

/// One line of `sakk simulate --size c`: a process to be killed.
struct SimulateLineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate-line", abstract: "One controller of a simulated plant.", shouldDisplay: false)

    /// What the exit codes of this command mean to the one who runs it.
    enum Ending: Int32 {
        case complete = 0
        case unplugged = 3
        case fenced = 4
        case wrong = 5
    }

    @Option var store: String
    @Option var worlds: String
    /// From 0.
    @Option var line: Int
    @Option var lines: Int
    @Option var documents: Int
    @Option var seed: UInt64
    @Option var faults: String
    @Option var host = "host"
    @Option var leaseMs: Int64 = 6000
    @Flag var moveCable = false
    @Flag var noWait = false

    func run() async throws {
        var options = LineProcessOptions(books: store, worlds: worlds)
        options.line = line
        options.lines = lines
        options.documents = documents
        options.seed = seed
        options.profile = FaultProfile.named(faults) ?? .typical
        options.host = host
        options.leaseDuration = leaseMs * 1000
        options.movesCable = moveCable
        options.waitsForLease = !noWait
        let end = await (try LineProcess(options) { Words.say($0) }).run()
        Words.say("over \(end)")
        let ending: Ending =
            switch end {
            case .complete: .complete
            case .unplugged: .unplugged
            case .fenced: .fenced
            case .wrong: .wrong
            }
        guard ending != .complete else { return }
        throw Exit(rawValue: ending.rawValue) ?? .internalFault
    }
}
