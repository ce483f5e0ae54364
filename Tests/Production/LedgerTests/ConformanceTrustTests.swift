import Ground
import Stations
import Testing

@testable import Ledger

/// The trust in a cell's inspection, at both stores.
@Suite struct ConformanceTrustTests {
    @Test(arguments: StoreKind.allCases)
    func `what was made since nothing was in question is known after a restart`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let query = CellTrustQuery(line: ConformanceBooks.line, cell: ConformanceBooks.cell)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...3)
        let before = try await books.bound(lease, 1)
        try await books.produce(lease, before, 1)
        #expect(try await books.books.read(query) == CellTrust(state: nil, since: [], shift: nil, ribbon: nil))
        var state = TrustState(.owing)
        state.causes = ["shift"]
        state.left = ["digit"]
        try await books.commit(lease, [.trust(.state(ConformanceBooks.cell, state, resets: true))])
        let second = try await books.bound(lease, 2)
        try await books.produce(lease, second, 2)
        state = TrustState(.trusted)
        state.plan = "p"
        try await books.commit(lease, [.trust(.state(ConformanceBooks.cell, state, resets: false))])
        let known = try await books.again().read(query)
        #expect(known.state == state && known.since == [second.attempt])
        try await books.commit(
            lease,
            [
                .trust(.doubted(ConformanceBooks.cell, [second.attempt], reason: "inspection")),
                .stock(.recall(ConformanceBooks.blank(2), reason: "inspection", person: "Ann", place: "cell-1")),
                .trust(.state(ConformanceBooks.cell, TrustState(.failed), resets: true)),
            ])
        let doubted = try await books.books.read(DoubtedDocumentsQuery(line: ConformanceBooks.line))
        #expect(doubted.map(\.attempt) == [second.attempt] && doubted.first?.account == .held)
        #expect(try await books.books.read(query).since.isEmpty)
        // nothing is put aside twice
        await refuses("ledger.rule") {
            try await books.commit(
                lease, [.trust(.doubted(ConformanceBooks.cell, [second.attempt], reason: "inspection"))])
        }
        _ = try await books.books.verify()
    }
}
