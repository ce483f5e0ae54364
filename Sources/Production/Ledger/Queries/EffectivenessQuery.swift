public import Ground

/// Overall equipment effectiveness of each cell over a time.
///
/// Time and pieces are told by the same clock (`PlantClock`): pieces are the journal rows whose place in the log lies in
/// the time asked for, so a wall clock that jumps moves neither.
public struct EffectivenessQuery: LedgerQuery {
    /// Nil for all lines.
    public let line: LineID?
    /// Nil for all cells.
    public let cell: CellID?
    public let range: Range<Int64>
    /// PRI in microseconds.
    public let plannedRunTimePerItem: Int64
    /// When the cells are scheduled to work; nil for always.
    public let plan: [Range<Int64>]?

    public init(
        line: LineID? = nil, cell: CellID? = nil, from: WallTime, to: WallTime, plannedRunTimePerItem: Int64,
        plan: [Range<Int64>]? = nil
    ) {
        self.line = line
        self.cell = cell
        range = from.microseconds..<max(to.microseconds, from.microseconds)
        self.plannedRunTimePerItem = plannedRunTimePerItem
        self.plan = plan
    }

    public func answer(_ books: BooksReader) throws -> [CellEffectiveness] {
        let cells = try books.rows("SELECT line, cell FROM cell ORDER BY line, cell").filter { row in
            try (line == nil || row.text("line") == line?.rawValue)
                && (cell == nil || row.text("cell") == cell?.rawValue)
        }
        return try cells.map { row in
            try one(LineID(try row.text("line")), CellID(try row.text("cell")), books)
        }
    }

    private func one(_ line: LineID, _ cell: CellID, _ books: BooksReader) throws -> CellEffectiveness {
        let (entries, clock) = try UnitLogQuery(line: line, cell: cell).log(books)
        let times = UnitTimes(entries, over: range, plan: plan)
        let span = try rows(.text(line.rawValue), clock, books)
        let events = try self.events(line, cell, span, clock, books)
        var output = OutputCounts()
        for event in events { event.count(into: &output) }
        return CellEffectiveness(
            line: line.rawValue, cell: cell.rawValue,
            value: Effectiveness(times: times, output: output, plannedRunTimePerItem: plannedRunTimePerItem),
            hours: hours(entries, events), recovered: try recovered(line, cell, span, books))
    }

    private func recovered(_ line: LineID, _ cell: CellID, _ span: (first: Int64, last: Int64), _ books: BooksReader)
        throws -> RecoveryCounts
    {
        let rows = try books.rows(
            "SELECT subjects, body FROM journal WHERE log = ? AND seq BETWEEN ? AND ? AND kind = ?",
            [.text(line.rawValue), .integer(span.first), .integer(span.last), .text(RecoveryCounts.kind)])
        var counts = RecoveryCounts()
        for row in rows
        where try JSONValue(parsing: row.blob("subjects")).array?.first?.string == cell.rawValue {
            let body = try JSONValue(parsing: row.blob("body"))
            counts.continued += Int(body["continued"]?.integer ?? 0)
            counts.spoiled += Int(body["spoiled"]?.integer ?? 0)
            counts.quarantined += Int(body["quarantined"]?.integer ?? 0)
        }
        return counts
    }

    private func hours(_ entries: [UnitLogEntry], _ events: [PieceEvent]) -> [HourOutput] {
        let hour: Int64 = 3_600_000_000
        var counts: [Int64: OutputCounts] = [:]
        for event in events { event.count(into: &counts[event.at / hour, default: OutputCounts()]) }
        guard !range.isEmpty, range.upperBound - range.lowerBound <= 32 * 24 * hour else { return [] }
        return (range.lowerBound / hour...(range.upperBound - 1) / hour).map { index in
            let span = (index * hour..<(index + 1) * hour).clamped(to: range)
            let planned = UnitTimes(entries, over: span, plan: plan).plannedBusy
            return HourOutput(
                from: index * hour,
                target: plannedRunTimePerItem > 0 ? Int(planned / plannedRunTimePerItem) : 0,
                good: counts[index]?.good ?? 0, produced: counts[index]?.produced ?? 0)
        }
    }

