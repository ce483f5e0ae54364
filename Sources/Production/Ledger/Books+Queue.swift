public import Ground
import OpenSSLCrypto
import Stations

extension Books {
    public func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor? = nil)
        async throws(SakkError) -> [IntakeOutcome]
    {
        // sealed before the transaction: a token is slower than a disk, and nobody waits for it with a lock in hand
        var sealed: [Sealing] = []
        for record in records {
            sealed.append(
                Sealing(
                    record: record, digest: Digest.sha256(record.envelope),
                    tag: try record.documentNumber.map { number throws(SakkError) in
                        try vault.numberTag(space: record.numberSpace, number: number)
                    },
                    payload: try vault.seal(
                        record.envelope, for: record.production, approvedAt: record.approvedAt)))
        }
        let sealings = sealed
        return try await write { books in
            try books.ensure(.queue)
            _ = try books.epoch(of: .queue)
            let known = try books.session.row(
                "SELECT batch FROM batch WHERE batch = ?", [.text(batch.batch.rawValue)])
            // a page of which nothing is good moves the cursor and makes no batch
            if known == nil, !sealings.isEmpty {
                try books.note(
                    JournalEntry(
                        "batch.received", [batch.batch.rawValue],
                        ["authority": .string(batch.authority), "product": .string(batch.product)]))
            }
            let outcomes = try sealings.map { try books.take($0, batch) }
            if let cursor {
                try books.note(JournalEntry("source.cursor", [cursor.source], ["cursor": .string(cursor.value)]))
            }
            return outcomes
        }
    }

    public func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        let row = try await store.read { session in
            try session.row(
                """
                SELECT p.nonce, p.sealed, p.commitment, k.week, k.wrapped FROM payload p
                JOIN data_key k ON k.production = p.production WHERE p.production = ?
                """, [.text(production.rawValue)])
        }
        let source = store.source
        let sealed = try LedgerFailure.mapping(source: source) { () -> RecordVault.Sealed in
            guard let row, let week = ApprovalWeek(rawValue: try row.text("week")) else {
                throw SakkError(
                    "ledger.payload.gone", source: source, subject: production.rawValue,
                    text: "The record's content is not here or was forgotten.",
                    remedy: "Ask the authority to send the record again.")
            }
            return RecordVault.Sealed(
                week: week, wrappedKey: try row.blob("wrapped"), nonce: try row.blob("nonce"),
                ciphertext: try row.blob("sealed"), commitment: try row.blob("commitment"))
        }
        return try vault.open(sealed, for: production)
    }
}

/// A record with everything that is made outside the transaction.
struct Sealing: Sendable {
    let record: IntakeRecord
    let digest: Bytes
    let tag: Bytes?
    let payload: RecordVault.Sealed
}

extension BooksWriter {
    /// A row of the queue's log.
    func note(_ entry: JournalEntry) throws {
        try append([entry], to: .queue, epoch: 0, actor: "intake")
    }

    func take(_ sealing: Sealing, _ batch: BatchHeader) throws -> IntakeOutcome {
        let record = sealing.record
        let subject = record.production.rawValue
        if let row = try session.row("SELECT digest FROM production WHERE production = ?", [.text(subject)]) {
            let old = try row.blob("digest")
            guard old != sealing.digest else { return .known }
            try note(
                JournalEntry(
                    "record.conflict", [subject, batch.batch.rawValue],
                    [
                        "known": .string(old.hex), "offered": .string(sealing.digest.hex),
                        "request": .string(record.requestID),
                    ]))
            return .refused(
                SakkError(
                    "record.conflict", source: "batch \(batch.batch)", subject: record.requestID,
                    text: "This request is known with other content; the known one stays.",
                    remedy: "Ask the authority which of the two it approved; a change needs a new issue number."))
        }
        if let tag = sealing.tag,
            let taken = try session.row("SELECT production FROM number WHERE tag = ?", [.blob(tag)])
        {
            let owner = try taken.text("production")
            try note(
                JournalEntry(
                    "record.number.used", [subject, owner, batch.batch.rawValue],
                    ["request": .string(record.requestID)]))
            return .refused(
                SakkError(
                    "record.number.used", source: "batch \(batch.batch)", subject: record.requestID,
                    text: "Its document number belongs to another record (\(owner)).",
                    remedy: "Ask the authority for a new number."))
        }
        try insert(sealing, batch)
        return .taken
    }

    private func insert(_ sealing: Sealing, _ batch: BatchHeader) throws {
        let record = sealing.record
        let subject = record.production.rawValue
        // after a restore nothing is made until it is known what was made in the time that is missing
        let reconciling = try session.row("SELECT reconciling FROM meta")?.integer("reconciling") == 1
        try note(
            JournalEntry(
                "record.taken", [subject, batch.batch.rawValue],
                [
                    "approved": .integer(record.approvedAt.microseconds), "authority": .string(record.authority),
                    "class": .string(record.priorityClass), "commitment": .string(sealing.payload.commitment.hex),
                    "digest": .string(sealing.digest.hex),
                    "due": .integer(record.approvedAt.microseconds - record.headStart),
                    "governorate": .optional(record.governorate), "number_tag": .optional(sealing.tag?.hex),
                    "office": .optional(record.office), "product": .string(record.product),
                    "request": .string(record.requestID), "stock": .string(record.stock),
                    "state": reconciling ? .string(RecordState.held.rawValue) : .null,
                    "reason": reconciling ? "ledger.restored" : .null,
                    "week": .string(sealing.payload.week.description),
                ]))
        let payload = sealing.payload
        try session.execute(
            "INSERT INTO data_key (production, week, wrapped) VALUES (?,?,?)",
            [.text(subject), .text(payload.week.description), .blob(payload.wrappedKey)])
        try session.execute(
            "INSERT INTO payload (production, nonce, sealed, commitment) VALUES (?,?,?,?)",
            [.text(subject), .blob(payload.nonce), .blob(payload.ciphertext), .blob(payload.commitment)])
    }
}
