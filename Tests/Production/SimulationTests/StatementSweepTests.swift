import Ground
import Ledger
import Testing

@testable import Simulation

/// A statement of the books fails; `sakk simulate --fail sql.statement` does it for every n.
@Suite(.serialized) struct StatementSweepTests {
    private static func sweep(every: Int, from first: Int) -> StatementSweep {
        var sweep = StatementSweep(SimulationTests.options(2, .harsh, kill: 0, seed: 3))
        sweep.every = every
        sweep.first = first
        return sweep
    }

    @Test func `Whatever statement fails, each document is made once`() async throws {
        let result = try await StatementSweepTests.sweep(every: 61, from: 5).run()
        #expect(result.balance.breaches == 0, "\(result.balance.findings)")
        #expect(result.tried > 10 && result.balance.documents == 2 * result.tried)
        // a process that meets it ends, and the next one goes on
        #expect(result.balance.stops["ledger.unwritable", default: 0] > 9 && result.balance.stops.count == 1)
    }

    /// What it must find: books that take a failed commit for done.
    @Test func `Books that swallow the failure are found out`() async throws {
        var sweep = StatementSweepTests.sweep(every: 61, from: 5)
        sweep.wrap = { ForgivingStore(store: $0) }
        let result = try await sweep.run()
        #expect(result.balance.breaches > 0)
    }
}

/// Says of every commit that it was done.
private struct ForgivingStore: LedgerStore {
    let store: any LedgerStore

    func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor?) async throws(SakkError)
        -> [IntakeOutcome]
    {
        try await store.intake(records, batch: batch, cursor: cursor)
    }
    func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes { try store.zoneTag(lines) }
    func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease {
        try await store.takeOver(line, by: holder)
    }
    func extend(_ lease: Lease) async throws(SakkError) -> Lease { try await store.extend(lease) }
    func release(_ lease: Lease) async throws(SakkError) { try await store.release(lease) }
    func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim? { try await store.claim(request) }
    func commit(_ transition: Transition) async throws(SakkError) { try? await store.commit(transition) }
    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        try await store.envelope(of: production)
    }
    func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer {
        try await store.read(query)
    }
}
