import Foundation
import Ground
import KeyVault
import Ledger
import Synchronization
import Testing

@testable import Line

/// A plant goes on from an old backup: what was made since is not made again.
struct RestoreLineTests {
    @Test func `Five hundred documents after the backup: nothing is fed until reconciled, and none is made twice`()
        async throws
    {
        let after = 500
        let factory = try await Factory(records: after + 10, cards: after + 20)
        var books = try await factory.ledger()
        _ = try await factory.controller(books).run(target: 5)
        let backup = factory.folder.appendingPathComponent("backup.db").path
        _ = try await books.backup(to: backup)
        _ = try await factory.controller(books).run(target: after)
        let made = factory.plant.world.withLock { $0.good }
        #expect(made.count == after + 5)

        // the disk is lost: the same place gets the books of the backup
        books = try await restored(factory, backup)
        let fed = factory.plant.world.withLock { $0.fed }
        for _ in 0..<2 { _ = try? await factory.controller(books).run(acknowledgedBy: "operator") }
        #expect(factory.plant.world.withLock { $0.fed } == fed)

        // two people read the good box and count the hopper
        let boxed = factory.plant.world.withLock { world in
            world.good.compactMap { world.cards[$0]?.document?.mrz }
        }
        let numbers = (1...after + 10).filter { boxed.contains(TestRecord.mrz($0)) }
        #expect(numbers.count == after + 5)
        try await books.markProduced(
            numbers.map { TestRecord.intake($0).production }, by: "supervisor", evidence: "read")
        let left = factory.plant.world.withLock { $0.hopper.count }
        let hopper = HopperCount(line: factory.line, cell: CellID("cell-1"), stock: "id1", count: left)
        try await books.finishReconciliation(countedGood: after, hoppers: [hopper], by: "a", witness: "b")

        try await factory.runToTheEnd(acknowledged: true)
        let world = factory.plant.world.withLock { $0 }
        let people = world.good.compactMap { world.cards[$0]?.document?.mrz.joined() }
        #expect(people.count == after + 10 && Set(people).count == after + 10)
        #expect(try Judge.counts(factory.path).good == after + 10)
        _ = try await factory.ledger().verify()
    }

    private func restored(_ factory: Factory, _ backup: String) async throws -> Books {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: factory.path + end) }
        return try await Books.restore(
            backup, to: factory.path,
            keys: try FileWeekKeys(folder: factory.folder.appendingPathComponent("vault").path),
            time: SystemTime(), by: "supervisor")
    }
}
