public import Ground
import Stations

/// What came of a scan: what is to be written, or why not. Both only when a wrong code was said.
public struct ShippingVerdict: Sendable {
    public let changes: [ShippingChange]
    public let refusal: SakkError?

    public init(_ changes: [ShippingChange], refusal: SakkError? = nil) {
        self.changes = changes
        self.refusal = refusal
    }
}

/// What was scanned for what, for the row of a refusal: ids and numbers of the plant's own labels, nothing else.
public struct ScanNote: Sendable, Hashable {
    /// For example `put`.
    public let act: String
    public let items: [String]
    public init(act: String, items: [String]) {
        self.act = act
        self.items = items
    }
}

extension Books {
    /// One act of logistics, in one transaction: `judge` sees the books as they are and nobody else ships meanwhile, so
    /// that of two tables with the same item one is refused.
    ///
    /// A refusal, whether `judge` says it or the store, is a row of the journal (`scan.refused`) and is thrown; nothing
    /// else is then changed.
    public func ship<Value: Sendable>(
        _ note: ScanNote, by person: String,
        judge: @escaping @Sendable (BooksReader) throws -> (verdict: ShippingVerdict, value: Value)
    ) async throws(SakkError) -> Value {
        let source = store.source
        let answer: Result<Value, SakkError>
        do throws(SakkError) {
            answer = try await shipping { books -> Result<Value, SakkError> in
                let (verdict, value) = try judge(BooksReader(session: books.session, source: source))
                for change in verdict.changes { try books.ship(change, by: person) }
                guard let refusal = verdict.refusal else { return .success(value) }
                guard !verdict.changes.isEmpty else { throw refusal }
                try books.refused(note, refusal, by: person)
                return .failure(refusal)
            }
        } catch {
            guard let refusal = refusal(error) else { throw error }
            try await refused(note, refusal, by: person)
            throw refusal
        }
        return try answer.get()
    }

    /// Puts a refusal down, which uses up no approval: also one that was met before the store was asked (a torn label, a
    /// source that says no).
    public func refused(_ note: ScanNote, _ error: SakkError, by person: String) async throws(SakkError) {
        try await withoutApproval(error.code).shipping { books in try books.refused(note, error, by: person) }
    }

    private func withoutApproval(_ refusal: SakkError.Code) -> Books {
        guard let act = acting?.act else { return self }
        return acting(
            PersonAct(person: act.person, act: act.act, item: act.item, station: act.station, refusal: refusal))
    }

    /// What a person at the table got wrong is no disagreement of books and machine.
    private func refusal(_ error: SakkError) -> SakkError? {
        if error.code.rawValue.hasPrefix("shipping.") { return error }
        guard error.code == "ledger.rule" else { return nil }
        let isTaken = error.text.contains("constraint") || error.text.contains("unique")
        return SakkError(
            "shipping.refused", source: store.source, subject: error.subject,
            text: isTaken ? "It is in the books already, or belongs elsewhere." : error.text,
            remedy: "Nothing is changed. See where it is (sakk dispatch status).")
    }

    /// After a restore: the last number of a range that was printed, found and said by two people.
    public func confirmNumbers(range: String, last: Int, _ people: TwoPeople, by person: String)
        async throws(SakkError)
    {
        _ = try await shipping { books in
            try books.append(
                [
                    JournalEntry(
                        "numbers.confirmed", [range],
                        StockChange.people(people).merging(["last": .count(last)]) { $1 })
                ], to: .shipping, epoch: 0, actor: person)
        }
    }

    /// Keyed with the vault's own key: six digits have too few values for a plain hash.
    public func handoverTag(_ message: Bytes) throws(SakkError) -> Bytes {
        try vault.keys.tag(BigEndian.bytes(UInt32(13)) + Bytes("sakk.handover".utf8) + message)
    }

    private func shipping<Value: Sendable>(_ body: @escaping @Sendable (BooksWriter) throws -> Value)
        async throws(SakkError) -> Value
    {
        try await write { books in
            try books.ensure(.shipping)
            _ = try books.epoch(of: .shipping)
            return try body(books)
        }
    }
}

