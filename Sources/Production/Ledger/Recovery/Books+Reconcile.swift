public import Ground
import Stations

/// What a person counted in one hopper after a restore, or of the blanks of a line that lay in none.
public struct HopperCount: Sendable, Hashable {
    public let line: LineID
    /// nil for blanks that were issued to the line and laid into no hopper.
    public let cell: CellID?
    public let stock: String
    public let count: Int
    public init(line: LineID, cell: CellID?, stock: String, count: Int) {
        self.line = line
        self.cell = cell
        self.stock = stock
        self.count = count
    }
}

/// Where the reconciliation of restored books stands.
public struct ReconciliationState: Sendable, Hashable {
    public let isOpen: Bool
    /// Records that are held until it is finished.
    public let heldRecords: Int
    /// Records that were found to be produced after the backup.
    public let found: Int
    /// Blanks whose place is not known.
    public let quarantined: Int
}

public struct ReconciliationQuery: LedgerQuery {
    public init() {}
    public func answer(_ books: BooksReader) throws -> ReconciliationState {
        func count(_ sql: String) throws -> Int { try books.row(sql)?.count("n") ?? 0 }
        return ReconciliationState(
            isOpen: try books.row("SELECT reconciling FROM meta")?.integer("reconciling") == 1,
            heldRecords: try count(
                "SELECT COUNT(*) AS n FROM production WHERE state = 'held' AND reason = 'ledger.restored'"),
            found: try count(
                "SELECT COUNT(*) AS n FROM production WHERE state = 'produced' AND reason = 'ledger.restored'"),
            quarantined: try count(
                "SELECT COUNT(*) AS n FROM blank WHERE account = 'quarantine' AND reason = 'ledger.restored'"))
    }
}

/// A place where unused blanks lay at the backup: how many it holds now is counted before a reconciliation ends.
public struct DoubtedPlace: Sendable, Hashable, CustomStringConvertible {
    public let line: LineID
    /// nil where they lay in no hopper.
    public let cell: CellID?
    public let stock: String

    public var description: String {
        "\(stock), \(cell.map { "hopper of \(line)/\($0)" } ?? "blanks of \(line) in no hopper")"
    }
}

/// The places that must be counted; nothing of what the books expect there.
public struct DoubtedPlacesQuery: LedgerQuery {
    public init() {}

    public func answer(_ books: BooksReader) throws -> [DoubtedPlace] {
        try books.rows(
            """
            SELECT DISTINCT line, hopper, stock FROM blank
            WHERE account = 'quarantine' AND reason = 'ledger.restored' ORDER BY line, hopper, stock
            """
        ).map { row in
            DoubtedPlace(
                line: LineID(try row.text("line")), cell: row.optionalText("hopper").map { CellID($0) },
                stock: try row.text("stock"))
        }
    }
}

extension Books {
    /// Records that were made after the backup: known from the authority's acknowledgements or from the documents
    /// themselves. They are never made again.
    ///
    /// Errors: `ledger.reconcile.unknown` names records that are not in these books; pull the source again first.
    public func markProduced(_ productions: [ProductionID], by actor: String, evidence: String)
        async throws(SakkError)
    {
        let source = store.source
        try await write { books in
            try books.requireReconciling()
            _ = try books.epoch(of: .queue)
            var entries: [JournalEntry] = []
            for production in productions {
                let row = try books.session.row(
                    "SELECT state, reason FROM production WHERE production = ?", [.text(production.rawValue)])
                guard let row else {
                    throw SakkError(
                        "ledger.reconcile.unknown", source: source, subject: production.rawValue,
                        text: "This record is not in the restored books.",
                        remedy: "Pull the source again first, then repeat.")
                }
                guard row.optionalText("state") == RecordState.held.rawValue else { continue }
                entries += try books.produced(production)
                entries.append(
                    JournalEntry(
                        "record.state", [production.rawValue],
                        ["state": "produced", "reason": "ledger.restored", "evidence": .string(evidence)]))
            }
            try books.append(entries, to: .queue, epoch: 0, actor: actor)
        }
    }

