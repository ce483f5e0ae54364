import GRDB
public import Ground
import OpenSSLCrypto

extension SQLiteLedger {
    public func intake(_ records: [IntakeRecord], batch: BatchHeader) async throws(SakkError) -> [IntakeOutcome] {
        try write { books in
            try books.ensure(batch.line)
            let epoch = try books.epoch(of: batch.line) ?? 0
            let known = try Bool.fetchOne(
                books.db, sql: "SELECT EXISTS (SELECT 1 FROM batch WHERE batch = ?)", arguments: [batch.batch.rawValue])
            if known != true {
                try books.db.execute(
                    sql: "INSERT INTO batch VALUES (?,?,?,?,?)",
                    arguments: [
                        batch.batch.rawValue, batch.authority, batch.product, batch.line.rawValue,
                        books.wall.microseconds,
                    ])
                try books.journal(
                    batch.line, epoch: epoch, actor: "intake", kind: "batch.received", subjects: [batch.batch.rawValue],
                    body: ["authority": .string(batch.authority), "product": .string(batch.product)])
            }
            return try records.map { try take($0, batch, epoch, books) }
        }
    }

    private func take(_ record: IntakeRecord, _ batch: BatchHeader, _ epoch: Int64, _ books: BooksWriter) throws
        -> IntakeOutcome
    {
        let digest = Digest.sha256(record.envelope)
        let subject = record.production.rawValue
        let row = try Row.fetchOne(
            books.db, sql: "SELECT digest FROM production WHERE production = ?", arguments: [subject])
        if let row {
            let old: Bytes = row.bytes("digest")
            guard old != digest else { return .known }
            try books.journal(
                batch.line, epoch: epoch, actor: "intake", kind: "record.conflict",
                subjects: [subject, batch.batch.rawValue],
                body: ["known": .string(old.hex), "offered": .string(digest.hex), "request": .string(record.requestID)])
            return .refused(
                SakkError(
                    "record.conflict", source: "batch \(batch.batch)", subject: record.requestID,
                    text: "This request is known with other content; the known one stays.",
                    remedy: "Ask the authority which of the two it approved; a change needs a new issue number."))
        }
        let tag = vault.numberTag(space: record.numberSpace, number: record.documentNumber)
        let taken = try String.fetchOne(
            books.db, sql: "SELECT production FROM number WHERE tag = ?", arguments: [tag.data])
        if let taken {
            try books.journal(
                batch.line, epoch: epoch, actor: "intake", kind: "record.number.used",
                subjects: [subject, taken, batch.batch.rawValue], body: ["request": .string(record.requestID)])
            return .refused(
                SakkError(
                    "record.number.used", source: "batch \(batch.batch)", subject: record.requestID,
                    text: "Its document number belongs to another record (\(taken)).",
                    remedy: "Ask the authority for a new number."))
        }
        try insert(record, digest, tag, batch, epoch, books)
        return .taken
    }

    private func insert(
        _ record: IntakeRecord, _ digest: Bytes, _ tag: Bytes, _ batch: BatchHeader, _ epoch: Int64,
        _ books: BooksWriter
    ) throws {
        let subject = record.production.rawValue
        try books.db.execute(
            sql: """
                INSERT INTO production (production, batch, line, authority, request, product, digest, priority,
                  priority_class, approved, state) VALUES (?,?,?,?,?,?,?,?,?,?,'queued')
                """,
            arguments: [
                subject, batch.batch.rawValue, batch.line.rawValue, record.authority, record.requestID, record.product,
                digest.data, record.priority, record.priorityClass, record.approvedAt.microseconds,
            ])
        try books.db.execute(sql: "INSERT INTO number VALUES (?,?)", arguments: [tag.data, subject])
        let sealed = try vault.seal(record.envelope, for: record.production)
        try books.db.execute(
            sql: "INSERT INTO data_key VALUES (?,?,?)",
            arguments: [subject, sealed.keyNonce.data, sealed.wrappedKey.data])
        try books.db.execute(
            sql: "INSERT INTO payload VALUES (?,?,?,?)",
            arguments: [subject, sealed.nonce.data, sealed.ciphertext.data, sealed.commitment.data])
        try books.journal(
            batch.line, epoch: epoch, actor: "intake", kind: "record.taken",
            subjects: [subject, batch.batch.rawValue],
            body: [
                "approved": .integer(record.approvedAt.microseconds), "authority": .string(record.authority),
                "commitment": .string(sealed.commitment.hex), "digest": .string(digest.hex),
                "priority": .integer(Int64(record.priority)), "priority_class": .string(record.priorityClass),
                "product": .string(record.product), "request": .string(record.requestID),
            ])
    }

