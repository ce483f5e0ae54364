import CCrashDisk
import Foundation
import GRDB
import Ground
import KeyVault
import Ledger
import Testing

/// One bit of the file turns round while nobody looks.
struct FlippedBitTests {
    /// So many that most of the file are rows, not pages of tables that have none.
    private static let records = 250

    @Test func `A flipped bit is found by verify, or touches nothing that anybody reads`() async throws {
        #expect(crashdisk_register() == 0)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let keys = try FileWeekKeys(folder: folder)
        try keys.prepare()
        let path = "/crashdisk/flip/ledger.db"
        do {
            let books = try await Books.open(path, keys: keys, time: SystemTime())
            let records = (1...FlippedBitTests.records).map { TestBooks.record($0) }
            _ = try await books.intake(records, batch: TestBooks.batch, cursor: nil)
            _ = try await books.load(
                count: records.count, stock: "id1", lot: "L", line: TestBooks.line, cell: TestBooks.cell, by: "test")
            _ = try await books.takeOver(TestBooks.line, by: LeaseHolder(name: "test", host: "host"))
        }
        try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        let before = try await content(path, keys)
        let size = crashdisk_size("flip", "ledger.db")
        let seed: UInt64 = 20_261_121
        var generator = Linear(state: seed)
        var found: [String: Int] = [:]
        for _ in 1...100 {
            let place = Int64(generator.next() % UInt64(size))
            let bit = Int32(generator.next() % 8)
            #expect(crashdisk_flip("flip", "ledger.db", place, bit) == 0)
            do {
                let after = try await content(path, keys)
                #expect(after == before, "seed \(seed): bit \(bit) of byte \(place) changed what is read, unseen")
                found["nobody reads it", default: 0] += 1
            } catch let error as SakkError {
                found[error.code.rawValue, default: 0] += 1
            }
            #expect(crashdisk_flip("flip", "ledger.db", place, bit) == 0)
        }
        crashdisk_forget("flip")
        print("flipped bits of \(size) bytes, seed \(seed): \(found.sorted { $0.value > $1.value })")
        #expect(found["nobody reads it", default: 0] < 75 && found.count > 1)
    }

    /// Everything that a program reads from the books, after `verify` found no fault.
    private func content(_ path: String, _ keys: FileWeekKeys) async throws -> [String] {
        let books = try await Books.open(path, keys: keys, time: SystemTime())
        _ = try await books.verify()
        var lines: [String] = []
        for number in 1...FlippedBitTests.records {
            lines.append(try await books.envelope(of: ProductionID("PROD\(number)")).hex)
        }
        let status = try await books.status(TestBooks.line)
        lines.append("\(status)")
        lines.append("\(try await books.batchReport(TestBooks.batch.batch))")
        return lines
    }

    /// Numerical Recipes' linear congruential generator: places only, no secrets.
    private struct Linear: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
