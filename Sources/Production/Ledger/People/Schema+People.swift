extension Schema {
    static let peopleDerived: [(table: String, key: String)] = [
        ("person", "person"), ("person_role", "person, role"), ("credential", "tag"), ("approval", "approval"),
        ("approval_use", "approval"), ("person_act", "log, seq"),
    ]

    /// Not derived: what proves a person stays out of the journal.
    static let peopleKept = ["verifier"]

    static var people: [String] { staff + approvals }

    private static func words(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    private static var staff: [String] {
        [
            """
            CREATE TABLE person (
              person TEXT NOT NULL PRIMARY KEY CHECK (person = lower(person) AND length(person) BETWEEN 2 AND 32),
              name TEXT NOT NULL CHECK (length(name) > 0), active INTEGER NOT NULL CHECK (active IN (0, 1)),
              language TEXT NOT NULL CHECK (language IN (\(words(PersonLanguage.allCases.map(\.rawValue))))),
              since INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE person_role (
              person TEXT NOT NULL REFERENCES person,
              role TEXT NOT NULL CHECK (role IN (\(words(PersonRole.allCases.map(\.rawValue))))),
              PRIMARY KEY (person, role)
            ) STRICT
            """,
            """
            CREATE TABLE credential (
              tag BLOB NOT NULL PRIMARY KEY CHECK (length(tag) = 32), person TEXT NOT NULL REFERENCES person,
              kind TEXT NOT NULL CHECK (kind IN (\(words(Credential.Kind.allCases.map(\.rawValue))))),
              once INTEGER NOT NULL CHECK (once IN (0, 1)), expires INTEGER, since INTEGER NOT NULL, set_by TEXT NOT NULL
            ) STRICT
            """,
            "CREATE UNIQUE INDEX credential_password ON credential (person) WHERE kind = 'password'",
            "CREATE INDEX credential_person ON credential (person)",
            """
            CREATE TABLE verifier (
              tag BLOB NOT NULL PRIMARY KEY REFERENCES credential, verifier TEXT NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE person_act (
              log TEXT NOT NULL, seq INTEGER NOT NULL, person TEXT, act TEXT NOT NULL, item TEXT NOT NULL,
              station TEXT NOT NULL, code TEXT, wall INTEGER NOT NULL, PRIMARY KEY (log, seq)
            ) STRICT
            """,
            "CREATE INDEX person_act_item ON person_act (item, seq)",
            "CREATE INDEX person_act_person ON person_act (person, seq)",
        ]
    }

    /// That two differ, that it is bound and that it is used once is said by the tables: a use refers to the row with
    /// this action, item, digest and second person, and there is one per approval.
    private static var approvals: [String] {
        [
            """
            CREATE TABLE approval (
              approval TEXT NOT NULL PRIMARY KEY, action TEXT NOT NULL, item TEXT NOT NULL,
              digest BLOB NOT NULL CHECK (length(digest) = 32),
              role TEXT NOT NULL CHECK (role IN (\(words(PersonRole.allCases.map(\.rawValue))))),
              reason TEXT NOT NULL, asked_by TEXT NOT NULL REFERENCES person, asked INTEGER NOT NULL,
              expires INTEGER NOT NULL, given_by TEXT REFERENCES person, refused_by TEXT REFERENCES person,
              answered INTEGER, answer TEXT, voided INTEGER,
              UNIQUE (approval, action, item, digest, expires, given_by),
              CHECK (given_by <> asked_by), CHECK (given_by IS NULL OR refused_by IS NULL),
              CHECK ((answered IS NULL) = (given_by IS NULL AND refused_by IS NULL)),
              CHECK (given_by IS NULL OR answered <= expires), CHECK (expires > asked)
            ) STRICT
            """,
            """
            CREATE INDEX approval_open ON approval (expires)
              WHERE given_by IS NULL AND refused_by IS NULL AND voided IS NULL
            """,
            "CREATE INDEX approval_item ON approval (item)",
            """
            CREATE TABLE approval_use (
              approval TEXT NOT NULL PRIMARY KEY, action TEXT NOT NULL, item TEXT NOT NULL, digest BLOB NOT NULL,
              expires INTEGER NOT NULL, given_by TEXT NOT NULL, used_by TEXT NOT NULL REFERENCES person,
              wall INTEGER NOT NULL, CHECK (wall <= expires),
              FOREIGN KEY (approval, action, item, digest, expires, given_by)
                REFERENCES approval (approval, action, item, digest, expires, given_by)
            ) STRICT
            """,
        ]
    }
}
