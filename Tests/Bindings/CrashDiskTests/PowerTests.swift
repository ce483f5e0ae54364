import CCrashDisk
import Foundation
import GRDB
import Testing

/// The disk is judged by SQLite: what SQLite promises must hold on it, and what SQLite does not promise must be seen
/// to break.
struct PowerTests {
    @Test(arguments: ["WAL", "DELETE", "TRUNCATE"], [false, true])
    func `With synchronous FULL nothing that was promised is lost by a power cut`(mode: String, inside: Bool) throws {
        var promise = Promise("full-\(mode)-\(inside)", journal: mode, synchronous: "FULL", seed: 11)
        for _ in 0..<400 { try promise.live(cutInside: inside) }
        #expect(promise.lost == 0)
        #expect(promise.broken.isEmpty, "\(promise.broken.prefix(3))")
        #expect(promise.said > 300)
        if inside { #expect(crashdisk_cuts(promise.disk) > 100) }
        crashdisk_forget(promise.disk)
    }

    @Test func `With synchronous OFF losses and broken files are seen`() throws {
        var promise = Promise("off", synchronous: "OFF", seed: 12)
        for _ in 0..<200 { try promise.live(cutInside: false) }
        #expect(promise.lost > 20)
        #expect(promise.loss.torn > 100 && promise.loss.dropped > 100 && promise.loss.kept > 100)
        crashdisk_forget(promise.disk)
        var rollback = Promise("off-delete", journal: "DELETE", synchronous: "OFF", seed: 13)
        for _ in 0..<200 { try rollback.live(cutInside: false) }
        #expect(!rollback.broken.isEmpty)
        crashdisk_forget(rollback.disk)
    }

    @Test func `A commit under the default of GRDB for the write-ahead log is lost by a power cut`() throws {
        var promise = Promise("default", synchronous: nil, seed: 14)
        for _ in 0..<200 { try promise.live(cutInside: false) }
        #expect(promise.lost > 20)
        // a commit may be lost, but the file is never broken by it
        #expect(promise.broken.isEmpty)
        crashdisk_forget(promise.disk)
    }

    @Test func `A handle from before the cut fails for ever and does no harm to the new world`() throws {
        let promise = Promise("ghost", synchronous: "FULL", seed: 15)
        var old: DatabaseQueue? = try promise.open()
        try old?.write { try $0.execute(sql: "INSERT INTO said VALUES (1, x'01')") }
        crashdisk_power_cut("ghost", 1)
        #expect(throws: DatabaseError.self) {
            try old?.write { try $0.execute(sql: "INSERT INTO said VALUES (2, x'02')") }
        }
        let new = try promise.open()
        try new.write { try $0.execute(sql: "INSERT INTO said VALUES (3, x'03')") }
        old = nil
        #expect(try new.read { try Int.fetchAll($0, sql: "SELECT number FROM said") } == [1, 3])
        #expect(crashdisk_size("ghost", "promise.db-wal") > 0)
    }

    @Test func `Two connections see each other's commits and wait for each other's locks`() throws {
        let promise = Promise("two", synchronous: "FULL", seed: 16)
        let first = try promise.open()
        let second = try promise.open()
        for number in 1...50 {
            try (number % 2 == 0 ? first : second).write {
                try $0.execute(sql: "INSERT INTO said VALUES (?, x'00')", arguments: [number])
            }
        }
        #expect(try first.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM said") } == 50)
        try first.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            #expect(throws: DatabaseError.self) {
                try second.write { try $0.execute(sql: "INSERT INTO said VALUES (51, x'00')") }
            }
            try db.execute(sql: "COMMIT")
        }
    }

    @Test func `The same seed after the same calls leaves the same bytes`() throws {
        func size(_ name: String) throws -> [Int64] {
            var promise = Promise(name, synchronous: "NORMAL", seed: 17)
            var sizes: [Int64] = []
            for _ in 0..<40 {
                try promise.live(cutInside: true)
                sizes.append(crashdisk_size(name, "promise.db"))
                sizes.append(Int64(promise.said))
            }
            return sizes
        }
        #expect(try size("same-1") == size("same-2"))
    }
}

struct FailureTests {
    @Test func `Every call that can fail does so once, and what was promised stays`() throws {
        let kinds: [crashdisk_call] = [
            CRASHDISK_WRITE, CRASHDISK_SYNC, CRASHDISK_READ, CRASHDISK_TRUNCATE, CRASHDISK_OPEN,
        ]
        var failed = 0
        for kind in kinds {
            for failure in [CRASHDISK_IOERR, CRASHDISK_FULL, CRASHDISK_READONLY] {
                for number in 1...12 {
                    let name = "fail-\(kind.rawValue)-\(failure.rawValue)-\(number)"
                    let promise = Promise(name, synchronous: "FULL", seed: 18)
                    var said: [Int] = []
                    let queue = try promise.open()
                    crashdisk_fail_at(name, kind, number, failure, 0)
                    for next in 1...10 {
                        do {
                            try queue.write {
                                try $0.execute(
                                    sql: "INSERT INTO said VALUES (?, randomblob(5000))", arguments: [next])
                            }
                            said.append(next)
                        } catch is DatabaseError {
                            failed += 1
                        }
                    }
                    crashdisk_fail_at(name, kind, 0, failure, 0)
                    crashdisk_power_cut(name, UInt64(number))
                    let there = try promise.open().read { try Int.fetchAll($0, sql: "SELECT number FROM said") }
                    #expect(Set(said).isSubset(of: there), "\(name)")
                    crashdisk_forget(name)
                }
            }
        }
        #expect(failed > 60)
    }

    @Test func `A disk that stays full refuses every commit and a flipped bit is found`() throws {
        let promise = Promise("bits", synchronous: "FULL", seed: 19)
        let queue = try promise.open()
        crashdisk_fail_at("bits", CRASHDISK_WRITE, 1, CRASHDISK_FULL, 1)
        for number in 1...3 {
            let error = #expect(throws: DatabaseError.self) {
                try queue.write { try $0.execute(sql: "INSERT INTO said VALUES (?, x'00')", arguments: [number]) }
            }
            #expect(error?.resultCode == .SQLITE_FULL)
        }
        crashdisk_fail_at("bits", CRASHDISK_WRITE, 0, CRASHDISK_FULL, 0)
        try queue.write { try $0.execute(sql: "INSERT INTO said VALUES (4, randomblob(9000))") }
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        // the header of the second page
        #expect(crashdisk_flip("bits", "promise.db", 4096, 1) == 0)
        let verdict = try? promise.open().read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(verdict != "ok")
        #expect(crashdisk_flip("bits", "promise.db", 1 << 40, 1) == -1)
    }
}
