public import Ground
public import Ledger

/// Where each record of a batch stands, as its authority may know it; nil when there is no such batch.
public struct BatchStatusQuery: LedgerQuery {
    public let batch: BatchID
    public let asOf: WallTime

    public init(_ batch: BatchID, asOf: WallTime) {
        self.batch = batch
        self.asOf = asOf
    }

    public func answer(_ books: BooksReader) throws -> BatchStatus? {
        let name = SQLValue.text(batch.rawValue)
        guard let row = try books.row("SELECT authority FROM batch WHERE batch = ?", [name]),
            let tick = try books.row("SELECT MAX(tick) AS tick FROM journal")?.integer("tick")
        else { return nil }
        let productions = try books.rows(
            """
            SELECT p.production, p.state, p.reason,
              (SELECT COUNT(*) FROM attempt a WHERE a.production = p.production AND a.state <> 'dropped') AS attempts,
              (SELECT q.state FROM parcel q WHERE q.production = p.production) AS delivery,
              (SELECT n.notice FROM parcel_notice n JOIN journal j ON j.log = n.log AND j.seq = n.seq
                WHERE n.production = p.production ORDER BY j.tick DESC LIMIT 1) AS notice,
              (SELECT COUNT(*) FROM attempt a JOIN blank b ON b.blank = a.blank WHERE a.production = p.production
                AND a.state = 'produced' AND b.account = 'held' AND b.reason = 'recall') AS recalled
            FROM production p WHERE p.batch = ? ORDER BY p.production
            """, [name]
        ).map { row in
            BatchStatus.Production(
                production: ProductionID(try row.text("production")), state: try row.text("state"),
                reason: row.optionalText("reason"), attempts: try row.count("attempts"),
                delivery: row.optionalText("delivery"),
                document: try row.count("recalled") > 0 ? "recalled" : row.optionalText("notice"))
        }
        return BatchStatus(
            batch: batch, authority: try row.text("authority"), number: tick, asOf: asOf, productions: productions)
    }
}

/// The batches that the books know, in the order in which they came.
public struct BatchesQuery: LedgerQuery {
    public init() {}
    public func answer(_ books: BooksReader) throws -> [BatchID] {
        try books.rows("SELECT batch FROM batch ORDER BY received, batch").map { BatchID(try $0.text("batch")) }
    }
}

/// A booklet whose engraved number is on no good document and never will be.
public struct VoidBooklet: Sendable, Hashable {
    public let blank: BlankID
    public let stock: String
    public let number: String
    public let attempt: AttemptID?
    public let authority: String?
    public let reason: String
    public let voidedAt: WallTime
}

/// The void booklets, in the order in which they became so.
public struct VoidBookletsQuery: LedgerQuery {
    public init() {}

    public func answer(_ books: BooksReader) throws -> [VoidBooklet] {
        try books.rows(
            """
            SELECT v.blank, v.number, v.attempt, v.reason, v.wall, b.stock, p.authority FROM void_number v
            JOIN blank b ON b.blank = v.blank JOIN journal j ON j.log = v.log AND j.seq = v.seq
            LEFT JOIN attempt a ON a.attempt = v.attempt LEFT JOIN production p ON p.production = a.production
            ORDER BY j.tick, v.number
            """
        ).map { row in
            VoidBooklet(
                blank: BlankID(try row.text("blank")), stock: try row.text("stock"), number: try row.text("number"),
                attempt: row.optionalText("attempt").map { AttemptID($0) }, authority: row.optionalText("authority"),
                reason: try row.text("reason"), voidedAt: WallTime(microseconds: try row.integer("wall")))
        }
    }
}

/// Attempts whose number is on no good document and never will be: a blank was bound, so that a chip or a print may carry
/// the number, and then their record was withdrawn, or its card spoiled where a remake needs a new number.
///
/// A record whose remake keeps its number voids nothing while it is still to be made. Numbers of booklets are told by
/// `VoidBookletsQuery`.
public struct VoidAttemptsQuery: LedgerQuery {
    public struct VoidAttempt: Sendable, Hashable {
        public let attempt: AttemptID
        public let production: ProductionID
        public let authority: String
        public let reason: String
        public let voidedAt: WallTime
    }

    public init() {}

    public func answer(_ books: BooksReader) throws -> [VoidAttempt] {
        // the last attempt stands for the number: one entry, however many blanks it reached
        try books.rows(
            """
            SELECT a.attempt, a.production, p.authority, p.reason, p.since FROM production p
            JOIN attempt a ON a.production = p.production
            WHERE (p.state = 'withdrawn' OR p.state = 'held' AND p.reason = '\(Books.numberIsVoid)') AND a.number = (SELECT MAX(b.number) FROM attempt b
              WHERE b.production = p.production AND b.blank IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM blank k WHERE k.blank = a.blank AND k.number IS NOT NULL)
            ORDER BY p.since, a.attempt
            """
        ).map { row in
            VoidAttempt(
                attempt: AttemptID(try row.text("attempt")), production: ProductionID(try row.text("production")),
                authority: try row.text("authority"), reason: row.optionalText("reason") ?? "withdrawn",
                voidedAt: WallTime(microseconds: try row.integer("since")))
        }
    }
}