    /// The records of document numbers that were read from cards.
    public func productions(numberSpace: String, numbers: [String]) async throws(SakkError) -> [ProductionID] {
        var tags: [Bytes] = []
        for number in numbers { tags.append(try vault.numberTag(space: numberSpace, number: number)) }
        let wanted = tags
        let source = store.source
        return try await store.read { session in
            try wanted.enumerated().map { index, tag in
                let row = try session.row("SELECT production FROM number WHERE tag = ?", [.blob(tag)])
                guard let row else {
                    throw SakkError(
                        "ledger.reconcile.unknown", source: source, subject: "number \(index + 1) of the list",
                        text: "No record of these books has this document number.",
                        remedy: "Pull the source again first; if it stays unknown, take the card to the supervisor.")
                }
                return ProductionID(try row.text("production"))
            }
        }
    }

    /// Ends the reconciliation: two people counted the good documents that the books had not seen, and the hoppers.
    /// Held records go back to the queue only when the count is the number of records that were found produced, and when
    /// every place where unused blanks lay was counted: what is not counted is not taken for missing.
    ///
    /// Errors: `ledger.reconcile.count`, `ledger.reconcile.hopper`, `ledger.reconcile.witness`.
    public func finishReconciliation(
        countedGood: Int, hoppers: [HopperCount], by actor: String, witness: String
    ) async throws(SakkError) {
        let source = store.source
        guard !actor.isEmpty, !witness.isEmpty, actor != witness else {
            throw SakkError(
                "ledger.reconcile.witness", source: source, text: "Two different people count after a restore.",
                remedy: "Name the second person.")
        }
        try await write { books in
            try books.requireReconciling()
            _ = try books.epoch(of: .queue)
            let state = try ReconciliationQuery().answer(BooksReader(session: books.session, source: source))
            guard countedGood == state.found else {
                throw SakkError(
                    "ledger.reconcile.count", source: source,
                    text:
                        "\(countedGood) documents were counted that the backup had not seen, and \(state.found) are named.",
                    remedy: "Scan the documents that were counted and name each (--numbers), or count again.")
            }
            let counted = hoppers.map { DoubtedPlace(line: $0.line, cell: $0.cell, stock: $0.stock) }
            let places = try DoubtedPlacesQuery().answer(BooksReader(session: books.session, source: source))
            if let open = places.first(where: { !counted.contains($0) }) {
                throw SakkError(
                    "ledger.reconcile.hopper", source: source, subject: open.cell?.rawValue,
                    text: "Not counted: \(open).",
                    remedy: "Count the blanks there, also when there are none (--hopper CELL=0, --loose 0).")
            }
            guard Set(counted).count == counted.count else {
                throw SakkError(
                    "ledger.reconcile.hopper", source: source, text: "A hopper is counted twice.",
                    remedy: "Give one count for each.")
            }
            let blanks = try books.blanksAfterCount(hoppers, good: countedGood)
            let held = try books.session.rows(
                "SELECT production FROM production WHERE state = 'held' AND reason = 'ledger.restored'", [])
            let records = try held.map { row in
                JournalEntry(
                    "record.state", [try row.text("production")],
                    ["state": .string(RecordState.queued.rawValue), "untouched": .bool(true)])
            }
            let end = JournalEntry(
                "ledger.reconciled", [actor, witness], ["good": .count(countedGood), "released": .count(records.count)])
            try books.append(blanks + records + [end], to: .queue, epoch: 0, actor: actor)
            try books.session.execute("UPDATE meta SET reconciling = 0", [])
        }
    }
}

/// A document that was made after the backup, and the number of the booklet that it is.
public struct FoundBooklet: Sendable, Hashable {
    public let production: ProductionID
    public let number: String
    public init(_ production: ProductionID, number: String) {
        self.production = production
        self.number = number
    }
}

extension Books {
    /// As `markProduced`, for documents whose number is their booklet's: the booklet is named too, because a count of
    /// booklets does not say which of them is good and which number is void.
    ///
    /// Errors: `ledger.reconcile.unknown`, `ledger.reconcile.booklet` when no booklet of these books that is looked for
    /// bears the number.
    public func markProduced(booklets: [FoundBooklet], by actor: String, evidence: String) async throws(SakkError) {
        let source = store.source
        try await write { books in
            try books.requireReconciling()
            _ = try books.epoch(of: .queue)
            var entries: [JournalEntry] = []
            for booklet in booklets {
                let row = try books.session.row(
                    "SELECT blank, account, reason FROM blank WHERE number = ?", [.text(booklet.number)])
                let account = row?.optionalText("account").flatMap(Account.init(rawValue:))
                // the attempt of the backup says it already
                if account == .good { continue }
                guard let row, let account, [.quarantine, .held].contains(account) else {
                    throw SakkError(
                        "ledger.reconcile.booklet", source: source, subject: booklet.number,
                        text: "No booklet with this number lay in a hopper or a machine at the time of the backup.",
                        remedy: "Read the number again; receive the lot first when it came after the backup.")
                }
                entries.append(
                    BooksWriter.moved(
                        try row.text("blank"), from: account, to: .good, reason: BooksWriter.namedGood))
            }
            try books.append(entries, to: .queue, epoch: 0, actor: actor)
        }
        try await markProduced(booklets.map(\.production), by: actor, evidence: evidence)
    }
}

