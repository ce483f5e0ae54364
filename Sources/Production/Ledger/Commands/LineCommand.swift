public import Ground

/// What a person at another terminal asks of the controller that holds a line: PackML's commands, and what a desk needs.
///
/// It is a row that the holder of the lease takes up and answers; nobody else acts on the line.
public struct LineCommand: Sendable, Hashable {
    public enum Word: String, Sendable, Hashable, CaseIterable {
        // PackML (ISA-TR88.00.02)
        case start, hold, unhold, stop, abort, clear, reset
        /// Sets the unit mode.
        case mode
        /// The cell was emptied for another product or batch.
        case clearance
        /// A card that was found lies on the desk reader.
        case settle
    }

    /// UUIDv7.
    public let id: String
    public let line: LineID
    /// Nil: every cell of the line.
    public let cell: CellID?
    public let word: Word
    /// The person who is answerable.
    public let actor: String
    /// Why, in that person's words, and what the word needs; never personal data of a holder.
    public let facts: [String: JSONValue]

    public init(
        id: String, line: LineID, cell: CellID?, word: Word, actor: String, facts: [String: JSONValue] = [:]
    ) {
        self.id = id
        self.line = line
        self.cell = cell
        self.word = word
        self.actor = actor
        self.facts = facts
    }

    public static func == (left: LineCommand, right: LineCommand) -> Bool { left.id == right.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// What became of a command.
public struct CommandAnswer: Sendable, Hashable {
    public let isAccepted: Bool
    /// Why not.
    public let code: String?
    public let text: String
    public let remedy: String

    public init(isAccepted: Bool, code: String? = nil, text: String, remedy: String = "") {
        self.isAccepted = isAccepted
        self.code = code
        self.text = text
        self.remedy = remedy
    }

    public static func refused(_ error: SakkError) -> CommandAnswer {
        CommandAnswer(isAccepted: false, code: error.code.rawValue, text: error.text, remedy: error.remedy)
    }
}

/// Commands of a line that nobody has answered, oldest first.
public struct WaitingCommandsQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> [LineCommand] {
        try books.rows("SELECT * FROM command WHERE line = ? AND answered IS NULL ORDER BY id", [.text(line.rawValue)])
            .compactMap { row in
                guard let word = LineCommand.Word(rawValue: try row.text("word")) else { return nil }
                return LineCommand(
                    id: try row.text("id"), line: line, cell: row.optionalText("cell").map { CellID($0) }, word: word,
                    actor: try row.text("actor"), facts: try JSONValue(parsing: try row.blob("facts")).object ?? [:])
            }
    }
}

/// The answer to a command; nil while it waits.
public struct CommandAnswerQuery: LedgerQuery {
    public let id: String
    public init(id: String) { self.id = id }

    public func answer(_ books: BooksReader) throws -> CommandAnswer? {
        let row = try books.row("SELECT * FROM command WHERE id = ? AND answered IS NOT NULL", [.text(id)])
        return try row.map { row in
            CommandAnswer(
                isAccepted: try row.integer("accepted") == 1, code: row.optionalText("code"),
                text: try row.text("text"), remedy: try row.text("remedy"))
        }
    }
}

/// Whether the queue holds a record that a cell of this product and stock could take.
public struct QueueHasWorkQuery: LedgerQuery {
    public let product: String
    public let stock: String

    public init(product: String, stock: String) {
        self.product = product
        self.stock = stock
    }

    public func answer(_ books: BooksReader) throws -> Bool {
        // class by class, as the queue's index goes
        try books.rows("SELECT class FROM queue_class WHERE product = ? AND stock = ?", [.text(product), .text(stock)])
            .contains { row in
                try books.row(
                    """
                    SELECT 1 FROM production WHERE state = 'queued' AND product = ? AND stock = ? AND class = ? LIMIT 1
                    """, [.text(product), .text(stock), .text(try row.text("class"))]) != nil
            }
    }
}
