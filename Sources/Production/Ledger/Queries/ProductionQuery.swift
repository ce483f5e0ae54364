public import Ground

/// How many records stand where, by batch, line, cell, office, governorate, product, class or stock.
///
/// With a time: records that came to where they stand within it, and blanks that were spoiled within it.
public struct ProductionQuery: LedgerQuery, Hashable {
    public var by: ProductionDimension
    public var batch: BatchID?
    /// Line and cell of a record are those of its last attempt.
    public var line: LineID?
    public var cell: CellID?
    /// Records and blanks whose card this shift had last.
    public var shift: ShiftID?
    public var from: WallTime?
    public var to: WallTime?

    public init(
        by: ProductionDimension = .none, batch: BatchID? = nil, line: LineID? = nil, cell: CellID? = nil,
        shift: ShiftID? = nil,
        from: WallTime? = nil, to: WallTime? = nil
    ) {
        self.by = by
        self.batch = batch
        self.line = line
        self.cell = cell
        self.shift = shift
        self.from = from
        self.to = to
    }

    public func answer(_ books: BooksReader) throws -> ProductionReport {
        var groups: [String?: ProductionCounts] = [:]
        try records(books, into: &groups)
        try blanks(books, into: &groups)
        let ordered = groups.sorted { left, right in
            guard let one = left.key else { return false }
            return right.key.map { one < $0 } ?? true
        }
        return ProductionReport(
            selection: self, groups: ordered.map { ProductionReport.Group(key: $0.key, counts: $0.value) })
    }

    /// The last shift that had the card: a card that one shift hands on is the next one's. No clock is asked.
    private static func shift(of blank: String) -> String {
        """
        (SELECT x.shift FROM shift_blank x JOIN shift h ON h.shift = x.shift WHERE x.blank = \(blank)
          ORDER BY h.factory_day DESC, h.opened DESC, x.shift DESC LIMIT 1)
        """
    }

    private func key(blank: String) -> String {
        switch by {
        case .shift: ProductionQuery.shift(of: blank)
        case .none: "NULL"
        case .batch: "p.batch"
        case .line: "a.line"
        case .cell: "a.line || '/' || a.cell"
        case .office: "p.office"
        case .governorate: "p.governorate"
        case .product: "p.product"
        case .priorityClass: "p.class"
        case .stock: "p.stock"
        }
    }

    /// Conditions on record (`p`) and attempt (`a`), and on the time that `column` tells.
    private func conditions(time column: String, blank: String) -> (String, [SQLValue]) {
        var parts = ["1 = 1"]
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue) {
            parts.append(condition)
            arguments.append(value)
        }
        if let batch { add("p.batch = ?", .text(batch.rawValue)) }
        if let line { add("a.line = ?", .text(line.rawValue)) }
        if let cell { add("a.cell = ?", .text(cell.rawValue)) }
        if let shift { add("\(ProductionQuery.shift(of: blank)) = ?", .text(shift.rawValue)) }
        if let from { add("\(column) >= ?", .integer(from.microseconds)) }
        if let to { add("\(column) < ?", .integer(to.microseconds)) }
        return (parts.joined(separator: " AND "), arguments)
    }

    private func records(_ books: BooksReader, into groups: inout [String?: ProductionCounts]) throws {
        let (condition, arguments) = conditions(time: "p.since", blank: "a.blank")
        try books.forEach(
            """
            SELECT CAST(key AS TEXT) AS key, state, live, reason, again, COUNT(*) AS n FROM (
              SELECT \(key(blank: "a.blank")) AS key, p.state,
                CASE WHEN a.state IN ('held','unknown') THEN a.state
                  WHEN a.state = 'produced' AND c.account = 'held' THEN 'recalled' END AS live,
                CASE WHEN p.state = 'held' OR a.state = 'held' THEN COALESCE(p.reason, a.reason, '')
                  WHEN a.state = 'produced' AND c.account = 'held' THEN c.reason END AS reason,
                CASE WHEN EXISTS (SELECT 1 FROM attempt f WHERE f.production = p.production AND f.number < a.number
                  AND f.state <> 'dropped') THEN 1 ELSE 0 END AS again
              FROM production p LEFT JOIN attempt a ON a.production = p.production AND a.number =
                (SELECT MAX(number) FROM attempt m WHERE m.production = p.production)
              LEFT JOIN blank c ON c.blank = a.blank
              WHERE \(condition)) AS each
            GROUP BY key, state, live, reason, again
            """, arguments
        ) { row in
            let n = try row.count("n")
            let state = try row.text("state")
            var counts = groups[row.optionalText("key")] ?? ProductionCounts()
            counts.records += n
            if try row.integer("again") == 1 { counts.remade += n }
            switch (row.optionalText("live"), state) {
            case ("unknown", _): counts.unknown += n
            case ("held", "claimed"), ("held", "held"), (_, "held"), ("recalled", _):
                counts.held += n
                counts.heldBy[row.optionalText("reason") ?? "", default: 0] += n
            case (_, "produced"): counts.good += n
            case (_, "queued"): counts.waiting += n
            case (_, "withdrawn"): counts.withdrawn += n
            default: counts.inWork += n
            }
            groups[row.optionalText("key")] = counts
        }
    }

    private func blanks(_ books: BooksReader, into groups: inout [String?: ProductionCounts]) throws {
        let (condition, arguments) = conditions(time: "m.wall", blank: "m.blank")
        try books.forEach(
            """
            SELECT CAST(key AS TEXT) AS key, reason, COUNT(*) AS n FROM (
              SELECT \(key(blank: "m.blank")) AS key, m.reason FROM movement m
              JOIN blank b ON b.blank = m.blank JOIN attempt a ON a.attempt = COALESCE(m.attempt, b.attempt)
              JOIN production p ON p.production = a.production
              WHERE m.to_account = 'spoiled' AND NOT EXISTS (SELECT 1 FROM movement e WHERE e.blank = m.blank
                AND e.to_account = 'spoiled' AND e.log = m.log AND e.seq < m.seq) AND \(condition)) AS each
            GROUP BY key, reason
            """, arguments
        ) { row in
            groups[row.optionalText("key"), default: ProductionCounts()]
                .rejectedBy[try row.text("reason"), default: 0] += try row.count("n")
        }
    }
}
