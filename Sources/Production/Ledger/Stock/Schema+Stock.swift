extension Schema {
    static let stockDerived: [(table: String, key: String)] = [
        ("lot", "stock, lot"), ("void_number", "number"), ("custody", "blank"), ("destruction", "certificate"),
        ("destroyed_item", "item"),
        ("consumable", "consumable"), ("consumable_movement", "log, seq"), ("mounting", "consumable, since"),
        ("genealogy", "attempt, key"), ("shift", "shift"), ("shift_blank", "shift, blank"),
        ("shift_count", "shift, cell, number"), ("shift_cell", "shift, cell"), ("shift_supply", "shift, number"),
    ]

    static var stockStatements: [String] { lots + supplies + shifts }

    private static var lots: [String] {
        [
            """
            CREATE TABLE lot (
              stock TEXT NOT NULL, lot TEXT NOT NULL, chip_lot TEXT, transport_key TEXT, category TEXT,
              engraved INTEGER NOT NULL CHECK (engraved IN (0, 1)), count INTEGER NOT NULL CHECK (count >= 0),
              manifest BLOB, received INTEGER NOT NULL, hold TEXT, PRIMARY KEY (stock, lot)
            ) STRICT
            """,
            "CREATE INDEX blank_lot ON blank (stock, lot)",
            """
            CREATE TABLE void_number (
              number TEXT NOT NULL PRIMARY KEY, blank TEXT NOT NULL UNIQUE REFERENCES blank, attempt TEXT,
              reason TEXT NOT NULL, wall INTEGER NOT NULL, log TEXT NOT NULL, seq INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE custody (
              blank TEXT NOT NULL PRIMARY KEY REFERENCES blank, person TEXT NOT NULL, place TEXT NOT NULL,
              since INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE destruction (
              certificate TEXT NOT NULL PRIMARY KEY, first TEXT NOT NULL, second TEXT NOT NULL, method TEXT NOT NULL,
              place TEXT NOT NULL, count INTEGER NOT NULL CHECK (count > 0), wall INTEGER NOT NULL,
              CHECK (first <> second)
            ) STRICT
            """,
            """
            CREATE TABLE destroyed_item (
              item TEXT NOT NULL PRIMARY KEY, certificate TEXT NOT NULL REFERENCES destruction,
              done INTEGER NOT NULL CHECK (done IN (0, 1))
            ) STRICT
            """,
            "CREATE INDEX destroyed_certificate ON destroyed_item (certificate)",
        ]
    }

    private static var supplies: [String] {
        let accounts = words(Consumable.Account.allCases.map(\.rawValue))
        return [
            """
            CREATE TABLE consumable (
              consumable TEXT NOT NULL PRIMARY KEY,
              kind TEXT NOT NULL CHECK (kind IN (\(words(Consumable.Kind.allCases.map(\.rawValue))))),
              part TEXT NOT NULL, lot TEXT NOT NULL, capacity INTEGER NOT NULL CHECK (capacity > 0),
              account TEXT NOT NULL CHECK (account IN (\(accounts))), line TEXT, cell TEXT,
              CHECK (account <> 'mounted' OR (line IS NOT NULL AND cell IS NOT NULL))
            ) STRICT
            """,
            "CREATE UNIQUE INDEX consumable_mounted ON consumable (line, cell, kind) WHERE account = 'mounted'",
            """
            CREATE TABLE consumable_movement (
              log TEXT NOT NULL, seq INTEGER NOT NULL, consumable TEXT NOT NULL REFERENCES consumable,
              from_account TEXT, to_account TEXT NOT NULL, reason TEXT NOT NULL, wall INTEGER NOT NULL,
              PRIMARY KEY (log, seq)
            ) STRICT
            """,
            """
            CREATE TABLE mounting (
              consumable TEXT NOT NULL REFERENCES consumable, line TEXT NOT NULL, cell TEXT NOT NULL,
              since INTEGER NOT NULL, ended INTEGER, PRIMARY KEY (consumable, since)
            ) STRICT
            """,
            """
            CREATE TABLE genealogy (
              attempt TEXT NOT NULL REFERENCES attempt, key TEXT NOT NULL, value TEXT NOT NULL,
              PRIMARY KEY (attempt, key)
            ) STRICT
            """,
            "CREATE INDEX genealogy_value ON genealogy (key, value)",
        ]
    }

    private static var shifts: [String] {
        [
            """
            CREATE TABLE shift (
              shift TEXT NOT NULL PRIMARY KEY, line TEXT NOT NULL, factory_day TEXT NOT NULL, name TEXT NOT NULL,
              opened INTEGER NOT NULL, opened_by TEXT NOT NULL, carried_in INTEGER NOT NULL, closed INTEGER,
              closed_by TEXT, taken INTEGER, good INTEGER, spoiled INTEGER, sample INTEGER, setup INTEGER,
              returned INTEGER, carried_out INTEGER, missing INTEGER, incident TEXT, first TEXT, second TEXT,
              supplies_missing TEXT,
              UNIQUE (line, factory_day, name),
              CHECK (closed IS NULL OR carried_in + taken = good + spoiled + sample + setup + returned + carried_out + missing),
              CHECK (closed IS NULL OR missing = 0 OR (incident IS NOT NULL AND first IS NOT NULL AND second IS NOT NULL
                AND first <> second))
            ) STRICT
            """,
            "CREATE UNIQUE INDEX shift_open ON shift (line) WHERE closed IS NULL",
            """
            CREATE TABLE shift_blank (
              shift TEXT NOT NULL REFERENCES shift, blank TEXT NOT NULL REFERENCES blank,
              came TEXT NOT NULL CHECK (came IN ('carried','taken','found','back')),
              fate TEXT CHECK (fate IN (\(words(ShiftFate.allCases.map(\.rawValue))))), PRIMARY KEY (shift, blank)
            ) STRICT
            """,
            """
            CREATE TABLE shift_cell (
              shift TEXT NOT NULL REFERENCES shift, cell TEXT NOT NULL, PRIMARY KEY (shift, cell)
            ) STRICT
            """,
            """
            CREATE TABLE shift_supply (
              shift TEXT NOT NULL REFERENCES shift, number INTEGER NOT NULL CHECK (number > 0), person TEXT NOT NULL,
              wall INTEGER NOT NULL, seen TEXT NOT NULL, expected TEXT NOT NULL, PRIMARY KEY (shift, number)
            ) STRICT
            """,
            """
            CREATE TABLE shift_count (
              shift TEXT NOT NULL REFERENCES shift, cell TEXT NOT NULL, number INTEGER NOT NULL CHECK (number > 0),
              person TEXT NOT NULL, wall INTEGER NOT NULL,
              hopper INTEGER NOT NULL CHECK (hopper >= 0), good INTEGER NOT NULL CHECK (good >= 0),
              reject INTEGER NOT NULL CHECK (reject >= 0), held INTEGER NOT NULL CHECK (held >= 0),
              hopper_expected INTEGER NOT NULL, good_expected INTEGER NOT NULL, reject_expected INTEGER NOT NULL,
              held_expected INTEGER NOT NULL, PRIMARY KEY (shift, cell, number)
            ) STRICT
            """,
        ]
    }

    private static func words(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }
}
