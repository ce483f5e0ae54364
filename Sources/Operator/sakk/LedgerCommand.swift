import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger
import Stations

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The books.",
        subcommands: [
            LedgerVerifyCommand.self, LedgerCheckpointCommand.self, LedgerBackupCommand.self, LedgerRestoreCommand.self,
            LedgerReconcileCommand.self, LedgerForgetCommand.self, LedgerMigrateCommand.self,
        ])
}

struct LedgerVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Replays the journal and compares: it is dense, each row is what was written, the tables follow from it.")

    @OptionGroup var options: LineOptions
    @Option(help: "A checkpoint that was written down before (sakk ledger checkpoint); its rows must be unchanged.")
    var checkpoint: String?
    @Option(help: "Certificate (PEM) that the checkpoint's signer must chain to.") var trust: [String] = []

    func validate() throws {
        guard (checkpoint == nil) == trust.isEmpty else {
            throw ValidationError("--checkpoint and --trust go together.")
        }
    }

    func run() async throws {
        let profile = try options.profile()
        let store = try await options.openLedger(profile)
        if let checkpoint {
            let before = try LedgerCheckpointCommand.read(checkpoint, trust: try Certificates.read(all: trust))
            try await store.compare(before)
            Words.say("All rows of \(before.at.iso8601) are as they were.")
        }
        let seen = try await store.verify()
        for log in seen.logs { print("\(log.log)  \(log.rows) rows  root \(log.root.hex)") }
        for table in seen.tables { print("\(table.table)  \(table.rows) rows as the journal says") }
        Words.say("The journal is whole, and every table follows from it.")
    }
}

struct LedgerBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Writes one snapshot of the books into a new file, while the line works.")

    @OptionGroup var options: LineOptions
    @Argument(help: "The new file.") var file: String

    func run() async throws {
        let store = try await options.openLedger(try options.profile())
        let rows = try await store.backup(to: file)
        Words.say("Wrote \(file): \(rows) rows. The vault is backed up by its own means; without it no record opens.")
    }
}

struct LedgerRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restores a backup into a new ledger, which gives out nothing until reconciled.",
        discussion: """
            Every record that was not final is held and every blank of a hopper is in quarantine, because what was made \
            after the backup is not in it. Go on with `sakk ledger reconcile`.
            """)

    @OptionGroup var options: LineOptions
    @Argument(help: "The backup.") var file: String
    @Option(help: "Who is answerable in the journal.") var operatorName = "supervisor"

    func run() async throws {
        let profile = try options.profile()
        let books = try await Books.restore(
            file, to: options.ledgerPath(profile), keys: try options.weekKeys(profile),
            time: SystemTime(), by: operatorName)
        let state = try await books.read(ReconciliationQuery())
        Words.say(
            "Restored: \(state.heldRecords) records are held and \(state.quarantined) blanks are in quarantine.")
        Words.say("  do:  pull the source again, then name what was made since (sakk ledger reconcile).")
    }
}

