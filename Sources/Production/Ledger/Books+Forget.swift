public import Ground
public import Stations

extension Books {
    /// Forgets people: the record's key and payload are deleted, what the journal says of the document stays. Backups
    /// still hold the wrapped key until the week's key is destroyed (`forget(week:)`).
    ///
    /// Errors: `ledger.forget.live` names a record that is not final: nothing is then forgotten.
    public func forget(_ productions: [ProductionID], by actor: String, witness: String) async throws(SakkError) {
        let source = store.source
        try Books.twoPeople(actor, witness, source)
        try await write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            var entries: [JournalEntry] = []
            for production in productions {
                let name = SQLValue.text(production.rawValue)
                let state = try books.session.row("SELECT state FROM production WHERE production = ?", [name])?
                    .optionalText("state")
                guard let state, [RecordState.produced.rawValue, RecordState.withdrawn.rawValue].contains(state) else {
                    throw SakkError(
                        "ledger.forget.live", source: source, subject: production.rawValue,
                        text: "The record is \(state ?? "not in the books"); only final records are forgotten.",
                        remedy: "Wait until the document is made or withdrawn.")
                }
                let deleted = try books.session.execute("DELETE FROM data_key WHERE production = ?", [name])
                try books.session.execute("DELETE FROM payload WHERE production = ?", [name])
                if deleted > 0 {
                    entries.append(JournalEntry("record.forgotten", [production.rawValue, actor, witness]))
                }
            }
            try books.append(entries, to: .queue, epoch: 0, actor: actor)
        }
        try await store.scrub()
    }

    /// Destroys the key of an approval week: nobody reads its records again, not from any backup either.
    /// `ledger.forget.live` while a record of that week is not final.
    public func forget(week: ApprovalWeek, by actor: String, witness: String) async throws(SakkError) {
        let source = store.source
        try Books.twoPeople(actor, witness, source)
        let productions = try await store.read { session in
            try session.rows("SELECT production FROM data_key WHERE week = ?", [.text(week.rawValue)])
                .map { ProductionID(try $0.text("production")) }
        }
        try await forget(productions, by: actor, witness: witness)
        try vault.keys.destroy(week)
        try await commit(
            Transition(
                plant: .queue, actor: actor,
                changes: [.note(kind: "week.destroyed", subjects: [week.rawValue, actor, witness], facts: [:])]))
    }

    private static func twoPeople(_ actor: String, _ witness: String, _ source: String) throws(SakkError) {
        guard !actor.isEmpty, !witness.isEmpty, actor != witness else {
            throw SakkError(
                "ledger.forget.witness", source: source, text: "Two different people order that records are forgotten.",
                remedy: "Name the second person.")
        }
    }
}

/// Final records that were approved before a day: whom the maker need not remember.
public struct FinalRecordsQuery: LedgerQuery {
    public let approvedBefore: WallTime
    public init(approvedBefore: WallTime) { self.approvedBefore = approvedBefore }
    public func answer(_ books: BooksReader) throws -> [ProductionID] {
        try books.rows(
            """
            SELECT p.production FROM production p JOIN data_key k ON k.production = p.production
            WHERE p.state IN ('produced', 'withdrawn') AND p.approved < ? ORDER BY p.production
            """, [.integer(approvedBefore.microseconds)]
        ).map { ProductionID(try $0.text("production")) }
    }
}
