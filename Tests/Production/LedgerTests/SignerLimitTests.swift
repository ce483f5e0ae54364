import Ground
import Stations
import Testing

@testable import Ledger

/// A document signer's limit holds where several controllers meet.
@Suite struct SignerLimitTests {
    private static func facts(_ signer: String, of limit: Int) -> [GenealogyKey: String] {
        [.documentSigner: signer, .documentSignerMax: String(limit)]
    }

    /// Each controller takes the signer for record after record until it is refused.
    @Test(arguments: [(StoreKind.sqlite, 4, 21), (.postgres, 4, 57)])
    func `controllers that take one signer at once take it exactly as often as it may sign`(
        kind: StoreKind, controllers: Int, limit: Int
    ) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...(2 * limit))
        let taken = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...controllers {
                let mine = try await books.again()
                group.addTask {
                    let lease = try await ConformanceBooks.patiently {
                        try await mine.takeOver(
                            LineID("line-\(number)"),
                            by: LeaseHolder(name: "controller", host: "here", duration: 3_600_000_000))
                    }
                    var taken = 0
                    while let claim = try await ConformanceBooks.patiently({
                        try await mine.claim(ConformanceBooks.request(lease, CellID("cell-\(taken)")))
                    }) {
                        let change = Change.stock(.genealogy(claim.attempt, Self.facts("AB12", of: limit)))
                        do {
                            try await ConformanceBooks.patiently {
                                try await mine.commit(
                                    Transition(lease: lease, cell: CellID("cell"), actor: "test", changes: [change]))
                            }
                            taken += 1
                        } catch let error as SakkError
                            where error.code == "keys.signer.spent" && error.outcome == .notDone
                        {
                            break
                        }
                    }
                    return taken
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(taken.reduce(0, +) == limit)
        #expect(try await books.books.read(SignerUseQuery()) == ["AB12": limit])
    }

    @Test(arguments: StoreKind.allCases)
    func `an attempt that is fed again counts once, a refusal leaves nothing, and without a limit nobody counts`(
        kind: StoreKind
    ) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...3)
        let lease = try await books.takeOver()
        let claims = [
            try #require(try await books.claim(lease, CellID("a"))),
            try #require(try await books.claim(lease, CellID("b"))),
        ]
        func take(_ index: Int, _ facts: [GenealogyKey: String]) async throws(SakkError) {
            let attempt = claims[index].attempt
            try await books.commit(
                lease, [.note(kind: "test.beside", subjects: [], facts: [:]), .stock(.genealogy(attempt, facts))])
        }
        for _ in 1...3 { try await take(0, Self.facts("S", of: 1)) }
        let rows = try await books.count("journal")
        await #expect(throws: failure("keys.signer.spent")) { try await take(1, Self.facts("S", of: 1)) }
        #expect(try await books.count("journal") == rows)
        try await take(1, [.documentSigner: "S"])
        #expect(try await books.books.read(SignerUseQuery()) == ["S": 2])
    }
}
