public import Ground
public import Stations

/// What the cells of a line last said of their cameras, each since its controller began.
public struct CameraHealthQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let cell: CellID
        public let at: WallTime
        public let health: CameraHealth
    }

    public let line: LineID
    public init(line: LineID) { self.line = line }

    /// Rows that are looked through, from the last one: a camera is spoken of every fifty frames.
    private static let reach: Int64 = 20_000

    public func answer(_ books: BooksReader) throws -> [Row] {
        let log: SQLValue = .text(line.rawValue)
        let rows = try books.rows(
            """
            SELECT wall, subjects, body FROM journal
            WHERE log = ? AND kind = 'camera.health' AND seq > (SELECT max(seq) FROM journal WHERE log = ?) - ?
            ORDER BY seq DESC LIMIT 200
            """, [log, log, .integer(Self.reach)])
        var found: [Row] = []
        for row in rows {
            let subjects = (try? JSONValue(parsing: try row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            guard let cell = subjects.last.map({ CellID($0) }), !found.contains(where: { $0.cell == cell }) else {
                continue
            }
            let body = (try? JSONValue(parsing: try row.blob("body")))?.object ?? [:]
            var health = CameraHealth()
            for (name, place) in CameraHealth.counters { health[keyPath: place] = Int(body[name]?.integer ?? 0) }
            health.temperatureTenths = body["temperature_tenths"]?.integer.map { Int($0) }
            found.append(Row(cell: cell, at: WallTime(microseconds: try row.integer("wall")), health: health))
        }
        return found.sorted { $0.cell.rawValue < $1.cell.rawValue }
    }
}
