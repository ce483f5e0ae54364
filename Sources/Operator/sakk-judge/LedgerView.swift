import ArgumentParser
import Foundation
import GRDB
import Ground

/// What the ledger's tables say, read by SQL.
struct LedgerView {
    struct Attempt {
        let id: String
        let production: String
        let state: String
        let chip: String?
        let blank: String?
        let sodHash: String?
        let death: String?
    }

    struct Blank {
        let id: String
        let account: String
        let chip: String?
        let reason: String
        /// Taken out of the good box, to be packed: where its parcel stands.
        let parcel: String?
    }

    let attempts: [Attempt]
    let blanks: [Blank]
    let productions: [String: String]
    let openIntents: Int

    var packed: Set<String> { Set(blanks.filter { $0.parcel != nil }.map(\.id)) }

    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw Unreadable.file(path) }
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        (attempts, blanks, productions, openIntents) = try queue.read { database in
            let attempts = try Row.fetchAll(
                database,
                sql: "SELECT attempt, production, state, chip, blank, hex(sod_hash) AS sod, death FROM attempt"
            ).map { row in
                Attempt(
                    id: row["attempt"], production: row["production"], state: row["state"], chip: row["chip"],
                    blank: row["blank"], sodHash: row["sod"], death: row["death"])
            }
            let blanks = try Row.fetchAll(
                database,
                sql: """
                    SELECT b.blank, b.account, b.chip, b.reason, p.state AS parcel FROM blank b
                    LEFT JOIN parcel p ON p.blank = b.blank
                    """
            ).map { row in
                Blank(
                    id: row["blank"], account: row["account"], chip: row["chip"], reason: row["reason"],
                    parcel: row["parcel"])
            }
            let productions = try Row.fetchAll(database, sql: "SELECT production, state FROM production").map {
                row -> (String, String) in (row["production"], row["state"])
            }
            let open = try Int.fetchOne(database, sql: "SELECT count(*) FROM intent WHERE open = 1") ?? 0
            return (attempts, blanks, Dictionary(uniqueKeysWithValues: productions), open)
        }
    }
}

enum Unreadable: Error, CustomStringConvertible {
    case file(String)
    case form(String)

    var description: String {
        switch self {
        case .file(let path): "\(path) cannot be read"
        case .form(let reason): "the census is not as it should be: \(reason)"
        }
    }
}
