import Ground

/// The plant's own time line of one log: boot clock within a boot, so that a wall clock that jumps (set by hand, NTP,
/// leap second) moves no duration; the wall clock only says where a boot lies, by the median of what it said meanwhile.
struct PlantClock {
    struct Reading {
        let boot: String
        let mono: Int64
        let wall: Int64
    }

    private var offsets: [String: Int64] = [:]

    /// `readings` in the order of the log.
    init(_ readings: [Reading]) {
        var order: [String] = []
        var byBoot: [String: [Reading]] = [:]
        for reading in readings {
            if byBoot[reading.boot] == nil { order.append(reading.boot) }
            byBoot[reading.boot, default: []].append(reading)
        }
        // a later boot never begins before an earlier one ended, whatever its wall clock said
        var end = Int64.min
        for boot in order {
            guard let readings = byBoot[boot], let first = readings.first, let last = readings.last else { continue }
            let differences = readings.map { $0.wall - $0.mono }.sorted()
            let median = differences[(differences.count - 1) / 2]
            let offset = end == .min ? median : max(median, end - first.mono)
            offsets[boot] = offset
            end = last.mono + offset
        }
    }

    /// Microseconds; nil for a boot that the log does not know.
    func time(boot: String, mono: Int64) -> Int64? { offsets[boot].map { $0 + mono } }
}
