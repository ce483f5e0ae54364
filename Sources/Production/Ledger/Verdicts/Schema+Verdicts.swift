extension Schema {
    static let verdictsDerived: [(table: String, key: String)] = [
        ("verdict", "log, seq"), ("audit_item", "audit"), ("audit_answer", "audit, hand"),
    ]

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    /// A pass that overrides refers to the reject itself: one of print, of this card, by another hand. `hand` is the
    /// person's name without case and spare blanks, as two people are told apart everywhere.
    static var verdicts: [String] {
        let words = list(CardVerdict.allCases.map(\.rawValue))
        let weights = list(ReasonWeight.allCases.map(\.rawValue))
        return [
            """
            CREATE TABLE verdict (
              log TEXT NOT NULL, seq INTEGER NOT NULL, attempt TEXT NOT NULL REFERENCES attempt,
              blank TEXT NOT NULL REFERENCES blank, verdict TEXT NOT NULL CHECK (verdict IN (\(words))), reason TEXT,
              weight TEXT CHECK (weight IN (\(weights))), person TEXT NOT NULL,
              hand TEXT NOT NULL CHECK (length(hand) > 0), wall INTEGER NOT NULL, over_seq INTEGER, over_weight TEXT,
              over_hand TEXT, PRIMARY KEY (log, seq), UNIQUE (log, seq, attempt, weight, hand),
              FOREIGN KEY (log, over_seq, attempt, over_weight, over_hand)
                REFERENCES verdict (log, seq, attempt, weight, hand),
              CHECK ((weight IS NULL) = (verdict = 'hold')), CHECK (verdict <> 'reject' OR reason IS NOT NULL),
              CHECK (verdict <> 'pass' OR weight = 'print'), CHECK (over_hand <> hand),
              CHECK (over_weight = 'print'), CHECK (over_seq IS NULL OR verdict = 'pass'),
              CHECK ((over_seq IS NULL) = (over_hand IS NULL)), CHECK ((over_seq IS NULL) = (over_weight IS NULL))
            ) STRICT
            """,
            "CREATE INDEX verdict_attempt ON verdict (attempt, seq)",
            "CREATE INDEX verdict_wall ON verdict (wall)",
            """
            CREATE TABLE audit_item (
              audit TEXT NOT NULL PRIMARY KEY, item TEXT NOT NULL, truth TEXT, attempt TEXT REFERENCES attempt,
              placed INTEGER NOT NULL, CHECK ((truth IS NULL) = (attempt IS NOT NULL))
            ) STRICT
            """,
            // the first answer counts: who looks again knows what it was about
            """
            CREATE TABLE audit_answer (
              audit TEXT NOT NULL REFERENCES audit_item, hand TEXT NOT NULL CHECK (length(hand) > 0),
              person TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN (\(words))), reason TEXT,
              wall INTEGER NOT NULL, PRIMARY KEY (audit, hand), CHECK (verdict <> 'reject' OR reason IS NOT NULL)
            ) STRICT
            """,
            "CREATE INDEX audit_answer_wall ON audit_answer (wall)",
        ]
    }
}