    /// What happened to cards and identities of this cell in the range. A card that comes to the same account a second
    /// time (looked at again by a person) counts once; an attempt that was dropped before any blank is no try.
    private func events(
        _ line: LineID, _ cell: CellID, _ span: (first: Int64, last: Int64), _ clock: PlantClock, _ books: BooksReader
    ) throws -> [PieceEvent] {
        let log = SQLValue.text(line.rawValue)
        let (first, last) = span
        guard first <= last else { return [] }
        var events: [PieceEvent] = []
        let arguments = [log, .integer(first), .integer(last), .text(cell.rawValue)]
        try books.forEach(
            """
            SELECT m.from_account, m.to_account, j.boot, j.mono,
              CASE WHEN EXISTS (SELECT 1 FROM attempt f WHERE f.production = a.production AND f.number < a.number
                AND f.state <> 'dropped') THEN 1 ELSE 0 END AS again
            FROM movement m
            JOIN blank b ON b.blank = m.blank LEFT JOIN attempt a ON a.attempt = COALESCE(m.attempt, b.attempt)
            JOIN journal j ON j.log = m.log AND j.seq = m.seq
            WHERE m.log = ? AND m.seq BETWEEN ? AND ? AND COALESCE(a.cell, b.hopper) = ?
              AND (m.from_account IN ('cell','line') OR m.to_account IN ('good','spoiled'))
              AND NOT EXISTS (SELECT 1 FROM movement e WHERE e.blank = m.blank AND e.to_account = m.to_account
                AND e.log = m.log AND e.seq < m.seq)
            """, arguments
        ) { row in
            guard let at = clock.time(boot: try row.text("boot"), mono: try row.integer("mono")) else { return }
            events.append(
                PieceEvent(
                    at: at,
                    kind: .moved(
                        from: row.optionalText("from_account") ?? "", to: try row.text("to_account"),
                        again: try row.integer("again") == 1)))
        }
        // the first tries that ended here: good with their first blank or not
        try books.forEach(
            """
            SELECT j.boot, j.mono, a.state, (SELECT COUNT(*) FROM blank b WHERE b.attempt = a.attempt) AS blanks
            FROM movement m JOIN blank b ON b.blank = m.blank
            JOIN attempt a ON a.attempt = COALESCE(m.attempt, b.attempt) AND a.number =
              (SELECT MIN(f.number) FROM attempt f WHERE f.production = a.production AND f.state <> 'dropped')
            JOIN journal j ON j.log = m.log AND j.seq = m.seq
            WHERE m.log = ? AND m.seq BETWEEN ? AND ? AND a.cell = ?
              AND m.from_account = 'cell' AND (a.blank = m.blank OR a.blank IS NULL)
            """, arguments
        ) { row in
            guard let at = clock.time(boot: try row.text("boot"), mono: try row.integer("mono")) else { return }
            let blanks = try row.count("blanks")
            let passed = ["produced", "voided"].contains(try row.text("state")) && blanks == 1
            events.append(PieceEvent(at: at, kind: .firstTry(passed: passed)))
        }
        return events
    }

    /// First and last row of the log within the range: found by halving, because the log is in the order of its clock.
    private func rows(_ log: SQLValue, _ clock: PlantClock, _ books: BooksReader) throws -> (Int64, Int64) {
        let end = try books.row("SELECT seq FROM log WHERE log = ?", [log])?.integer("seq") ?? 0
        func firstRow(notBefore time: Int64) throws -> Int64 {
            var low: Int64 = 1
            var high = end + 1
            while low < high {
                let middle = low + (high - low) / 2
                let row = try books.row(
                    "SELECT boot, mono, wall FROM journal WHERE log = ? AND seq = ?", [log, .integer(middle)])
                guard let row else { throw SQLFailure.shape("journal seq") }
                let known = clock.time(boot: try row.text("boot"), mono: try row.integer("mono"))
                let at = try known ?? row.integer("wall")
                if at < time { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return (try firstRow(notBefore: range.lowerBound), try firstRow(notBefore: range.upperBound) - 1)
    }
}

/// Something that counts towards the output of a cell.
struct PieceEvent {
    enum Kind {
        case moved(from: String, to: String, again: Bool)
        case firstTry(passed: Bool)
    }
    let at: Int64
    let kind: Kind

    func count(into output: inout OutputCounts) {
        switch kind {
        case .moved(let from, let to, let again):
            // two cards fed at once: the second was never told to be in the cell, and is used all the same
            let isUsed = from == "cell" || from == "line" && ["held", "spoiled", "missing", "quarantine"].contains(to)
            if isUsed { output.produced += 1 }
            if isUsed, again { output.rework += 1 }
            if to == "good" { output.good += 1 }
            if to == "spoiled", from != "good" { output.scrap += 1 }
        case .firstTry(let passed):
            output.firstTries += 1
            if passed { output.firstPasses += 1 }
        }
    }
}
