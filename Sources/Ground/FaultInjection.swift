import Glibc
import Synchronization

/// A kind of call to the system that can fail at any time, and that tests make fail at the n-th time.
public enum SystemCall: String, Sendable, CaseIterable {
    case fileWrite = "file.write"
    case fileSync = "file.sync"
    case fileRename = "file.rename"
    case sqlStatement = "sql.statement"
    case pcscTransmit = "pcsc.transmit"
    case usbTransfer = "usb.transfer"
    case cameraFrame = "camera.frame"
}

/// Makes the n-th call of a kind fail, at the one place where our code meets the system. The code behind the call must
/// then behave as if the disk, the server, the reader, the cable or the camera had failed.
///
/// From outside: `SAKK_FAULT_FAIL=usb.transfer:17`; `SAKK_FAULT_COUNT=1` prints how many calls of each kind were made,
/// when the process ends. Inside a test process: a scope that travels with the task.
///
/// ```swift
/// let scope = FaultInjection(.sqlStatement, at: 17)
/// try await scope.run { try await factory.runOnce() }     // scope.counts tells how many there were
/// ```
public final class FaultInjection: Sendable {
    @TaskLocal private static var current: FaultInjection?
    private static let used = Atomic<Bool>(false)
    private static let isCounting = Atomic<Bool>(false)
    private static let process = Mutex<FaultInjection?>(nil)

    private let call: SystemCall?
    private let limit: Int
    private let state = Mutex((counts: [SystemCall: Int](), injected: 0))

    /// `limit` counts from 1; a nil call only counts.
    public init(_ call: SystemCall?, at limit: Int = 0) {
        self.call = call
        self.limit = limit
    }

    public func run<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async rethrows -> Value {
        FaultInjection.used.store(true, ordering: .relaxed)
        return try await FaultInjection.$current.withValue(self, operation: body)
    }

    /// Calls made so far, by kind.
    public var counts: [SystemCall: Int] { state.withLock { $0.counts } }
    /// How often a call was made to fail: a test that injected nothing has tested nothing.
    public var injected: Int { state.withLock { $0.injected } }

    /// Asked before each call; true when it must fail without being made.
    public static func fails(_ call: SystemCall) -> Bool {
        guard used.load(ordering: .relaxed) else { return false }
        return (current ?? process.withLock { $0 })?.reached(call) ?? false
    }

    private func reached(_ reached: SystemCall) -> Bool {
        state.withLock { state in
            state.counts[reached, default: 0] += 1
            guard reached == call, state.counts[reached] == limit else { return false }
            state.injected += 1
            return true
        }
    }

    /// Reads the environment of this process; called once by the programs' main.
    public static func armFromEnvironment() {
        let order = getenv("SAKK_FAULT_FAIL").map { String(cString: $0) }
        let counting = getenv("SAKK_FAULT_COUNT") != nil
        guard order != nil || counting else { return }
        let parts = order?.split(separator: ":").map(String.init) ?? []
        let injection = FaultInjection(
            parts.first.flatMap { SystemCall(rawValue: $0) }, at: parts.last.flatMap { Int($0) } ?? 0)
        process.withLock { $0 = injection }
        used.store(true, ordering: .relaxed)
        isCounting.store(counting, ordering: .relaxed)
    }

    /// Prints the counts when the environment asks for them; called once where the program ends.
    public static func report() {
        guard isCounting.load(ordering: .relaxed) else { return }
        let counts = process.withLock { $0 }?.counts ?? [:]
        for call in SystemCall.allCases {
            let line = Bytes("system-calls \(call.rawValue) \(counts[call] ?? 0)\n".utf8)
            _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }
}
