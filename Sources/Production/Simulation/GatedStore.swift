import CCrashDisk
import Ground
import Ledger

/// The ledger as a task of a life sees it: in its turn, and dead when the disk lost its power.
struct GatedStore: LedgerStore {
    let store: any LedgerStore
    let gate: Gate
    let disk: String
    /// Power cuts of the disk before this life.
    let cuts: Int

    private func call<Value: Sendable>(_ body: () async throws(SakkError) -> Value) async throws(SakkError) -> Value {
        try await gate.pass("ledger")
        gate.scheduler?.away()
        defer { gate.scheduler?.back() }
        do throws(SakkError) {
            return try await body()
        } catch {
            if crashdisk_cuts(disk) != cuts { gate.life.die(at: "disk") }
            try gate.life.check()
            throw error
        }
    }

    func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor?) async throws(SakkError)
        -> [IntakeOutcome]
    {
        try await call { () async throws(SakkError) in try await store.intake(records, batch: batch, cursor: cursor) }
    }

    func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes { try store.zoneTag(lines) }

    func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease {
        try await call { () async throws(SakkError) in try await store.takeOver(line, by: holder) }
    }

    func extend(_ lease: Lease) async throws(SakkError) -> Lease {
        try await call { () async throws(SakkError) in try await store.extend(lease) }
    }

    func release(_ lease: Lease) async throws(SakkError) {
        try await call { () async throws(SakkError) in try await store.release(lease) }
    }

    func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim? {
        try await call { () async throws(SakkError) in try await store.claim(request) }
    }

    func commit(_ transition: Transition) async throws(SakkError) {
        try await call { () async throws(SakkError) in try await store.commit(transition) }
    }

    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        try await call { () async throws(SakkError) in try await store.envelope(of: production) }
    }

    func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer {
        try await call { () async throws(SakkError) in try await store.read(query) }
    }
}
