import Ground

extension Schema {
    static let trustDerived: [(table: String, key: String)] = [
        ("challenge", "line, cell"), ("challenge_doubt", "attempt"),
    ]

    static var trust: [String] {
        let words = TrustState.Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: ",")
        return [
            """
            CREATE TABLE challenge (
              line TEXT NOT NULL, cell TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN (\(words))),
              facts BLOB NOT NULL, since_seq INTEGER NOT NULL, wall INTEGER NOT NULL, PRIMARY KEY (line, cell)
            ) STRICT
            """,
            // a document is put aside once
            """
            CREATE TABLE challenge_doubt (
              attempt TEXT NOT NULL PRIMARY KEY REFERENCES attempt, line TEXT NOT NULL, cell TEXT NOT NULL,
              reason TEXT NOT NULL, wall INTEGER NOT NULL
            ) STRICT
            """,
        ]
    }
}

extension Projector {
    func trust(_ entry: JournalEntry, _ at: Stamp) throws {
        let cell = try entry.subject(0)
        guard entry.kind == "challenge.state" else {
            for attempt in entry.subjects.dropFirst() {
                try session.later(
                    "INSERT INTO challenge_doubt (attempt, line, cell, reason, wall) VALUES (?,?,?,?,?)",
                    [
                        .text(attempt), .text(at.log), .text(cell), .text(try entry.text("reason")), .integer(at.wall),
                    ])
            }
            return
        }
        let resets = entry.body["resets"] == .bool(true)
        try session.later(
            """
            INSERT INTO challenge (line, cell, state, facts, since_seq, wall) VALUES (?,?,?,?,?,?)
            ON CONFLICT (line, cell) DO UPDATE SET state = excluded.state, facts = excluded.facts,
              since_seq = \(resets ? "excluded.since_seq" : "challenge.since_seq"), wall = excluded.wall
            """,
            [
                .text(at.log), .text(cell), .text(try entry.text("state")),
                .blob(JSONValue.object(entry.body).canonical), .integer(at.seq), .integer(at.wall),
            ])
    }
}