    public func load(count: Int, stock: String, lot: String, line: LineID, by actor: String) async throws(SakkError)
        -> [BlankID]
    {
        try write { books in
            try books.ensure(line)
            let epoch = try books.epoch(of: line) ?? 0
            let last = try Int.fetchOne(
                books.db, sql: "SELECT MAX(ordinal) FROM blank WHERE stock = ?", arguments: [stock])
            let ordinals = ((last ?? 0) + 1)..<((last ?? 0) + 1 + max(count, 0))
            return try ordinals.map { ordinal in
                let digits = String(ordinal)
                let padding = String(repeating: "0", count: max(0, 7 - digits.count))
                let blank = BlankID(stock: stock, serial: padding + digits)
                try books.register(blank, stock: stock, lot: lot, ordinal: ordinal, line, epoch, actor)
                return blank
            }
        }
    }

    public func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        let source = SQLiteLedger.source(path)
        let sealed = try read { db -> RecordVault.Sealed in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT p.nonce, p.sealed, p.commitment, k.nonce AS key_nonce, k.wrapped FROM payload p
                    JOIN data_key k USING (production) WHERE production = ?
                    """, arguments: [production.rawValue])
            guard let row else {
                throw SakkError(
                    "ledger.payload.gone", source: source, subject: production.rawValue,
                    text: "The record's content is not here or was forgotten.",
                    remedy: "Ask the authority to send the record again.")
            }
            return RecordVault.Sealed(
                keyNonce: row.bytes("key_nonce"), wrappedKey: row.bytes("wrapped"), nonce: row.bytes("nonce"),
                ciphertext: row.bytes("sealed"), commitment: row.bytes("commitment"))
        }
        return try LedgerFailure.mapping(source: source, outcome: .notDone) {
            try vault.open(sealed, for: production)
        }
    }
}

extension BooksWriter {
    func register(
        _ blank: BlankID, stock: String, lot: String, ordinal: Int, _ line: LineID, _ epoch: Int64, _ actor: String
    ) throws {
        try db.execute(
            sql: "INSERT INTO blank (blank, stock, lot, ordinal, line, account, reason) VALUES (?,?,?,?,?,'vault',?)",
            arguments: [blank.rawValue, stock, lot, ordinal, line.rawValue, "received"])
        let seq = try journal(
            line, epoch: epoch, actor: actor, kind: "blank.registered", subjects: [blank.rawValue],
            body: ["lot": .string(lot), "ordinal": .integer(Int64(ordinal)), "stock": .string(stock)])
        try db.execute(
            sql: "INSERT INTO movement (blank, to_account, reason, log, seq, wall) VALUES (?, 'vault', ?, ?, ?, ?)",
            arguments: [blank.rawValue, "received", line.rawValue, seq, wall.microseconds])
        try move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil, line, epoch, actor)
    }

    func move(
        _ blank: BlankID, from: Account, to: Account, reason: String, attempt: String?, _ line: LineID, _ epoch: Int64,
        _ actor: String
    ) throws {
        try one(
            """
            UPDATE blank SET account = ?, reason = ?, attempt = COALESCE(?, attempt), line = ?
            WHERE blank = ? AND account = ?
            """,
            [to.rawValue, reason, attempt, line.rawValue, blank.rawValue, from.rawValue],
            else: "The blank is not in account \(from.rawValue).", blank.rawValue)
        var body: [String: JSONValue] = [
            "from": .string(from.rawValue), "to": .string(to.rawValue), "reason": .string(reason),
        ]
        body["attempt"] = attempt.map(JSONValue.string)
        let seq = try journal(
            line, epoch: epoch, actor: actor, kind: "blank.moved", subjects: [blank.rawValue], body: body)
        try db.execute(
            sql: """
                INSERT INTO movement (blank, from_account, to_account, reason, attempt, log, seq, wall)
                VALUES (?,?,?,?,?,?,?,?)
                """,
            arguments: [
                blank.rawValue, from.rawValue, to.rawValue, reason, attempt, line.rawValue, seq, wall.microseconds,
            ])
    }
}
