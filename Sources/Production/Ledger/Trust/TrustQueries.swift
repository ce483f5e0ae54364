public import Ground

/// What the books say of the trust in a cell's inspection.
public struct CellTrust: Sendable, Hashable {
    /// Nil before the first challenge.
    public let state: TrustState?
    /// Documents that this cell made since nothing was in question, oldest first.
    public let since: [AttemptID]
    /// The open shift and the ribbon that is mounted, as they are now.
    public let shift: String?
    public let ribbon: String?
}

public struct CellTrustQuery: LedgerQuery {
    public let line: LineID
    public let cell: CellID
    public init(line: LineID, cell: CellID) {
        self.line = line
        self.cell = cell
    }

    public func answer(_ books: BooksReader) throws -> CellTrust {
        let place: [SQLValue] = [.text(line.rawValue), .text(cell.rawValue)]
        let row = try books.row("SELECT facts, since_seq FROM challenge WHERE line = ? AND cell = ?", place)
        let state = try row.map { try TrustState(JSONValue(parsing: try $0.blob("facts")).object ?? [:]) }
        let made = try row.map { row in
            try books.rows(
                """
                SELECT m.attempt FROM movement m JOIN attempt a ON a.attempt = m.attempt
                WHERE m.log = ? AND m.seq > ? AND m.from_account = 'cell' AND m.to_account = 'good' AND a.cell = ?
                ORDER BY m.seq
                """, [place[0], .integer(try row.integer("since_seq")), place[1]]
            ).map { AttemptID(try $0.text("attempt")) }
        }
        let shift = try books.row("SELECT shift FROM shift WHERE line = ? AND closed IS NULL", [place[0]])
        let ribbon = try books.row(
            """
            SELECT consumable FROM mounting WHERE line = ? AND cell = ? AND ended IS NULL
            ORDER BY since DESC, consumable LIMIT 1
            """, place)
        return CellTrust(
            state: state, since: made ?? [], shift: shift?.optionalText("shift"),
            ribbon: ribbon?.optionalText("consumable"))
    }
}

/// A document that passed while the inspection could not be trusted.
public struct DoubtedDocument: Sendable, Hashable {
    public let attempt: AttemptID
    public let production: ProductionID
    public let blank: BlankID?
    /// Where its card is now.
    public let account: Account?
    public let cell: CellID
    public let reason: String
    public let at: WallTime
}

/// All of a line, oldest first; also those that have left the plant.
public struct DoubtedDocumentsQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> [DoubtedDocument] {
        try books.rows(
            """
            SELECT d.attempt, d.cell, d.reason, d.wall, a.production, a.blank, b.account FROM challenge_doubt d
            JOIN attempt a ON a.attempt = d.attempt LEFT JOIN blank b ON b.blank = a.blank
            WHERE d.line = ? ORDER BY d.wall, d.attempt
            """, [.text(line.rawValue)]
        ).map { row in
            DoubtedDocument(
                attempt: AttemptID(try row.text("attempt")), production: ProductionID(try row.text("production")),
                blank: row.optionalText("blank").map { BlankID($0) },
                account: row.optionalText("account").flatMap(Account.init(rawValue:)),
                cell: CellID(try row.text("cell")), reason: try row.text("reason"),
                at: WallTime(microseconds: try row.integer("wall")))
        }
    }
}
