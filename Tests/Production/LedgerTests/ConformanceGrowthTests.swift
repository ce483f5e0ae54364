import Ground
import Stations
import Testing

@testable import Ledger

/// Whoever looks at the books again and again sees that they grew, at whichever store.
struct ConformanceGrowthTests {
    @Test(arguments: StoreKind.allCases)
    func `the books grow with each transaction, whoever commits it, and by nothing else`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let other = try await books.again()
        var seen = try await books.books.read(GrowthQuery())
        func grew() async throws -> Bool {
            let now = try await books.books.read(GrowthQuery())
            defer { seen = now }
            return now > seen
        }
        try await books.intake(1...3)
        #expect(try await grew())
        #expect(try await grew() == false)
        // what another process writes
        try await other.add(Person(id: PersonID("ann"), name: "Ann", roles: [.operator]), by: "test")
        #expect(try await grew())
        let lease = try await books.takeOver()
        #expect(try await grew())
        try await books.commit(lease, [.machine(.execute, code: nil, text: "", remedy: "")])
        #expect(try await grew())
        // what was refused
        await #expect(throws: SakkError.self) {
            try await books.commit(lease, [.number(AttemptID("none"), "P1")])
        }
        #expect(try await grew() == false)
        // nor what was only read
        _ = try await other.read(ConsumablesQuery())
        #expect(try await grew() == false)
    }
}
