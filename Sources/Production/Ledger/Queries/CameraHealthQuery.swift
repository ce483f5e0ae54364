public import Ground
public import Stations

/// What the cells of a line last said of their cameras, each since its controller began.
public struct CameraHealthQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let cell: CellID
        public let at: WallTime
        public let health: CameraHealth
        /// What of it is new since the note that is `recentTriggers` back, or since the controller began.
        public let recent: CameraHealth
    }

    /// A cable that was mended is no trouble any more after so many triggers.
    public static let recentTriggers = 100

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
        var notes: [CellID: [(at: WallTime, health: CameraHealth)]] = [:]
        for row in rows {
            let subjects = (try? JSONValue(parsing: try row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            guard let cell = subjects.last.map({ CellID($0) }) else { continue }
            let body = (try? JSONValue(parsing: try row.blob("body")))?.object ?? [:]
            var health = CameraHealth()
            for (name, place) in CameraHealth.counters { health[keyPath: place] = Int(body[name]?.integer ?? 0) }
            health.temperatureTenths = body["temperature_tenths"]?.integer.map { Int($0) }
            notes[cell, default: []].append((WallTime(microseconds: try row.integer("wall")), health))
        }
        return notes.compactMap { cell, notes in
            notes.first.map {
                Row(cell: cell, at: $0.at, health: $0.health, recent: CameraHealthQuery.recent(notes.map(\.health)))
            }
        }.sorted { $0.cell.rawValue < $1.cell.rawValue }
    }

    /// Of notes with the newest first.
    static func recent(_ notes: [CameraHealth]) -> CameraHealth {
        guard var recent = notes.first else { return CameraHealth() }
        // counters that run backwards are an earlier controller's
        let own = zip(notes, notes.dropFirst()).prefix { $0.triggers >= $1.triggers }.map(\.1)
        // without such an old note the oldest one; a controller's first is after its first card
        let old = own.first { notes[0].triggers - $0.triggers >= recentTriggers }
        guard let base = old ?? own.last.flatMap({ $0.triggers > recentTriggers ? $0 : nil }) else { return recent }
        for (_, place) in CameraHealth.counters { recent[keyPath: place] -= base[keyPath: place] }
        return recent
    }
}
