import Ground

/// Slows down guessing: after five failures of a name or of an address, each further one doubles the wait.
actor Throttle {
    private struct Record {
        var failures = 0
        var until: Int64 = 0
    }
    private var records: [String: Record] = [:]
    private let time: any TimeSource
    private static let free = 5
    private static let longest: Int64 = 900_000_000

    init(time: any TimeSource) { self.time = time }

    /// Seconds until somebody may try again; 0 for now.
    func wait(_ keys: [String]) -> Int {
        let now = time.boot().microseconds
        let until = keys.compactMap { records[$0]?.until }.max() ?? 0
        return until <= now ? 0 : Int((until - now + 999_999) / 1_000_000)
    }

    func failed(_ keys: [String]) {
        let now = time.boot().microseconds
        if records.count > 10_000 { records = records.filter { $0.value.until > now } }
        for key in keys {
            var record = records[key] ?? Record()
            record.failures += 1
            if record.failures >= Throttle.free {
                let doublings = min(record.failures - Throttle.free, 10)
                record.until = now + min(2_000_000 << Int64(doublings), Throttle.longest)
            }
            records[key] = record
        }
    }

    func succeeded(_ keys: [String]) { for key in keys { records[key] = nil } }
}

/// Keeps what comes from outside from filling the journal: of each kind, the first one in a minute is told.
actor Knocks {
    private var told: [String: Int64] = [:]
    private let time: any TimeSource
    private static let minute: Int64 = 60_000_000
    private static let most = 1000

    init(time: any TimeSource) { self.time = time }

    func isFirst(_ kind: String) -> Bool {
        let now = time.boot().microseconds
        if let last = told[kind], now - last < Knocks.minute { return false }
        if told.count >= Knocks.most { told = told.filter { now - $0.value < Knocks.minute } }
        // more addresses in a minute than anybody reads: that many rows say enough
        guard told.count < Knocks.most else { return false }
        told[kind] = now
        return true
    }
}
