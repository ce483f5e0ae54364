import Ground
import Stations

/// The tables, in words that both stores understand. What must never happen is a constraint here, not an `if` somewhere
/// else.
///
/// All of them except `meta`, `payload`, `data_key` and the deadlines in `log` follow from the journal (`Projector`).
enum Schema {
    static let version = 6

    /// Tables that `verify` derives again and compares, with the columns that give each row its place.
    static let derived: [(table: String, key: String)] =
        tables
        + [
            stockDerived, derivedCommands, peopleDerived, shippingDerived, verdictsDerived, trustDerived,
            decisionsDerived,
        ].flatMap(\.self)

    private static let tables: [(table: String, key: String)] =
        [
            ("batch", "batch"), ("production", "production"), ("number", "tag"), ("stop_list", "authority"),
            ("stopped", "production"), ("person_hold", "production"), ("source", "source"),
            ("queue_class", "product, stock, class"),
            ("served", "product, class"), ("blank", "blank"), ("attempt", "attempt"), ("movement", "log, seq"),
            ("intent", "attempt, step, try"), ("result", "attempt, step, try"), ("cell", "line, cell"),
        ]

    /// Tables that are not derived: they are copied as they are.
    static let kept = ["payload", "data_key"] + peopleKept + shippingKept

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    static var statements: [String] {
        [
            books, queue, stock, acts, stockStatements, commands, people, shipping, verdicts, trust, decisions, pages,
            journal,
        ].flatMap(\.self)
    }

    private static var books: [String] {
        [
            """
            CREATE TABLE meta (
              one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, vault BLOB NOT NULL,
              generation INTEGER NOT NULL CHECK (generation > 0), tick INTEGER NOT NULL,
              purpose TEXT NOT NULL CHECK (purpose IN ('plant','simulation')),
              reconciling INTEGER NOT NULL DEFAULT 0 CHECK (reconciling IN (0, 1))
            ) STRICT
            """,
            """
            CREATE TABLE log (
              log TEXT NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL CHECK (epoch >= 0),
              seq INTEGER NOT NULL CHECK (seq >= 0), holder TEXT NOT NULL, host TEXT NOT NULL,
              deadline INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE cell (
              line TEXT NOT NULL, cell TEXT NOT NULL,
              state TEXT NOT NULL CHECK (state IN (\(list(PackMLState.allCases.map(\.word))))),
              mode TEXT NOT NULL CHECK (mode IN (\(list(UnitMode.allCases.map(\.rawValue))))),
              code TEXT, text TEXT NOT NULL, remedy TEXT NOT NULL, since INTEGER NOT NULL, product TEXT, batch TEXT,
              PRIMARY KEY (line, cell)
            ) STRICT
            """,
        ]
    }

    private static var queue: [String] {
        [
            """
            CREATE TABLE batch (
              batch TEXT NOT NULL PRIMARY KEY, authority TEXT NOT NULL, product TEXT NOT NULL, received INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE production (
              production TEXT NOT NULL PRIMARY KEY, batch TEXT NOT NULL REFERENCES batch, authority TEXT NOT NULL,
              request TEXT NOT NULL, product TEXT NOT NULL, stock TEXT NOT NULL,
              digest BLOB NOT NULL CHECK (length(digest) = 32), class TEXT NOT NULL, approved INTEGER NOT NULL,
              due INTEGER NOT NULL, office TEXT, governorate TEXT,
              remake INTEGER NOT NULL DEFAULT 0 CHECK (remake IN (0, 1)),
              state TEXT NOT NULL CHECK (state IN (\(list(RecordState.allCases.map(\.rawValue))))), reason TEXT,
              since INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE INDEX production_queue ON production (product, stock, class, remake DESC, due, production)
              WHERE state = 'queued'
            """,
            "CREATE INDEX production_batch ON production (batch)",
            "CREATE INDEX production_held ON production (state) WHERE state IN ('held','claimed')",
            """
            CREATE TABLE number (
              tag BLOB NOT NULL PRIMARY KEY, production TEXT NOT NULL UNIQUE REFERENCES production
            ) STRICT
            """,
            """
            CREATE TABLE queue_class (
              product TEXT NOT NULL, stock TEXT NOT NULL, class TEXT NOT NULL, PRIMARY KEY (product, stock, class)
            ) STRICT
            """,
            """
            CREATE TABLE served (
              product TEXT NOT NULL, class TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (product, class)
            ) STRICT
            """,
            """
            CREATE TABLE stop_list (
              authority TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL, issued INTEGER NOT NULL,
              next_update INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE stopped (
              production TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, since INTEGER NOT NULL
            ) STRICT
            """,
            personHold,
            "CREATE TABLE source (source TEXT NOT NULL PRIMARY KEY, cursor TEXT NOT NULL) STRICT",
            """
            CREATE TABLE data_key (
              production TEXT NOT NULL PRIMARY KEY REFERENCES production, week TEXT NOT NULL, wrapped BLOB NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE payload (
              production TEXT NOT NULL PRIMARY KEY REFERENCES production, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
              commitment BLOB NOT NULL CHECK (length(commitment) = 32)
            ) STRICT
            """,
        ]
    }

