public import Ground

/// The plainest queue that the same store can keep: one table, one claim and one finish, each in a transaction of its own
/// through the same connection. What the books cost more than this is what their journal and rules cost.
public struct BareQueue: Sendable {
    private let store: any SQLStore

    /// Makes the table `bare_queue` beside the books, in books of a simulation only (`ledger.purpose`).
    public init(_ books: Books) async throws(SakkError) {
        store = books.store
        let purpose = try await books.store.read { session in
            try session.row("SELECT purpose FROM meta")?.text("purpose")
        }
        guard purpose == Books.Purpose.simulation.rawValue else {
            throw SakkError(
                "ledger.purpose", source: store.source, text: "A benchmark does not run in a plant's books.",
                remedy: "Name another ledger.")
        }
        try await store.define([
            "CREATE TABLE bare_queue (job TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, due INTEGER NOT NULL)",
            "CREATE INDEX bare_queue_due ON bare_queue (due, job) WHERE state = 'queued'",
        ])
    }

    /// Jobs `range`, one transaction.
    public func fill(_ range: Range<Int>) async throws(SakkError) {
        guard !range.isEmpty else { return }
        _ = try await store.write { session in
            try session.execute(
                """
                INSERT INTO bare_queue (job, state, due)
                WITH RECURSIVE n (i) AS
                  (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < CAST(? AS BIGINT))
                SELECT 'JOB' || CAST(i AS TEXT), 'queued', i FROM n
                """, [.count(range.lowerBound), .count(range.upperBound)])
        }
    }

    /// The job that is due first; nil when there is none.
    public func claim() async throws(SakkError) -> String? {
        try await store.write { session in
            try session.row(
                """
                UPDATE bare_queue SET state = 'claimed' WHERE job = (SELECT job FROM bare_queue WHERE state = 'queued'
                  ORDER BY due, job LIMIT 1\(session.dialect.skipLocked)) RETURNING job
                """)?.text("job")
        }
    }

    public func finish(_ job: String) async throws(SakkError) {
        _ = try await store.write { session in
            try session.execute(
                "UPDATE bare_queue SET state = 'done' WHERE job = ? AND state = 'claimed'", [.text(job)])
        }
    }
}
