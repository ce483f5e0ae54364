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
        gate.scheduler.away()
        defer { gate.scheduler.back() }
        do throws(SakkError) {
            return try await body()
        } catch {
            if crashdisk_cuts(disk) != cuts { gate.life.die(at: "disk") }
            try gate.life.check()
            throw error
        }
    }

    func intake(_ records: [IntakeRecord], batch: BatchHeader) async throws(SakkError) -> [IntakeOutcome] {
        try await call { () async throws(SakkError) in try await store.intake(records, batch: batch) }
    }

    func load(count: Int, stock: String, lot: String, line: LineID, by actor: String) async throws(SakkError)
        -> [BlankID]
    {
        try await call { () async throws(SakkError) in
            try await store.load(count: count, stock: stock, lot: lot, line: line, by: actor)
        }
    }

    func takeOver(_ line: LineID, by holder: String) async throws(SakkError) -> Int64 {
        try await call { () async throws(SakkError) in try await store.takeOver(line, by: holder) }
    }

    func claim(line: LineID, epoch: Int64, cell: CellID, product: String, by actor: String) async throws(SakkError)
        -> Claim?
    {
        try await call { () async throws(SakkError) in
            try await store.claim(line: line, epoch: epoch, cell: cell, product: product, by: actor)
        }
    }

    func commit(_ transition: Transition) async throws(SakkError) {
        try await call { () async throws(SakkError) in try await store.commit(transition) }
    }

    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        try await call { () async throws(SakkError) in try await store.envelope(of: production) }
    }

    func openIntents(_ line: LineID) async throws(SakkError) -> [OpenIntent] {
        try await call { () async throws(SakkError) in try await store.openIntents(line) }
    }

    func attempts(_ selection: Selection) async throws(SakkError) -> [AttemptReport] {
        try await call { () async throws(SakkError) in try await store.attempts(selection) }
    }

    func blanks(_ selection: BlankSelection) async throws(SakkError) -> [BlankReport] {
        try await call { () async throws(SakkError) in try await store.blanks(selection) }
    }

    func status(_ line: LineID) async throws(SakkError) -> LineStatus {
        try await call { () async throws(SakkError) in try await store.status(line) }
    }

    func batchReport(_ batch: BatchID) async throws(SakkError) -> BatchReport {
        try await call { () async throws(SakkError) in try await store.batchReport(batch) }
    }

    func verifyJournal() async throws(SakkError) -> JournalVerification {
        try await call { () async throws(SakkError) in try await store.verifyJournal() }
    }
}
