import Glibc
import Ground
import Ledger
import Synchronization

/// Counts what a controller does and the processor time it takes. One cell works at a time, so the process's own clock
/// tells the steps apart; what runs beside a step (the next document) is in it.
final class BenchMeter: Sendable {
    struct Step {
        var calls = 0
        var cpu: Int64 = 0
        var elapsed: Int64 = 0
    }

    struct State {
        var steps: [String: Step] = [:]
        var machineBegan: Int64?
        var machineBusy: Int64 = 0
        var commits = 0
    }

    let state = Mutex(State())

    static func clock(_ clock: Int32) -> Int64 {
        var value = timespec()
        clock_gettime(clock, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }

    static var cpu: Int64 { clock(CLOCK_PROCESS_CPUTIME_ID) }
    static var now: Int64 { clock(CLOCK_BOOTTIME) }

    func machineBegan() { state.withLock { $0.machineBegan = BenchMeter.now } }

    func machineEnded() {
        state.withLock { state in
            if let began = state.machineBegan { state.machineBusy += BenchMeter.now - began }
            state.machineBegan = nil
        }
    }

    func measure<Value>(_ name: String, commits: Bool = false, _ body: () async throws(SakkError) -> Value)
        async throws(SakkError) -> Value
    {
        let cpu = BenchMeter.cpu
        let now = BenchMeter.now
        defer {
            let spent = BenchMeter.cpu - cpu
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
