import Catalog
import Glibc
import Ground
import Ledger
import Synchronization
import Workers

/// Counts what a controller does and the processor time it takes. One cell works at a time, so the process's own clock
/// tells the steps apart. The next document is made beside a step: its time is taken from its thread's clock and is left
/// out of the step's.
final class BenchMeter: Sendable {
    struct Step {
        var calls = 0
        var cpu: Int64 = 0
        var elapsed: Int64 = 0
    }

    struct State {
        var steps: [String: Step] = [:]
        var commits = 0
        /// Microseconds of work beside the steps that has ended.
        var beside: Int64 = 0
        /// Clock of a thread that works beside the steps, and what it showed at the start.
        var running: (clock: clockid_t, began: Int64)?
    }

    let state = Mutex(State())

    static func clock(_ clock: Int32) -> Int64 {
        var value = timespec()
        clock_gettime(clock, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }

    /// Microseconds of this process and of its workers.
    static var cpu: Int64 {
        clock(CLOCK_PROCESS_CPUTIME_ID) + WorkerTime.microseconds
    }
    static var now: Int64 { clock(CLOCK_BOOTTIME) }

    /// Resident memory of this process in kB (VmRSS).
    static var resident: Int64 {
        let text = String(decoding: FileBytes.read("/proc/self/status") ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS") }
        return line.flatMap { Int64($0.filter(\.isNumber)) } ?? 0
    }

    /// Processes that want a core, as the kernel averages them over a minute: what stands beside every clock time.
    static var load: Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? (load * 10).rounded() / 10 : -1
    }

    /// Processor time without what is done beside the steps.
    private var stepsCPU: Int64 {
        state.withLock { state in
            let running = state.running.map { BenchMeter.clock($0.clock) - $0.began } ?? 0
            return BenchMeter.cpu - state.beside - running
        }
    }

    private func add(_ name: String, cpu: Int64, elapsed: Int64) {
        state.withLock { state in
            state.steps[name, default: Step()].calls += 1
            state.steps[name, default: Step()].cpu += cpu
            state.steps[name, default: Step()].elapsed += elapsed
        }
    }

    /// Work on one thread, while steps may be going on. A body that suspends may end on another thread: then it counts
    /// nothing here, and its time stays with the steps.
    func measureBeside<Value>(_ name: String, _ body: () async throws(SakkError) -> Value) async throws(SakkError)
        -> Value
    {
        let (clock, began) = BenchMeter.threadClock
        let now = BenchMeter.now
        state.withLock { $0.running = (clock, began) }
        defer {
            let (other, ended) = BenchMeter.threadClock
            let spent = other == clock ? ended - began : 0
            state.withLock { state in
                state.running = nil
                state.beside += spent
            }
            add(name, cpu: spent, elapsed: BenchMeter.now - now)
        }
        return try await body()
    }

    func measureHere<Value>(_ name: String, _ body: () throws(SakkError) -> Value) throws(SakkError) -> Value {
        let began = BenchMeter.threadClock.time
        let now = BenchMeter.now
        defer { add(name, cpu: BenchMeter.threadClock.time - began, elapsed: BenchMeter.now - now) }
        return try body()
    }

    private static var threadClock: (clock: clockid_t, time: Int64) {
        var clock = clockid_t()
        pthread_getcpuclockid(pthread_self(), &clock)
        return (clock, BenchMeter.clock(clock))
    }

    func measure<Value>(_ name: String, commits: Bool = false, _ body: () async throws(SakkError) -> Value)
        async throws(SakkError) -> Value
    {
        let cpu = stepsCPU
        let now = BenchMeter.now
        defer {
            let spent = stepsCPU - cpu
            let elapsed = BenchMeter.now - now
            state.withLock { state in
                state.steps[name, default: Step()].calls += 1
                state.steps[name, default: Step()].cpu += spent
                state.steps[name, default: Step()].elapsed += elapsed
                if commits { state.commits += 1 }
            }
        }
        return try await body()
    }
}

/// A store that counts its commits and times them.
struct MeteredStore: LedgerStore {
    let store: Books
    let meter: BenchMeter

    func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor?) async throws(SakkError)
        -> [IntakeOutcome]
    { try await store.intake(records, batch: batch, cursor: cursor) }

    func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease {
        try await store.takeOver(line, by: holder)
    }

    func extend(_ lease: Lease) async throws(SakkError) -> Lease { try await store.extend(lease) }

    func release(_ lease: Lease) async throws(SakkError) { try await store.release(lease) }

    func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes { try store.zoneTag(lines) }

    func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim? {
        try await meter.measure("ledger.claim", commits: true) { () async throws(SakkError) in
            try await store.claim(request)
        }
    }

    func commit(_ transition: Transition) async throws(SakkError) {
        try await meter.measure("ledger.commit", commits: true) { () async throws(SakkError) in
            try await store.commit(transition)
        }
    }

    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        try await meter.measure("ledger.envelope") { () async throws(SakkError) in
            try await store.envelope(of: production)
        }
    }

    func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer {
        try await meter.measure("ledger.read") { () async throws(SakkError) in try await store.read(query) }
    }
}
