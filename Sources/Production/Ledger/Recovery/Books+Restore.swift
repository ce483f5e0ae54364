import Foundation
import GRDB
public import Ground
public import Stations

extension Books {
    /// Restores a backup into an empty store and opens it.
    ///
    /// What was made after the backup is not known here, so the restored books begin a new generation of epochs (an old
    /// controller is refused), hold every record that was not final, put every blank of every hopper into quarantine, and
    /// give out nothing until `Reconciliation` is finished. Errors: `ledger.restore.occupied`, `ledger.corrupt`.
    public static func restore(
        _ backup: String, to url: String, keys: any WeekKeys, time: any TimeSource, by actor: String
    ) async throws(SakkError) -> Books {
        let store = try await Books.store(url, time: time)
        let books = Books(store: store, keys: keys, time: time)
        guard try await !books.hasTables() else {
            throw SakkError(
                "ledger.restore.occupied", source: store.source, text: "There are books here already.",
                remedy: "Restore beside them, under a new name; keep the old ones as they are.")
        }
        guard FileManager.default.fileExists(atPath: backup) else {
            throw SakkError(
                "ledger.backup.missing", source: backup, text: "There is no such backup.", remedy: "Check the path.")
        }
        let file = try LedgerFailure.mapping(source: backup) { try BooksCopy.open(backup, readonly: true) }
        try await store.define(Schema.statements)
        _ = try await store.write { session in
            _ = try SQLiteSession.mapping {
                try file.read { db in try BooksCopy(source: SQLiteSession(db: db), target: session).run() }
            }
            try session.execute(
                """
                UPDATE meta SET generation = generation + 1, reconciling = 1, version = \(Schema.version),
                  tick = (SELECT COALESCE(MAX(tick), 0) FROM journal)
                """, [])
            // a lease of before the backup must not be extended here: its line gets an epoch that nobody holds
            try session.execute(
                """
                UPDATE log SET deadline = 0, host = '',
                  epoch = CASE WHEN epoch = 0 THEN 0 ELSE (SELECT generation FROM meta) * 4294967296 END
                """, [])
        }
        try await store.define(Schema.guards(store.dialect))
        if store.dialect == .postgres {
            _ = try await store.write { session in
                try session.rows("SELECT setval('tick', (SELECT tick + 1 FROM meta))", [])
            }
        }
        try await books.prepare(.plant)
        try await books.holdAfterRestore(by: actor)
        return books
    }

    private func holdAfterRestore(by actor: String) async throws(SakkError) {
        try await write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            let generation = try books.session.row("SELECT generation FROM meta")?.integer("generation") ?? 0
            var entries = [JournalEntry("ledger.restored", [], ["generation": .integer(generation)])]
            entries += try books.openIntentsAfterRestore()
            entries += try books.attemptsAfterRestore()
            for row in try books.session.rows(
                "SELECT production FROM production WHERE state IN ('queued', 'claimed') ORDER BY production", [])
            {
                entries.append(
                    JournalEntry(
                        "record.state", [try row.text("production")],
                        ["state": .string(RecordState.held.rawValue), "reason": "ledger.restored"]))
            }
            for row in try books.session.rows(
                "SELECT blank FROM blank WHERE account = 'line' ORDER BY ordinal, blank", [])
            {
                entries.append(
                    BooksWriter.moved(try row.text("blank"), from: .line, to: .quarantine, reason: "ledger.restored"))
            }
            try books.append(entries, to: .queue, epoch: 0, actor: actor)
            try books.peopleAfterRestore(by: actor)
            try books.ensure(.shipping)
            _ = try books.epoch(of: .shipping)
            try books.session.execute("DELETE FROM handover_code", [])
            try books.append(
                [JournalEntry("numbers.doubted", [], ["generation": .integer(generation)])], to: .shipping, epoch: 0,
                actor: actor)
        }
    }
}

extension BooksWriter {
    /// What was taken from a person after the backup, or an approval that was used after it, must not be good again: all
    /// get new credentials, and what was approved is asked again.
    fileprivate func peopleAfterRestore(by actor: String) throws {
        try ensure(.people)
        _ = try epoch(of: .people)
        for row in try session.rows("SELECT DISTINCT person FROM credential ORDER BY person", []) {
            try removeCredentials(
                of: PersonID(try row.text("person")), kinds: Credential.Kind.allCases, by: actor)
        }
        let rows = try session.rows(
            """
            SELECT approval FROM approval a WHERE refused_by IS NULL AND voided IS NULL
              AND NOT EXISTS (SELECT 1 FROM approval_use u WHERE u.approval = a.approval) ORDER BY approval
            """, [])
        try append(
            try rows.map { JournalEntry("approval.voided", [try $0.text("approval")], ["reason": "ledger.restored"]) },
            to: .people, epoch: 0, actor: actor)
    }

    static func moved(_ blank: String, from: Account, to: Account, reason: String) -> JournalEntry {
        JournalEntry(
            "blank.moved", [blank],
            ["from": .string(from.rawValue), "to": .string(to.rawValue), "reason": .string(reason)])
    }

    fileprivate func openIntentsAfterRestore() throws -> [JournalEntry] {
        try session.rows("SELECT attempt, step, try FROM intent WHERE open = 1", []).map { row in
            JournalEntry(
                "step.result", [try row.text("attempt")],
                [
                    "step": .string(try row.text("step")), "try": .integer(try row.integer("try")),
                    "outcome": .string(SakkError.Outcome.unknown.rawValue), "code": "ledger.restored",
                ])
        }
    }

    /// An attempt without a blank is let go; of every other one the card is looked for.
    fileprivate func attemptsAfterRestore() throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        let rows = try session.rows(
            """
            SELECT a.attempt, a.blank, b.account FROM attempt a LEFT JOIN blank b ON b.blank = a.blank
            WHERE a.state IN ('claimed','bound','encoded','verified','printed','passed')
            """, [])
        for row in rows {
            let attempt = try row.text("attempt")
            guard let blank = row.optionalText("blank") else {
                entries.append(
                    JournalEntry("attempt.state", [attempt], ["state": "dropped", "reason": "ledger.restored"]))
                continue
            }
            entries.append(JournalEntry("attempt.state", [attempt], ["state": "unknown", "reason": "ledger.restored"]))
            if row.optionalText("account") == Account.cell.rawValue {
                entries.append(BooksWriter.moved(blank, from: .cell, to: .held, reason: "exit.unknown"))
            }
        }
        return entries
    }
}