    /// Records that a person holds, whatever became of them meanwhile; the row goes with the release.
    private static let personHold = """
        CREATE TABLE person_hold (
          production TEXT NOT NULL PRIMARY KEY REFERENCES production, since INTEGER NOT NULL
        ) STRICT
        """

    private static var stock: [String] {
        let accounts = list(Account.allCases.map(\.rawValue))
        return [
            """
            CREATE TABLE blank (
              blank TEXT NOT NULL PRIMARY KEY, stock TEXT NOT NULL, lot TEXT NOT NULL, ordinal INTEGER NOT NULL,
              line TEXT NOT NULL, account TEXT NOT NULL CHECK (account IN (\(accounts))), hopper TEXT, chip TEXT,
              attempt TEXT, reason TEXT NOT NULL, number TEXT,
              exit TEXT CHECK (exit IN (\(list(CardExit.allCases.map(\.rawValue))))), place INTEGER, cell TEXT,
              CHECK ((exit IS NULL) = (place IS NULL))
            ) STRICT
            """,
            "CREATE UNIQUE INDEX blank_chip ON blank (chip) WHERE chip IS NOT NULL",
            // perforated through the booklet: the document's number (`lot.engraved`)
            "CREATE UNIQUE INDEX blank_number ON blank (number) WHERE number IS NOT NULL",
            "CREATE INDEX blank_account ON blank (line, account, ordinal)",
            "CREATE INDEX blank_hopper ON blank (line, hopper, ordinal, blank) WHERE account = 'line'",
            "CREATE INDEX blank_exit ON blank (cell, exit, place) WHERE exit IS NOT NULL",
            "CREATE INDEX blank_attempt ON blank (attempt) WHERE attempt IS NOT NULL",
            "CREATE INDEX blank_stock ON blank (stock, ordinal)",
            """
            CREATE TABLE movement (
              log TEXT NOT NULL, seq INTEGER NOT NULL, blank TEXT NOT NULL REFERENCES blank,
              from_account TEXT CHECK (from_account IN (\(accounts))),
              to_account TEXT NOT NULL CHECK (to_account IN (\(accounts))), reason TEXT NOT NULL, attempt TEXT,
              wall INTEGER NOT NULL, PRIMARY KEY (log, seq)
            ) STRICT
            """,
            "CREATE INDEX movement_blank ON movement (blank)",
        ]
    }

