import CCrashDisk
import Foundation
import GRDB
import Ground

/// Reads the ledger's file by SQL alone: what an operator sees on `sakk status`, and what the judge reads. It shares
/// nothing with the ledger's code.
struct BooksReading {
    let database: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        database = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// True while the books ask where a card of this line is.
    func isInDoubt(_ line: String) throws -> Bool {
        try database.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM intent WHERE open = 1 AND line = ?1)
                      OR EXISTS (SELECT 1 FROM attempt WHERE state = 'unknown' AND line = ?1)
                      OR EXISTS (SELECT 1 FROM blank WHERE account = 'held' AND reason = 'exit.unknown' AND line = ?1)
                    """, arguments: [line]) ?? true
        }
    }

    /// The blank that a mute card can be: the one with this chip, else one that left by an unknown exit.
    func blank(mute chip: String, line: String) throws -> String? {
        try database.read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT blank FROM blank WHERE chip = ? AND account IN ('held','missing','quarantine','spoiled')
                    """, arguments: [chip])
                ?? String.fetchOne(
                    db,
                    sql: """
                        SELECT blank FROM blank WHERE chip IS NULL AND account = 'held' AND reason = 'exit.unknown'
                        AND line = ? ORDER BY ordinal LIMIT 1
                        """, arguments: [line])
        }
    }

    /// Blanks whose chip's death is not confirmed, with the chip, while their record waits for it.
    func unconfirmed(_ line: String) throws -> [(blank: String, chip: String)] {
        try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT b.blank, b.chip FROM attempt a JOIN production p ON p.production = a.production
                    JOIN blank b ON b.blank = a.blank
                    WHERE a.line = ? AND a.death = 'unconfirmed' AND p.state = 'held'
                      AND p.reason = 'chip.death.unconfirmed' AND b.account = 'spoiled' AND b.chip IS NOT NULL
                    ORDER BY b.blank
                    """, arguments: [line]
            ).map { (blank: $0["blank"], chip: $0["chip"]) }
        }
    }

    /// Blanks in the hopper of a line, as the books have it.
    func line(_ line: String) throws -> Int {
        try count("SELECT COUNT(*) FROM blank WHERE account = 'line' AND line = ?", [line])
    }

    /// Blanks without a known chip that are spoiled.
    func nameless(_ line: String) throws -> Int {
        try count("SELECT COUNT(*) FROM blank WHERE account = 'spoiled' AND chip IS NULL AND line = ?", [line])
    }

    func isDestroyed(_ blank: String) throws -> Bool {
        try count("SELECT COUNT(*) FROM blank WHERE blank = ? AND account = 'destroyed'", [blank]) > 0
    }

    func count(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try database.read { try Int.fetchOne($0, sql: sql, arguments: arguments) ?? 0 }
    }
}