extension BooksWriter {
    fileprivate static let namedGood = "ledger.restored.named"

    fileprivate func requireReconciling() throws {
        guard try session.row("SELECT reconciling FROM meta")?.integer("reconciling") == 1 else {
            throw SakkError(
                "ledger.reconcile.none", source: source, text: "These books need no reconciliation.",
                remedy: "It is asked for after a restore only.")
        }
    }

    /// The card that was in a machine at the backup turned out to be the good one.
    fileprivate func produced(_ production: ProductionID) throws -> [JournalEntry] {
        let row = try session.row(
            """
            SELECT a.attempt, a.blank, b.account FROM attempt a JOIN blank b ON b.blank = a.blank
            WHERE a.production = ? AND a.state = 'unknown' AND a.reason = 'ledger.restored'
            """, [.text(production.rawValue)])
        guard let row else { return [] }
        var entries = [
            JournalEntry(
                "attempt.state", [try row.text("attempt")], ["state": "produced", "reason": "ledger.restored"])
        ]
        if let account = Account(rawValue: try row.text("account")), account != .good {
            entries.append(
                BooksWriter.moved(try row.text("blank"), from: account, to: .good, reason: "ledger.restored"))
        }
        return entries
    }

    /// Hoppers feed the lowest number first: what was counted are the last ones of each; of the rest as many are good
    /// as documents were found, and the others are missing until somebody names their place.
    fileprivate func blanksAfterCount(_ hoppers: [HopperCount], good: Int) throws -> [JournalEntry] {
        var rest: [(blank: String, stock: String, hopper: String?, line: String)] = []
        for row in try session.rows(
            """
            SELECT blank, stock, hopper, line FROM blank
            WHERE account = 'quarantine' AND reason = 'ledger.restored' ORDER BY ordinal, blank
            """, [])
        {
            rest.append(
                (try row.text("blank"), try row.text("stock"), row.optionalText("hopper"), try row.text("line")))
        }
        var entries: [JournalEntry] = []
        for hopper in hoppers {
            let mine = rest.filter {
                $0.hopper == hopper.cell?.rawValue && $0.line == hopper.line.rawValue && $0.stock == hopper.stock
            }
            guard hopper.count <= mine.count else {
                throw SakkError(
                    "ledger.reconcile.hopper", source: source, subject: hopper.cell?.rawValue,
                    text:
                        "More blanks were counted (\(hopper.count)) than were loaded before the backup (\(mine.count)).",
                    remedy: "Blanks loaded after the backup are received and loaded anew; count without them.")
            }
            for blank in mine.suffix(hopper.count) {
                entries.append(BooksWriter.moved(blank.blank, from: .quarantine, to: .line, reason: "counted"))
                rest.removeAll { $0.blank == blank.blank }
            }
        }
        // booklets were named one by one: none of them is taken for good because a count says so
        let named =
            try session.row(
                """
                SELECT COUNT(*) AS n FROM blank WHERE number IS NOT NULL AND account = 'good' AND reason = ?
                """, [.text(BooksWriter.namedGood)])?.count("n") ?? 0
        let numbered = Set(
            try session.rows(
                "SELECT blank FROM blank WHERE number IS NOT NULL AND account = 'quarantine'", []
            ).map { try $0.text("blank") })
        var unnamed = max(0, good - named)
        for blank in rest {
            let isGood = !numbered.contains(blank.blank) && unnamed > 0
            if isGood { unnamed -= 1 }
            entries.append(
                BooksWriter.moved(
                    blank.blank, from: .quarantine, to: isGood ? .good : .missing, reason: "ledger.reconciled"))
        }
        return entries
    }
}
