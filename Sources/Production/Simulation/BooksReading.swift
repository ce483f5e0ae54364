import CCrashDisk
import Foundation
import GRDB
import Ground
import Ledger
import PostgresClient

/// One row of any table: words, numbers and bytes as both stores have them.
struct BooksRow {
    enum Value {
        case null, integer(Int64), text(String), blob(Bytes)
    }
    let values: [String: Value]

    subscript(_ column: String) -> String? {
        if case .text(let text)? = values[column] { text } else { nil }
    }
    func text(_ column: String) -> String { self[column] ?? "" }
    func blob(_ column: String) -> Bytes? {
        if case .blob(let bytes)? = values[column] { bytes } else { nil }
    }
    func integer(_ column: String) -> Int {
        if case .integer(let integer)? = values[column] { Int(integer) } else { 0 }
    }
}

/// Reads the ledger's file or server by SQL alone: what an operator sees on `sakk status`, and what the judge reads. Of
/// the ledger's code it knows the server's address only.
struct BooksReading {
    private let fetch: (_ sql: String, _ words: [String]) throws -> [BooksRow]

    init(_ books: String) throws {
        fetch = PostgresAddress.isOne(books) ? try BooksReading.server(books) : try BooksReading.file(books)
    }

    private static func file(_ path: String) throws -> (String, [String]) throws -> [BooksRow] {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        return { sql, words in
            try database.read { db in
                try Row.fetchAll(db, sql: sql, arguments: StatementArguments(words)).map { row in
                    BooksRow(
                        values: Dictionary(
                            row.map { column, value in
                                let cell: BooksRow.Value =
                                    switch value.storage {
                                    case .null, .double: .null
                                    case .int64(let integer): .integer(integer)
                                    case .string(let text): .text(text)
                                    case .blob(let data): .blob(Bytes(data))
                                    }
                                return (column, cell)
                            }, uniquingKeysWith: { first, _ in first }))
                }
            }
        }
    }

    private static func server(_ url: String) throws -> (String, [String]) throws -> [BooksRow] {
        var options = PostgresAddress(url).options
        // the judge reads whole tables, beside whatever else the machine does
        options.statementTimeout = max(options.statementTimeout, .seconds(300))
        options.answerTimeout = max(options.answerTimeout, .seconds(310))
        let connection = try PostgresConnection(options)
        return { sql, words in
            try connection.rows(sql, words.map { .text($0) }).map { row in
                BooksRow(
                    values: row.columns.mapValues { index in
                        switch row.values[index] {
                        case .null: .null
                        case .integer(let integer): .integer(integer)
                        case .text(let text): .text(text)
                        case .blob(let bytes): .blob(bytes)
                        }
                    })
            }
        }
    }

    /// The server did not answer a person's question.
    static func away(_ source: String) -> SakkError {
        SakkError(
            "ledger.away", source: "simulation", text: "The database server does not answer.",
            remedy: "Check the server and the network; the line goes on by recovery when it is back.")
    }

    func rows(_ sql: String, _ words: [String] = []) throws -> [BooksRow] { try fetch(sql, words) }

    func count(_ sql: String, _ words: [String] = []) throws -> Int {
        try rows(sql, words).first?.integer("n") ?? 0
    }

    /// True while the books ask where a card of this line is.
    func isInDoubt(_ line: String) throws -> Bool {
        try count(
            """
            SELECT (SELECT COUNT(*) FROM intent WHERE open = 1 AND line = ?)
              + (SELECT COUNT(*) FROM attempt WHERE state = 'unknown' AND line = ?)
              + (SELECT COUNT(*) FROM blank WHERE account = 'held' AND reason = 'exit.unknown' AND line = ?) AS n
            """, [line, line, line]) > 0
    }

    /// The blank that a mute card can be: the one with this chip, else one that left by an unknown exit.
    func blank(mute chip: String, line: String) throws -> String? {
        let known = try rows(
            "SELECT blank FROM blank WHERE chip = ? AND account IN ('held','missing','quarantine','spoiled')", [chip])
        if let blank = known.first?["blank"] { return blank }
        return try rows(
            """
            SELECT blank FROM blank WHERE chip IS NULL AND account = 'held' AND reason = 'exit.unknown'
            AND line = ? ORDER BY ordinal LIMIT 1
            """, [line]
        ).first?["blank"]
    }

    /// Blanks whose chip's death is not confirmed, with the chip, while their record waits for it.
    func unconfirmed(_ line: String) throws -> [(blank: String, chip: String)] {
        try rows(
            """
            SELECT b.blank, b.chip FROM attempt a JOIN production p ON p.production = a.production
            JOIN blank b ON b.blank = a.blank
            WHERE a.line = ? AND a.death = 'unconfirmed' AND p.state = 'held'
              AND p.reason = 'chip.death.unconfirmed' AND b.account = 'spoiled' AND b.chip IS NOT NULL
            ORDER BY b.blank
            """, [line]
        ).map { (blank: $0.text("blank"), chip: $0.text("chip")) }
    }

    func has(_ blank: String) throws -> Bool {
        try count("SELECT COUNT(*) AS n FROM blank WHERE blank = ?", [blank]) > 0
    }

    /// Blanks without a known chip that are spoiled.
    func nameless(_ line: String) throws -> Int {
        try count("SELECT COUNT(*) AS n FROM blank WHERE account = 'spoiled' AND chip IS NULL AND line = ?", [line])
    }

    func isDestroyed(_ blank: String) throws -> Bool {
        try count("SELECT COUNT(*) AS n FROM blank WHERE blank = ? AND account = 'destroyed'", [blank]) > 0
    }
}