extension BooksWriter {
    func refused(_ note: ScanNote, _ error: SakkError, by person: String) throws {
        // a mark that no blank of the plant bears may be anything, and is not kept
        let items = try note.items.map { item in
            let isMark = item.contains(":")
            let known = try isMark ? session.row("SELECT 1 FROM blank WHERE blank = ?", [.text(item)]) : nil
            return isMark && known == nil ? "?" : item
        }
        try append(
            [
                JournalEntry(
                    "scan.refused", items,
                    ["act": .string(note.act), "code": .string(error.code.rawValue), "actor": .string(person)])
            ], to: .shipping, epoch: 0, actor: person)
    }

    /// The change's own row, and a movement for each blank that goes with it.
    func ship(_ change: ShippingChange, by person: String) throws {
        var entries = [change.entry]
        switch change {
        case .dispatched(let consignment, _, _):
            for row in try session.rows(
                """
                SELECT p.blank FROM parcel p JOIN container box ON box.number = p.container
                JOIN container bag ON bag.number = box.inside WHERE bag.inside = ? ORDER BY p.blank
                """, [.text(consignment)])
            {
                entries.append(
                    BooksWriter.moved(try row.text("blank"), from: .good, to: .dispatched, reason: "dispatched"))
            }
        case .cameBack(let production, let reason, let who, let place):
            // what never left goes into the hands of a person of the plant
            entries += try movement(production) { blank, account in
                account == .dispatched
                    ? [BooksWriter.moved(blank, from: .dispatched, to: .returned, reason: "came.back")]
                    : try held(blank, account, "came.back", because: reason, who, place)
            }
        case .setAside(let production, let who, let place):
            entries += try movement(production) { blank, account in
                account == .returned ? [] : try held(blank, account, "set.aside", because: nil, who, place)
            }
        case .lost(let production, _, _):
            entries += try movement(production) { blank, account in
                [BooksWriter.moved(blank, from: account, to: .missing, reason: "lost")]
            }
        case .turnedUp(let production, _, _):
            entries += try movement(production) { blank, account in
                [BooksWriter.moved(blank, from: account, to: .returned, reason: "turned.up")]
            }
        case .rerouted(let production, _, _):
            entries += try movement(production) { blank, account in
                account == .good ? [] : [BooksWriter.moved(blank, from: account, to: .good, reason: "rerouted")]
            }
        case .codeSent(let production, let salt, let tag, _):
            try append(entries, to: .shipping, epoch: 0, actor: person)
            entries = []
            try session.execute(
                """
                INSERT INTO handover_code (production, salt, tag) VALUES (?,?,?)
                ON CONFLICT (production) DO UPDATE SET salt = excluded.salt, tag = excluded.tag
                """, [.text(production.rawValue), .blob(salt), .blob(tag)])
        case .delivered(let production, _, _):
            try session.execute("DELETE FROM handover_code WHERE production = ?", [.text(production.rawValue)])
        default: break
        }
        try append(entries, to: .shipping, epoch: 0, actor: person)
    }

    private func movement(
        _ production: ProductionID, _ body: (String, Account) throws -> [JournalEntry]
    ) throws -> [JournalEntry] {
        let row = try session.row(
            "SELECT b.blank, b.account FROM parcel p JOIN blank b ON b.blank = p.blank WHERE p.production = ?",
            [.text(production.rawValue)])
        guard let row, let account = Account(rawValue: try row.text("account")) else { return [] }
        return try body(try row.text("blank"), account)
    }

    /// Into the held account with a custodian; one that is held already (recall) only changes hands.
    private func held(
        _ blank: String, _ account: Account, _ why: String, because: String?, _ person: String, _ place: String
    ) throws -> [JournalEntry] {
        guard account != .held else { return [StockChange.custody(BlankID(blank), person: person, place: place).entry] }
        var entry = BooksWriter.moved(blank, from: account, to: .held, reason: why)
        entry.body["person"] = .string(person)
        entry.body["place"] = .string(place)
        return [entry]
    }
}
