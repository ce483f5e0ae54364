/// Where a released document stands; the words of `Shipping`.
enum ParcelWord: String, CaseIterable {
    case released, enveloped, boxed, dispatched
    case atPlace = "at_place"
    case withCourier = "with_courier"
    case delivered, returned, lost, withdrawn, destroyed
}

extension Schema {
    static let shippingDerived: [(table: String, key: String)] = [
        ("parcel_mark", "blank"), ("parcel_label", "number"), ("container", "number"), ("parcel", "production"),
        ("seal", "seal"), ("number_range", "range"), ("number_doubt", "generation"), ("parcel_notice", "log, seq"),
        ("scan_refused", "log, seq"),
    ]

    /// Not derived: a code's salt and tag die with their row.
    static let shippingKept = ["handover_code"]

    static var shipping: [String] { numbers + containers + parcels }

    private static func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ",") }

    private static var numbers: [String] {
        [
            """
            CREATE TABLE number_range (
              range TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL, generation INTEGER NOT NULL
            ) STRICT
            """,
            // books were restored: what was given out since the backup is not known to them
            "CREATE TABLE number_doubt (generation INTEGER NOT NULL PRIMARY KEY, wall INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE parcel_mark (
              blank TEXT NOT NULL PRIMARY KEY REFERENCES blank, production TEXT NOT NULL REFERENCES production,
              UNIQUE (blank, production)
            ) STRICT
            """,
            """
            CREATE TABLE parcel_label (
              number TEXT NOT NULL PRIMARY KEY, production TEXT NOT NULL REFERENCES production,
              void INTEGER NOT NULL CHECK (void IN (0, 1)), UNIQUE (number, production)
            ) STRICT
            """,
            "CREATE UNIQUE INDEX parcel_label_live ON parcel_label (production) WHERE void = 0",
        ]
    }

    /// A container lies in one of the next level and of its own route, and in one only.
    private static var containers: [String] {
        [
            """
            CREATE TABLE container (
              number TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('box','bag','consignment')),
              route TEXT NOT NULL, region TEXT, place TEXT,
              state TEXT NOT NULL CHECK (state IN ('open','closed','sealed','dispatched','arrived')),
              inside TEXT, inside_kind TEXT, count INTEGER, contents BLOB, seal TEXT, carrier TEXT,
              since INTEGER NOT NULL, UNIQUE (number, kind, route), UNIQUE (number, route),
              FOREIGN KEY (inside, inside_kind, route) REFERENCES container (number, kind, route),
              CHECK ((inside IS NULL) = (inside_kind IS NULL)),
              CHECK (inside_kind IS NULL OR kind = 'box' AND inside_kind = 'bag'
                OR kind = 'bag' AND inside_kind = 'consignment'),
              CHECK (state <> 'sealed' OR seal IS NOT NULL), CHECK (inside IS NULL OR state <> 'open')
            ) STRICT
            """,
            "CREATE INDEX container_inside ON container (inside) WHERE inside IS NOT NULL",
            "CREATE INDEX container_state ON container (state, kind)",
            """
            CREATE TABLE seal (
              seal TEXT NOT NULL PRIMARY KEY CHECK (length(seal) > 0), container TEXT NOT NULL REFERENCES container
            ) STRICT
            """,
        ]
    }

    /// The envelope is a label of this very document, and a box is of its route: a swap meets a foreign key.
    private static var parcels: [String] {
        [
            """
            CREATE TABLE parcel (
              production TEXT NOT NULL PRIMARY KEY REFERENCES production, blank TEXT NOT NULL UNIQUE,
              batch TEXT NOT NULL REFERENCES batch, route TEXT NOT NULL, region TEXT NOT NULL, place TEXT NOT NULL,
              state TEXT NOT NULL CHECK (state IN (\(list(ParcelWord.allCases.map(\.rawValue))))),
              envelope TEXT UNIQUE, container TEXT,
              custodian_kind TEXT NOT NULL
                CHECK (custodian_kind IN ('plant','carrier','place','courier','holder','person','nobody')),
              custodian TEXT, custodian_place TEXT, attempts INTEGER NOT NULL CHECK (attempts >= 0),
              code_expires INTEGER, code_failures INTEGER NOT NULL CHECK (code_failures >= 0), stopped TEXT,
              proof TEXT CHECK (proof IN ('code','qr','desk')), since INTEGER NOT NULL,
              FOREIGN KEY (blank, production) REFERENCES parcel_mark (blank, production),
              FOREIGN KEY (envelope, production) REFERENCES parcel_label (number, production),
              FOREIGN KEY (container, route) REFERENCES container (number, route),
              CHECK (state NOT IN ('enveloped','boxed','dispatched','at_place','with_courier','delivered')
                OR envelope IS NOT NULL),
              CHECK ((container IS NOT NULL) = (state IN ('boxed','dispatched'))),
              CHECK ((state = 'delivered') = (proof IS NOT NULL)),
              CHECK (custodian_kind NOT IN ('carrier','place','courier','person') OR custodian IS NOT NULL),
              CHECK (state NOT IN ('returned','withdrawn') OR custodian_kind = 'person' AND custodian_place IS NOT NULL)
            ) STRICT
            """,
            "CREATE INDEX parcel_container ON parcel (container) WHERE container IS NOT NULL",
            "CREATE INDEX parcel_batch ON parcel (batch, state)",
            "CREATE INDEX parcel_open ON parcel (state) WHERE state NOT IN ('delivered','destroyed')",
            """
            CREATE TABLE handover_code (
              production TEXT NOT NULL PRIMARY KEY REFERENCES parcel, salt BLOB NOT NULL,
              tag BLOB NOT NULL CHECK (length(tag) = 32)
            ) STRICT
            """,
            // what the authority is told of a document, in the order of the journal
            """
            CREATE TABLE parcel_notice (
              log TEXT NOT NULL, seq INTEGER NOT NULL, production TEXT NOT NULL REFERENCES production,
              notice TEXT NOT NULL CHECK (notice IN ('active','suspended','lost','destroyed')), wall INTEGER NOT NULL,
              PRIMARY KEY (log, seq)
            ) STRICT
            """,
            "CREATE INDEX parcel_notice_production ON parcel_notice (production, seq)",
            """
            CREATE TABLE scan_refused (
              log TEXT NOT NULL, seq INTEGER NOT NULL, act TEXT NOT NULL, code TEXT NOT NULL, items TEXT NOT NULL,
              actor TEXT NOT NULL, wall INTEGER NOT NULL, PRIMARY KEY (log, seq)
            ) STRICT
            """,
        ]
    }
}
