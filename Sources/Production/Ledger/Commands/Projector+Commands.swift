import Ground

extension Change {
    var commandEntry: JournalEntry? {
        switch self {
        case .command(let command):
            JournalEntry(
                "command.asked", [command.id, command.line.rawValue],
                [
                    "cell": .optional(command.cell?.rawValue), "word": .string(command.word.rawValue),
                    "actor": .string(command.actor), "facts": .object(command.facts),
                ])
        case .answer(let id, let answer):
            JournalEntry(
                "command.answered", [id],
                [
                    "accepted": .bool(answer.isAccepted), "code": .optional(answer.code), "text": .string(answer.text),
                    "remedy": .string(answer.remedy),
                ])
        default: nil
        }
    }
}

extension Projector {
    static let commandKinds: Set<String> = ["command.asked", "command.answered"]

    func command(_ entry: JournalEntry, _ at: Stamp) throws {
        let id = try entry.subject(0)
        guard entry.kind == "command.answered" else {
            try session.later(
                "INSERT INTO command (id, line, cell, word, actor, facts, asked) VALUES (?,?,?,?,?,?,?)",
                [
                    .text(id), .text(try entry.subject(1)), .optional(entry.body["cell"]?.string),
                    .text(try entry.text("word")), .text(try entry.text("actor")),
                    .blob((entry.body["facts"] ?? .object([:])).canonical), .integer(at.wall),
                ])
            return
        }
        try one(
            """
            UPDATE command SET answered = ?, accepted = ?, code = ?, text = ?, remedy = ?
            WHERE id = ? AND answered IS NULL
            """,
            [
                .integer(at.wall), .flag(entry.body["accepted"]?.bool == true), .optional(entry.body["code"]?.string),
                .text(try entry.text("text")), .text(try entry.text("remedy")), .text(id),
            ], else: "The command is answered already or not there.", id)
    }
}

extension Schema {
    static let derivedCommands = [(table: "command", key: "id")]

    static var commands: [String] {
        let words = LineCommand.Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: ",")
        return [
            """
            CREATE TABLE command (
              id TEXT NOT NULL PRIMARY KEY, line TEXT NOT NULL, cell TEXT, word TEXT NOT NULL CHECK (word IN (\(words))),
              actor TEXT NOT NULL, facts BLOB NOT NULL, asked INTEGER NOT NULL, answered INTEGER,
              accepted INTEGER CHECK (accepted IN (0, 1)), code TEXT, text TEXT, remedy TEXT,
              CHECK ((answered IS NULL) = (accepted IS NULL))
            ) STRICT
            """,
            "CREATE INDEX command_waiting ON command (line, id) WHERE answered IS NULL",
        ]
    }
}
