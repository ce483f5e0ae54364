import Glibc
import Synchronization

/// A place where a test may stop the world. The controller calls `FaultPoint.reach` before and after everything that
/// changes the ledger or a machine; with nothing armed that is one atomic read.
///
/// From outside: `SAKK_FAULT_KILL=n` ends the process with SIGKILL at the n-th point reached (1 is the first), and
/// `SAKK_FAULT_KILL=name:n` at the n-th time of that name. `SAKK_FAULT_STOP` in its place stops the process (SIGSTOP), to
/// be looked at. `SAKK_FAULT_TRACE=1` lists the points on stderr.
public enum FaultPoint {
    /// Decides at each point; throw to simulate a crash inside a test process.
    public typealias Handler = @Sendable (_ name: String, _ count: Int) throws(SimulatedCrash) -> Void

    private struct State {
        var handler: Handler?
        var count = 0
    }

    private static let armed = Atomic<Bool>(false)
    private static let state = Mutex(State())

    public static func reach(_ name: StaticString) throws(SimulatedCrash) {
        if CrashScope.isUsed { try CrashScope.current?.reach(name.description) }
        guard armed.load(ordering: .relaxed) else { return }
        let text = name.description
        let (handler, count) = state.withLock { state -> (Handler?, Int) in
            state.count += 1
            return (state.handler, state.count)
        }
        try handler?(text, count)
    }

    /// Installs a handler and starts counting from zero; nil disarms.
    public static func arm(_ handler: Handler?) {
        state.withLock { state in
            state.handler = handler
            state.count = 0
        }
        armed.store(handler != nil, ordering: .relaxed)
    }

    /// How many points were reached since `arm`.
    public static var reached: Int { state.withLock { $0.count } }

    /// Reads the environment of this process; called once by the programs' main.
    public static func armFromEnvironment() {
        let stops = getenv("SAKK_FAULT_STOP") != nil
        let signal = stops ? SIGSTOP : SIGKILL
        let kill = getenv(stops ? "SAKK_FAULT_STOP" : "SAKK_FAULT_KILL").map { String(cString: $0) }
        let traced = getenv("SAKK_FAULT_TRACE") != nil
        guard kill != nil || traced else { return }
        let parts = kill?.split(separator: ":").map(String.init) ?? []
        let name = parts.count == 2 ? parts[0] : nil
        let limit = parts.last.flatMap(Int.init)
        let ofName = Atomic<Int>(0)
        arm { point, count in
            if traced {
                let line = Bytes("fault-point \(count) \(point)\n".utf8)
                _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            }
            guard let limit else { return }
            if let name {
                guard name == point else { return }
                let times = ofName.add(1, ordering: .relaxed).newValue
                guard times == limit else { return }
            } else {
                guard count == limit else { return }
            }
            // what is looked at is a process at rest: tasks that have ended are given back by their own threads
            if stops { sleep(1) }
            Glibc.kill(getpid(), signal)
        }
    }
}

/// Thrown by an armed fault point: the controller is to be treated as dead from here on.
public struct SimulatedCrash: Error, Sendable {
    public let point: String
    public init(point: String) { self.point = point }
}