    private static var acts: [String] {
        let live = list(AttemptState.live.map(\.rawValue))
        let steps = list(Step.allCases.map(\.rawValue))
        return [
            """
            CREATE TABLE attempt (
              attempt TEXT NOT NULL PRIMARY KEY, production TEXT NOT NULL REFERENCES production,
              number INTEGER NOT NULL CHECK (number > 0), line TEXT NOT NULL, cell TEXT NOT NULL,
              epoch INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN (\(list(AttemptState.allCases.map(\.rawValue))))),
              reason TEXT, blank TEXT REFERENCES blank, chip TEXT, engraved TEXT,
              sod_hash BLOB,
              death TEXT CHECK (death IN ('confirmed','unconfirmed')), started INTEGER NOT NULL, ended INTEGER,
              UNIQUE (production, number), CHECK ((blank IS NULL) = (chip IS NULL)),
              CHECK (engraved IS NULL OR blank IS NOT NULL),
              CHECK (state NOT IN ('bound','encoded','verified','printed','passed','produced') OR blank IS NOT NULL)
            ) STRICT
            """,
            "CREATE UNIQUE INDEX attempt_good ON attempt (production) WHERE state = 'produced'",
            "CREATE UNIQUE INDEX attempt_live ON attempt (production) WHERE state IN (\(live))",
            "CREATE UNIQUE INDEX attempt_blank ON attempt (blank) WHERE blank IS NOT NULL",
            "CREATE UNIQUE INDEX attempt_chip ON attempt (chip) WHERE chip IS NOT NULL",
            // however many lots, lines and plants: a number that was read from a booklet belongs to one attempt
            "CREATE UNIQUE INDEX attempt_engraved ON attempt (engraved) WHERE engraved IS NOT NULL",
            "CREATE INDEX attempt_line ON attempt (line) WHERE state IN (\(live))",
            """
            CREATE TABLE intent (
              attempt TEXT NOT NULL REFERENCES attempt, step TEXT NOT NULL CHECK (step IN (\(steps))),
              try INTEGER NOT NULL CHECK (try > 0), line TEXT NOT NULL, cell TEXT NOT NULL, epoch INTEGER NOT NULL,
              seq INTEGER NOT NULL, wall INTEGER NOT NULL, facts BLOB NOT NULL,
              open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)), PRIMARY KEY (attempt, step, try)
            ) STRICT
            """,
            "CREATE UNIQUE INDEX intent_open ON intent (line, cell) WHERE open = 1",
            """
            CREATE TABLE result (
              attempt TEXT NOT NULL, step TEXT NOT NULL, try INTEGER NOT NULL,
              outcome TEXT NOT NULL CHECK (outcome IN ('not_done','done','unknown')), seq INTEGER NOT NULL,
              wall INTEGER NOT NULL, facts BLOB NOT NULL, PRIMARY KEY (attempt, step, try),
              FOREIGN KEY (attempt, step, try) REFERENCES intent
            ) STRICT
            """,
        ]
    }

    private static var journal: [String] {
        [
            """
            CREATE TABLE journal (
              log TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), tick INTEGER NOT NULL UNIQUE,
              epoch INTEGER NOT NULL, kind TEXT NOT NULL, kind_version INTEGER NOT NULL, wall INTEGER NOT NULL,
              boot TEXT NOT NULL, mono INTEGER NOT NULL, actor TEXT NOT NULL, subjects BLOB NOT NULL, cause INTEGER,
              body BLOB NOT NULL, leaf BLOB NOT NULL CHECK (length(leaf) = 32), PRIMARY KEY (log, seq)
            ) STRICT
            """
        ]
    }

    /// What books of an older format lack: tables are only added. Nil for a format that is too old or too new.
    static func additions(from version: Int64, _ dialect: SQLDialect) -> [String]? {
        let format = ["UPDATE meta SET version = \(Schema.version)"]
        if version == 5 { return decisions + [personHold] + format }
        if version == 4 { return verdicts + trust + decisions + pages + [personHold] + format }
        guard version == 3 else { return nil }
        let told = guards(dialect).filter { $0.contains("journal_tells") }
        return people + shipping + verdicts + trust + decisions + pages + [personHold]
            + (told.isEmpty ? [] : ["DROP TRIGGER journal_tells ON journal"] + told) + format
    }

    /// What keeps rows as they are, in each store's own words.
    static func guards(_ dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite:
            [
                "CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal rows stay'); END",
                "CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal rows stay'); END",
                "CREATE TRIGGER result_stays BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'results stay'); END",
            ]
        case .postgres:
            [
                """
                CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  RAISE EXCEPTION '% rows stay', TG_TABLE_NAME
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME; END $$
                """,
                "CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION stays()",
                "CREATE TRIGGER result_stays BEFORE UPDATE ON result FOR EACH ROW EXECUTE FUNCTION stays()",
                "CREATE SEQUENCE tick",
                // only of the plant's logs: a NOTIFY makes its COMMIT wait for all others that notify
                """
                CREATE FUNCTION tells() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  PERFORM pg_notify('sakk.' || TG_TABLE_SCHEMA, NEW.log); RETURN NULL; END $$
                """,
                """
                CREATE TRIGGER journal_tells AFTER INSERT ON journal FOR EACH ROW
                  WHEN (NEW.log IN ('queue','vault','people','shipping')) EXECUTE FUNCTION tells()
                """,
            ]
        }
    }
}
