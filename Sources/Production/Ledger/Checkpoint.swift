public import Ground

/// The heads of all logs at one moment: what is written down elsewhere, so that not even somebody with the whole ledger
/// in hand can change what was before (Merkle tree roots, RFC 6962, 2.1). No personal data.
public struct LedgerCheckpoint: Sendable, Hashable {
    public static let schema = "sakk.checkpoint/1"

    public struct Head: Sendable, Hashable {
        public let log: String
        public let rows: Int64
        public let root: Bytes
    }

    public let generation: Int64
    public let at: WallTime
    /// In the order of their names.
    public let heads: [Head]

    public var json: JSONValue {
        [
            "schema": .string(LedgerCheckpoint.schema), "generation": .integer(generation),
            "at": .string(at.iso8601),
            "logs": .array(
                heads.map {
                    ["log": .string($0.log), "rows": .integer($0.rows), "root": .string($0.root.hex)]
                }),
        ]
    }

    /// Nil for anything but a checkpoint.
    public init?(_ json: JSONValue) {
        guard json["schema"]?.string == LedgerCheckpoint.schema, let generation = json["generation"]?.integer,
            let at = json["at"]?.string.flatMap({ WallTime(iso8601: $0) }), let logs = json["logs"]?.array
        else { return nil }
        let heads = logs.compactMap { entry -> Head? in
            guard let log = entry["log"]?.string, let rows = entry["rows"]?.integer, rows >= 0,
                let root = entry["root"]?.string.flatMap({ Bytes(hex: $0) }), root.count == 32
            else { return nil }
            return Head(log: log, rows: rows, root: root)
        }
        guard heads.count == logs.count else { return nil }
        self.init(generation: generation, at: at, heads: heads)
    }

    init(generation: Int64, at: WallTime, heads: [Head]) {
        self.generation = generation
        self.at = at
        self.heads = heads
    }
}

extension Books {
    /// The heads as they are now, from the rows themselves and not from the leaves beside them.
    public func checkpoint() async throws(SakkError) -> LedgerCheckpoint {
        let at = time.wall()
        return try await store.read { session in
            let generation = try session.row("SELECT generation FROM meta")?.integer("generation") ?? 0
            let logs = try session.rows("SELECT DISTINCT log FROM journal ORDER BY log", []).map { try $0.text("log") }
            return LedgerCheckpoint(
                generation: generation, at: at,
                heads: try logs.map { log in
                    let (rows, root) = try Books.head(session, log, rows: nil)
                    return LedgerCheckpoint.Head(log: log, rows: rows, root: root)
                })
        }
    }

    /// Whether the journal still begins with what the checkpoint saw.
    ///
    /// Errors: `ledger.checkpoint.differs` names the log in which a row of before was changed, left out or put in;
    /// `ledger.checkpoint.behind` one that has fewer rows: the ledger is an older copy.
    public func compare(_ checkpoint: LedgerCheckpoint) async throws(SakkError) {
        let source = store.source
        try await store.read { session in
            for head in checkpoint.heads {
                let (rows, root) = try Books.head(session, head.log, rows: head.rows)
                guard rows == head.rows else {
                    throw SakkError(
                        "ledger.checkpoint.behind", source: source, subject: head.log,
                        text: "The log has \(rows) rows and had \(head.rows) at the checkpoint.",
                        remedy: "This is an older copy of the ledger: find the newer one, or restore and reconcile.")
                }
                guard root == head.root else {
                    throw SakkError(
                        "ledger.checkpoint.differs", source: source, subject: head.log,
                        text: "Rows that were there at the checkpoint are not the same any more.",
                        remedy: "Keep the ledger as it is and call the security officer.")
                }
            }
        }
    }

    private static func head(_ session: any SQLSession, _ log: String, rows limit: Int64?) throws -> (Int64, Bytes) {
        var tree = MerkleRoot()
        var count: Int64 = 0
        try session.forEach(
            "SELECT * FROM journal WHERE log = ? AND seq <= ? ORDER BY seq",
            [.text(log), .integer(limit ?? Int64.max)]
        ) { row in
            tree.append(try JournalRow(row).leaf)
            count += 1
        }
        return (count, tree.root)
    }
}
