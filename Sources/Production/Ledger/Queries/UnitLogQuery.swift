public import Ground

/// What a cell was doing from when on, out of the journal and in its order.
///
/// Where a new controller took the line over while the cell still counted as working, the cell was without a controller
/// from the last row of the one before: an entry `aborted` with the code `controller.gone` stands there.
public struct UnitLogQuery: LedgerQuery {
    public let line: LineID
    public let cell: CellID

    public init(line: LineID, cell: CellID) {
        self.line = line
        self.cell = cell
    }

    public func answer(_ books: BooksReader) throws -> [UnitLogEntry] { try log(books).entries }

    /// The entries, and the clock that they were told by.
    func log(_ books: BooksReader) throws -> (entries: [UnitLogEntry], clock: PlantClock) {
        let rows = try books.rows(
            """
            SELECT j.seq, j.kind, j.boot, j.mono, j.wall, j.subjects, j.body, b.boot AS last_boot, b.mono AS last_mono,
              b.wall AS last_wall
            FROM journal j LEFT JOIN journal b ON j.kind = 'line.taken' AND b.log = j.log AND b.seq = j.seq - 1
            WHERE j.log = ? AND j.kind IN ('machine.state','line.taken') ORDER BY j.seq
            """, [.text(line.rawValue)])
        var readings: [PlantClock.Reading] = []
        for row in rows {
            if let boot = row.optionalText("last_boot") {
                readings.append(
                    .init(boot: boot, mono: try row.integer("last_mono"), wall: try row.integer("last_wall")))
            }
            readings.append(
                .init(boot: try row.text("boot"), mono: try row.integer("mono"), wall: try row.integer("wall")))
        }
        let clock = PlantClock(readings)
        var entries: [UnitLogEntry] = []
        for row in rows {
            if try row.text("kind") == "line.taken" {
                guard entries.last?.equipmentState == .productive, let boot = row.optionalText("last_boot"),
                    let at = clock.time(boot: boot, mono: try row.integer("last_mono"))
                else { continue }
                entries.append(UnitLogEntry(at: at, state: .aborted, code: "controller.gone"))
                continue
            }
            let subjects = (try? JSONValue(parsing: try row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            guard subjects.count > 1, subjects[1] == cell.rawValue,
                let at = clock.time(boot: try row.text("boot"), mono: try row.integer("mono"))
            else { continue }
            let body = (try? JSONValue(parsing: try row.blob("body")))?.object ?? [:]
            guard let state = body["state"]?.string.flatMap({ PackMLState(word: $0) }) else {
                throw SQLFailure.shape("machine.state")
            }
            let mode = body["mode"]?.string.flatMap { UnitMode(rawValue: $0) } ?? .production
            entries.append(UnitLogEntry(at: at, state: state, mode: mode, code: body["code"]?.string))
        }
        return (entries, clock)
    }
}
