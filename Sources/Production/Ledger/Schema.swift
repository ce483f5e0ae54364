import Ground
import Stations

/// The tables. What must never happen is a constraint here, not an `if` somewhere else.
///
/// All of them except `payload`, `data_key` and `number` follow from the journal.
enum Schema {
    static let version = 1

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    static var statements: String {
        let records = list(RecordState.allCases.map(\.rawValue))
        let attempts = list(AttemptState.allCases.map(\.rawValue))
        let live = list(AttemptState.live.map(\.rawValue))
        let accounts = list(Account.allCases.map(\.rawValue))
        let steps = list(Step.allCases.map(\.rawValue))
        let machine = list(PackMLState.allCases.map(\.word))
        let exits = list(CardExit.allCases.map(\.rawValue))
        return """
            CREATE TABLE plant_key (one INTEGER PRIMARY KEY CHECK (one = 1), digest BLOB NOT NULL) STRICT;
            CREATE TABLE line (
              line TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL CHECK (epoch >= 0), holder TEXT NOT NULL,
              state TEXT NOT NULL CHECK (state IN (\(machine))), code TEXT, text TEXT NOT NULL, remedy TEXT NOT NULL,
              since INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE batch (
              batch TEXT PRIMARY KEY NOT NULL, authority TEXT NOT NULL, product TEXT NOT NULL,
              line TEXT NOT NULL REFERENCES line, received INTEGER NOT NULL
            ) STRICT;
            CREATE TABLE production (
              production TEXT PRIMARY KEY NOT NULL, batch TEXT NOT NULL REFERENCES batch, line TEXT NOT NULL,
              authority TEXT NOT NULL, request TEXT NOT NULL, product TEXT NOT NULL,
              digest BLOB NOT NULL CHECK (length(digest) = 32), priority INTEGER NOT NULL,
              priority_class TEXT NOT NULL, approved INTEGER NOT NULL,
              remake INTEGER NOT NULL DEFAULT 0 CHECK (remake IN (0, 1)),
              state TEXT NOT NULL CHECK (state IN (\(records))), reason TEXT
            ) STRICT;
            CREATE INDEX production_queue ON production (line, product, remake DESC, priority, approved, production)
              WHERE state = 'queued';
            CREATE INDEX production_batch ON production (batch);
            CREATE TABLE number (tag BLOB PRIMARY KEY NOT NULL, production TEXT NOT NULL UNIQUE REFERENCES production
            ) STRICT;
            CREATE TABLE data_key (
              production TEXT PRIMARY KEY NOT NULL REFERENCES production, nonce BLOB NOT NULL, wrapped BLOB NOT NULL
            ) STRICT;
            CREATE TABLE payload (
              production TEXT PRIMARY KEY NOT NULL REFERENCES production, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
              commitment BLOB NOT NULL CHECK (length(commitment) = 32)
            ) STRICT;
            CREATE TABLE blank (
              blank TEXT PRIMARY KEY NOT NULL, stock TEXT NOT NULL, lot TEXT NOT NULL, ordinal INTEGER NOT NULL,
              line TEXT NOT NULL, account TEXT NOT NULL CHECK (account IN (\(accounts))), chip TEXT,
              attempt TEXT, reason TEXT NOT NULL, exit TEXT CHECK (exit IN (\(exits))), place INTEGER, cell TEXT,
              CHECK ((exit IS NULL) = (place IS NULL))
            ) STRICT;
            CREATE UNIQUE INDEX blank_chip ON blank (chip) WHERE chip IS NOT NULL;
            CREATE INDEX blank_account ON blank (line, account, ordinal);
            CREATE INDEX blank_attempt ON blank (attempt) WHERE attempt IS NOT NULL;
            CREATE TABLE attempt (
              attempt TEXT PRIMARY KEY NOT NULL, production TEXT NOT NULL REFERENCES production,
              number INTEGER NOT NULL CHECK (number > 0), line TEXT NOT NULL, cell TEXT NOT NULL,
              epoch INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN (\(attempts))), reason TEXT,
              blank TEXT REFERENCES blank, chip TEXT, sod_hash BLOB, death TEXT CHECK (death IN ('confirmed','unconfirmed')),
              started INTEGER NOT NULL, ended INTEGER,
              UNIQUE (production, number), CHECK ((blank IS NULL) = (chip IS NULL)),
              CHECK (state NOT IN ('bound','encoded','verified','printed','passed','produced') OR blank IS NOT NULL)
            ) STRICT;
            CREATE UNIQUE INDEX attempt_good ON attempt (production) WHERE state = 'produced';
            CREATE UNIQUE INDEX attempt_live ON attempt (production) WHERE state IN (\(live));
            CREATE UNIQUE INDEX attempt_blank ON attempt (blank) WHERE blank IS NOT NULL;
            CREATE UNIQUE INDEX attempt_chip ON attempt (chip) WHERE chip IS NOT NULL;
            CREATE INDEX attempt_line ON attempt (line) WHERE state IN (\(live));
            CREATE TABLE movement (
              id INTEGER PRIMARY KEY NOT NULL, blank TEXT NOT NULL REFERENCES blank,
              from_account TEXT CHECK (from_account IN (\(accounts))),
              to_account TEXT NOT NULL CHECK (to_account IN (\(accounts))), reason TEXT NOT NULL, attempt TEXT,
              log TEXT NOT NULL, seq INTEGER NOT NULL, wall INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX movement_blank ON movement (blank);
            CREATE TABLE intent (
              id INTEGER PRIMARY KEY NOT NULL, attempt TEXT NOT NULL REFERENCES attempt,
              step TEXT NOT NULL CHECK (step IN (\(steps))), try INTEGER NOT NULL CHECK (try > 0),
              line TEXT NOT NULL, cell TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
              wall INTEGER NOT NULL, facts BLOB NOT NULL, open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
              UNIQUE (attempt, step, try)
            ) STRICT;
            CREATE UNIQUE INDEX intent_open ON intent (line, cell) WHERE open = 1;
            CREATE TABLE result (
              intent INTEGER PRIMARY KEY NOT NULL REFERENCES intent,
              outcome TEXT NOT NULL CHECK (outcome IN ('not_done','done','unknown')),
              seq INTEGER NOT NULL, wall INTEGER NOT NULL, facts BLOB NOT NULL
            ) STRICT;
            CREATE TABLE journal (
              log TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), epoch INTEGER NOT NULL, kind TEXT NOT NULL,
              kind_version INTEGER NOT NULL, wall INTEGER NOT NULL, boot TEXT NOT NULL, mono INTEGER NOT NULL,
              actor TEXT NOT NULL, subjects BLOB NOT NULL, cause INTEGER, body BLOB NOT NULL,
              leaf BLOB NOT NULL CHECK (length(leaf) = 32), PRIMARY KEY (log, seq)
            ) STRICT, WITHOUT ROWID;
            CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal rows stay'); END;
            CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal rows stay'); END;
            CREATE TRIGGER result_stays BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'results stay'); END;
            PRAGMA user_version = \(version);
            """
    }
}