struct LedgerReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "After a restore: says what was made since the backup, and ends the hold.",
        discussion: """
            --acknowledged names a file with the production ids that the authority acknowledged as made, --numbers one \
            with document numbers that were read from cards; one per line. --booklets names one with the production id and \
            the number of each passport, because its number is its booklet's. With --counted the reconciliation ends when \
            as many good documents were counted as are named, and the unused blanks of every hopper too (--hopper), and \
            those that were issued and lay in none (--loose).
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "File with production ids, one per line.") var acknowledged: String?
    @Option(help: "File with document numbers read from cards, one per line.") var numbers: String?
    @Option(help: "File with production ids and numbers of booklets, a pair per line.") var booklets: String?
    @Option(help: "What the numbers are unique under, for example UTO/ID.") var numberSpace: String?
    @Option(help: "Good documents that two people counted and that the backup had not seen.") var counted: Int?
    @Option(help: "Blanks counted in a hopper: CELL=NUMBER; LINE/CELL of another line, CELL:STOCK where two lay in it.")
    var hopper: [String] = []
    @Option(help: "Blanks counted that lay in no hopper: NUMBER; LINE=NUMBER, or LINE:STOCK=NUMBER where it is needed.")
    var loose: [String] = []
    @Option(help: "Who is answerable in the journal.") var operatorName = "supervisor"
    @Option(help: "The second person.") var witness = ""

    func run() async throws {
        let profile = try options.profile()
        let books = try await options.openLedger(profile)
        if let acknowledged {
            let ids = try lines(acknowledged).map { ProductionID($0) }
            try await books.markProduced(ids, by: operatorName, evidence: "acknowledged")
        }
        if let numbers {
            guard let numberSpace else {
                throw ValidationError("--numbers needs --number-space")
            }
            let found = try await books.productions(numberSpace: numberSpace, numbers: try lines(numbers))
            try await books.markProduced(found, by: operatorName, evidence: "card")
        }
        if let booklets {
            let found = try lines(booklets).map { line -> FoundBooklet in
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 2 else { throw ValidationError("--booklets has lines of two words") }
                return FoundBooklet(ProductionID(words[0]), number: words[1])
            }
            try await books.markProduced(booklets: found, by: operatorName, evidence: "booklet")
        }
        if let counted {
            let places = try await books.read(DoubtedPlacesQuery())
            let counts =
                try hopper.map { try count($0, of: places.filter { $0.cell != nil }, profile.id) }
                + loose.map {
                    try count($0.contains("=") ? $0 : "\(profile.id)=\($0)", of: places.filter { $0.cell == nil }, nil)
                }
            try await books.finishReconciliation(
                countedGood: counted, hoppers: counts, by: operatorName, witness: witness)
        }
        let state = try await books.read(ReconciliationQuery())
        Words.say(
            state.isOpen
                ? "Not finished: \(state.found) records are named as made, \(state.heldRecords) are held."
                : "Finished: \(state.found) records were made after the backup; the others are in the queue again.")
        if state.isOpen { throw Exit.held }
    }

    /// `[LINE/]CELL[:STOCK]=NUMBER`; without a line that place is LINE itself.
    private func count(_ entry: String, of places: [DoubtedPlace], _ line: LineID?) throws -> HopperCount {
        let parts = entry.split(separator: "=").map(String.init)
        guard parts.count == 2, let number = Int(parts[1]), number >= 0 else {
            throw ValidationError("`\(entry)` does not end with =NUMBER.")
        }
        let named = places.filter { place in
            let full = place.cell.map { "\(place.line)/\($0)" } ?? "\(place.line)"
            let names = place.line == line ? [full, place.cell.map(\.rawValue) ?? full] : [full]
            return names.contains { $0 == parts[0] || "\($0):\(place.stock)" == parts[0] }
        }
        guard let place = named.first, named.count == 1 else {
            let all = places.map(\.description).joined(separator: "; ")
            throw ValidationError(
                "`\(parts[0])` names \(named.isEmpty ? "none" : "more than one") of the places to be counted: "
                    + "\(all.isEmpty ? "none" : all).")
        }
        return HopperCount(line: place.line, cell: place.cell, stock: place.stock, count: number)
    }

    private func lines(_ path: String) throws(SakkError) -> [String] {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError(
                "file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.isEmpty }
    }
}

struct LedgerForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Forgets the people of final records; what was made stays in the books.",
        discussion: """
            --before forgets the records that were approved before a day (they stay readable in old backups), --week \
            destroys the key of a whole approval week, which empties the backups too and cannot be undone.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "A day, YYYY-MM-DD.") var before: String?
    @Option(help: "An approval week, for example 2026-W47.") var week: String?
    @Option(help: "Who is answerable in the journal.") var operatorName = "supervisor"
    @Option(help: "The second person.") var witness: String

    func validate() throws {
        guard before != nil || week != nil else { throw ValidationError("Give --before or --week.") }
    }

    func run() async throws {
        let profile = try options.profile()
        let books = try await options.openLedger(profile)
        if let before {
            guard let day = WallTime(iso8601: before + "T00:00:00Z") else {
                throw ValidationError("--before is a day, YYYY-MM-DD")
            }
            let records = try await books.read(FinalRecordsQuery(approvedBefore: day))
            try await books.forget(records, by: operatorName, witness: witness)
            Words.say("\(records.count) records are forgotten.")
        }
        if let week {
            guard let week = ApprovalWeek(rawValue: week) else {
                throw ValidationError("--week is a week of ISO 8601, for example 2026-W47")
            }
            try await books.forget(week: week, by: operatorName, witness: witness)
            Words.say("The key of \(week) is destroyed; its records open nowhere.")
        }
        // they open nowhere any more; the files go too
        if let gone = try await options.cardPictures(profile, books)?.sweep(books, now: SystemTime().wall()), gone > 0 {
            Words.say("\(gone) pictures are removed.")
        }
    }
}
