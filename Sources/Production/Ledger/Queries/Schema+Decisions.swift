extension Schema {
    static let decisionsDerived: [(table: String, key: String)] = [
        ("priority_bump", "log, seq"), ("document_remake", "blank"), ("card_in_hand", "attempt"),
    ]

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    /// What two people decide about one record, and which inspector has which card before him.
    static var decisions: [String] {
        [
            // before its turn, never behind it
            """
            CREATE TABLE priority_bump (
              log TEXT NOT NULL, seq INTEGER NOT NULL, production TEXT NOT NULL REFERENCES production,
              from_class TEXT NOT NULL, to_class TEXT NOT NULL, from_due INTEGER NOT NULL, due INTEGER NOT NULL,
              reason TEXT NOT NULL CHECK (length(reason) > 0), first TEXT NOT NULL, second TEXT NOT NULL,
              wall INTEGER NOT NULL, PRIMARY KEY (log, seq), CHECK (from_class <> to_class), CHECK (due < from_due),
              CHECK (first <> second)
            ) STRICT
            """,
            "CREATE INDEX priority_bump_production ON priority_bump (production, seq)",
            // A document is made again once, and only when nobody can be given the old one any more. The old number is
            // void (the booklet's own, or with the record's other request), or its chip is destroyed.
            """
            CREATE TABLE document_remake (
              blank TEXT NOT NULL PRIMARY KEY REFERENCES blank, production TEXT NOT NULL REFERENCES production,
              attempt TEXT NOT NULL UNIQUE REFERENCES attempt,
              cause TEXT NOT NULL CHECK (cause IN (\(list(DocumentRemake.Cause.allCases.map(\.rawValue))))),
              was TEXT NOT NULL CHECK (was IN ('lost','returned','withdrawn','destroyed')),
              number TEXT NOT NULL CHECK (number IN (\(list(DocumentRemake.Number.allCases.map(\.rawValue))))),
              void TEXT UNIQUE REFERENCES void_number, replacement TEXT UNIQUE REFERENCES production,
              reference TEXT NOT NULL CHECK (length(reference) > 0), first TEXT NOT NULL, second TEXT NOT NULL,
              wall INTEGER NOT NULL, log TEXT NOT NULL, seq INTEGER NOT NULL, CHECK (first <> second),
              CHECK ((cause = 'lost') = (was = 'lost')), CHECK (number <> 'kept' OR was = 'destroyed'),
              CHECK ((number = 'booklet') = (void IS NOT NULL)),
              CHECK ((number = 'request') = (replacement IS NOT NULL)), CHECK (replacement <> production)
            ) STRICT
            """,
            "CREATE INDEX document_remake_production ON document_remake (production)",
            // one card before one inspector, and one inspector with one card
            """
            CREATE TABLE card_in_hand (
              attempt TEXT NOT NULL PRIMARY KEY REFERENCES attempt, hand TEXT NOT NULL UNIQUE CHECK (length(hand) > 0),
              person TEXT NOT NULL, until INTEGER NOT NULL
            ) STRICT
            """,
        ]
    }
}
