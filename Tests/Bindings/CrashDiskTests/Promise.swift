import CCrashDisk
import Foundation
import GRDB

/// A program that promises with plain SQL: after `COMMIT` it says a number aloud, and a number that was said must be in
/// the table for ever. It knows nothing of Sakk.
struct Promise {
    let disk: String
    let mode: String
    let synchronous: String?
    private(set) var said = 0
    private(set) var lost = 0
    private(set) var broken: [String] = []
    private(set) var loss = crashdisk_loss()
    var random: Dice

    init(_ disk: String, journal mode: String = "WAL", synchronous: String?, seed: UInt64) {
        crashdisk_register()
        self.disk = disk
        self.mode = mode
        self.synchronous = synchronous
        random = Dice(state: seed)
    }

    var path: String { "/crashdisk/\(disk)/promise.db" }

    func open() throws -> DatabaseQueue {
        var configuration = Configuration()
        if mode == "WAL" { configuration.journalMode = .wal }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            if mode != "WAL" { try db.execute(sql: "PRAGMA journal_mode = \(mode)") }
            if let synchronous { try db.execute(sql: "PRAGMA synchronous = \(synchronous)") }
            // checkpoints happen within a life, not only at its end
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 20")
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS said (number INTEGER PRIMARY KEY, text BLOB NOT NULL)")
        }
        return queue
    }

    /// One life: some commits, a power cut between two calls or in the middle of one, and a look at what is left.
    mutating func live(cutInside: Bool) throws {
        let queue = try open()
        if cutInside {
            crashdisk_cut_at(disk, CRASHDISK_CHANGE, Int(random.next() % 60) + 1, random.next())
        }
        do {
            for _ in 0..<(random.next() % 12 + 1) {
                let next = said + 1
                let size = Int(random.next() % 6000) + 1
                try queue.write { db in
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO said VALUES (?, randomblob(?))", arguments: [next, size])
                    if next > 40 {
                        try db.execute(sql: "UPDATE said SET text = x'00' WHERE number = ?", arguments: [next - 40])
                    }
                }
                said = next
            }
        } catch is DatabaseError {
            guard cutInside else { throw Surprise() }
        }
        crashdisk_cut_at(disk, CRASHDISK_CHANGE, 0, 0)
        let more = crashdisk_power_cut(disk, random.next())
        loss.kept += more.kept
        loss.dropped += more.dropped
        loss.torn += more.torn
        try look()
    }

    private mutating func look() throws {
        do {
            let queue = try open()
            let (verdict, count, last) = try queue.read { db in
                (
                    try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? "nothing",
                    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM said") ?? 0,
                    try Int.fetchOne(db, sql: "SELECT COALESCE(MAX(number), 0) FROM said") ?? 0
                )
            }
            if verdict != "ok" { broken.append(verdict) }
            // a commit whose success was never told may be there: one more
            if last < said || count != last { lost += 1 }
            said = last
        } catch let error as DatabaseError {
            broken.append("\(error.resultCode)")
            crashdisk_forget(disk)
            said = 0
        }
    }

    struct Surprise: Error {}
}

/// SplitMix64 (Vigna).
struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
