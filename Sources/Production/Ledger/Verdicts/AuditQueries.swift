public import Ground

/// An item as an inspector sees it: the machine's answer, and whether there is a defect, stay in the books.
public struct AuditTask: Sendable, Hashable {
    public let id: AuditID
    public let item: String
}

/// What this person has not looked at yet, oldest first.
public struct AuditTasksQuery: LedgerQuery {
    public let person: String
    public let limit: Int
    public init(person: String, limit: Int = 100) {
        self.person = person
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [AuditTask] {
        try books.rows(
            """
            SELECT i.audit, i.item FROM audit_item i
            WHERE NOT EXISTS (SELECT 1 FROM audit_answer a WHERE a.audit = i.audit AND a.hand = ?)
            ORDER BY i.placed, i.audit LIMIT ?
            """, [.text(TwoPeople.plain(person)), .count(limit)]
        ).map { AuditTask(id: AuditID(try $0.text("audit")), item: try $0.text("item")) }
    }
}

/// How well one inspector sees.
public struct InspectorRate: Sendable, Hashable {
    public let person: String
    /// Seeded defects that were shown, rejected, and rejected for their own reason.
    public let seeded: Int
    public let found: Int
    public let named: Int
    /// Documents that the machine had passed, and how many of them this person rejected.
    public let samples: Int
    public let rejected: Int
    /// Items of either kind of which the person said "cannot judge".
    public let unjudged: Int

    /// Share of the seeded defects that were found; nil when none was shown.
    public var detection: Double? { seeded == 0 ? nil : Double(found) / Double(seeded) }

    /// 95 % interval of `detection` (Wilson's, without continuity correction).
    public var interval: ClosedRange<Double>? {
        guard let share = detection else { return nil }
        let (count, z) = (Double(seeded), 1.959964)
        let width = 1 + z * z / count
        let middle = (share + z * z / (2 * count)) / width
        let half = z / width * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
        return max(0, middle - half)...min(1, middle + half)
    }
}

/// Each inspector's own rates over the answers of a time, by name.
public struct InspectorRatesQuery: LedgerQuery {
    public let from: WallTime
    public let until: WallTime
    public init(from: WallTime, until: WallTime) {
        self.from = from
        self.until = until
    }

    public func answer(_ books: BooksReader) throws -> [InspectorRate] {
        try books.rows(
            """
            SELECT MAX(a.person) AS person, COUNT(i.truth) AS seeded, COUNT(*) AS shown,
              COUNT(CASE WHEN i.truth IS NOT NULL AND a.verdict = 'reject' THEN 1 END) AS found,
              COUNT(CASE WHEN i.truth = a.reason AND a.verdict = 'reject' THEN 1 END) AS named,
              COUNT(CASE WHEN i.truth IS NULL AND a.verdict = 'reject' THEN 1 END) AS rejected,
              COUNT(CASE WHEN a.verdict = 'hold' THEN 1 END) AS unjudged
            FROM audit_answer a JOIN audit_item i ON i.audit = a.audit
            WHERE a.wall >= ? AND a.wall < ? GROUP BY a.hand ORDER BY a.hand
            """, [.integer(from.microseconds), .integer(until.microseconds)]
        ).map { row in
            let seeded = try row.count("seeded")
            return InspectorRate(
                person: try row.text("person"), seeded: seeded, found: try row.count("found"),
                named: try row.count("named"), samples: try row.count("shown") - seeded,
                rejected: try row.count("rejected"), unjudged: try row.count("unjudged"))
        }
    }
}
