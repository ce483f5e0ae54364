import CCrashDisk
import Foundation
import Ground
import Ledger
import Synchronization
import Testing

@testable import Line

/// The disk under the ledger fails at each write, sync and truncate in turn, is full, or turns read-only.
struct DiskTests {
    @Test func `A write or sync that fails once stops the line, and the next controller ends right`() async throws {
        #expect(crashdisk_register() == 0)
        let counted = try await Factory(records: 2, cards: 5, disk: "disk-count")
        let before = crashdisk_count("disk-count", CRASHDISK_CHANGE)
        try await counted.runToTheEnd()
        let total = Int(crashdisk_count("disk-count", CRASHDISK_CHANGE) - before)
        #expect(total > 60)
        var wrong: [String] = []
        var stopped = 0
        for number in 1...total {
            let disk = "disk-\(number)"
            let factory = try await Factory(records: 2, cards: 5, disk: disk)
            crashdisk_fail_at(disk, CRASHDISK_CHANGE, number, CRASHDISK_IOERR, 0)
            do {
                try await factory.runToTheEnd()
            } catch let error as SakkError {
                stopped += 1
                if error.code != "ledger.unwritable" { wrong.append("\(number): \(error.code)") }
            }
            crashdisk_fail_at(disk, CRASHDISK_CHANGE, 0, CRASHDISK_IOERR, 0)
            try await factory.runToTheEnd(acknowledged: true)
            wrong += try judged(factory, good: 2).map { "\(number): \($0)" }
            crashdisk_forget(disk)
        }
        crashdisk_forget("disk-count")
        #expect(wrong.isEmpty, "\(wrong.prefix(20).joined(separator: "\n"))")
        #expect(stopped > total / 2)
        print("writes, syncs and truncates of 2 records: \(total); the line stopped \(stopped) times")
    }

    @Test(arguments: [CRASHDISK_FULL, CRASHDISK_READONLY])
    func `A disk that is full or read-only is said, nothing more is fed, and it goes on when there is room`(
        failure: crashdisk_failure
    ) async throws {
        #expect(crashdisk_register() == 0)
        for number in [1, 9, 23, 40] {
            let disk = "full-\(failure.rawValue)-\(number)"
            let factory = try await Factory(records: 2, cards: 5, disk: disk)
            crashdisk_fail_at(disk, CRASHDISK_CHANGE, number, failure, 1)
            for _ in 1...3 {
                let fed = factory.plant.world.withLock { $0.fed }
                do {
                    try await factory.runToTheEnd()
                    Issue.record("a ledger on a full disk was worked with")
                } catch let error as SakkError {
                    #expect(error.code == "ledger.unwritable" && !error.remedy.isEmpty)
                }
                let now = factory.plant.world.withLock { $0.fed }
                // the card whose intent was on disk before the disk failed, and no other
                #expect(now - fed <= 1)
            }
            crashdisk_fail_at(disk, CRASHDISK_CHANGE, 0, failure, 0)
            try await factory.runToTheEnd(acknowledged: true)
            #expect(try judged(factory, good: 2) == [])
            crashdisk_forget(disk)
        }
    }

    private func judged(_ factory: Factory, good: Int) throws -> [String] {
        var wrong = try Judge.findings(factory.plant, factory.path)
        let counts = try Judge.counts(factory.path)
        if counts.good != good || counts.unknown != 0 || counts.held != 0 || counts.spoiled > 1 {
            wrong.append("\(counts)")
        }
        return wrong
    }
}
