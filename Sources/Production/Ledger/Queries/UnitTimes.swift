/// The six states that SEMI E10 puts every second of a machine into.
public enum EquipmentState: String, Sendable, Hashable, CaseIterable {
    case productive, standby, engineering
    case scheduledDown = "scheduled_down"
    case unscheduledDown = "unscheduled_down"
    case nonScheduled = "non_scheduled"
}

/// From when on a unit is in a state. `at` is microseconds on the plant's own time line (`UnitLogQuery`).
public struct UnitLogEntry: Sendable, Hashable {
    public let at: Int64
    public let state: PackMLState
    public let mode: UnitMode
    /// What stopped it; nil while nothing is wrong.
    public let code: String?

    public init(at: Int64, state: PackMLState, mode: UnitMode = .production, code: String? = nil) {
        self.at = at
        self.state = state
        self.mode = mode
        self.code = code
    }

    /// What this state is in SEMI E10. Waiting for people, blanks or boxes is standby (PackML: suspended), a fault inside
    /// the cell and everything until it works again is unscheduled down, and so is maintenance that a fault asked for.
    public var equipmentState: EquipmentState {
        switch mode {
        case .training: return .nonScheduled
        case .manual: return .engineering
        case .maintenance: return code == nil ? .scheduledDown : .unscheduledDown
        case .production: break
        }
        switch state {
        case .execute, .completing: return .productive
        case .holding, .held, .unholding, .aborting, .aborted, .clearing: return .unscheduledDown
        case .stopping, .stopped: return code == nil ? .standby : .unscheduledDown
        case .resetting, .idle, .starting, .complete, .suspending, .suspended, .unsuspending: return .standby
        }
    }
}

/// How long a unit was in each state, in microseconds; together they are the time asked for, to the microsecond.
public struct UnitTimes: Sendable, Hashable {
    public private(set) var times: [EquipmentState: Int64] = [:]

    public init() {}

    /// - Parameters:
    ///   - entries: in the order of the journal; before the first the unit was not in the plant (non-scheduled), and the
    ///     last state goes on.
    ///   - plan: when the unit is scheduled to work; nil for always. Time outside of it is non-scheduled, except that a
    ///     unit which works is productive whatever the plan says.
    public init(_ entries: [UnitLogEntry], over range: Range<Int64>, plan: [Range<Int64>]? = nil) {
        var spans: [(Range<Int64>, EquipmentState)] = []
        var from = range.lowerBound
        var state = EquipmentState.nonScheduled
        for entry in entries {
            let at = min(max(entry.at, from), range.upperBound)
            if at > from { spans.append((from..<at, state)) }
            from = at
            state = entry.equipmentState
        }
        if from < range.upperBound { spans.append((from..<range.upperBound, state)) }
        for (span, state) in spans { add(span, state, plan) }
    }

    private mutating func add(_ span: Range<Int64>, _ state: EquipmentState, _ plan: [Range<Int64>]?) {
        let length = span.upperBound - span.lowerBound
        guard let plan, state != .productive else {
            times[state, default: 0] += length
            return
        }
        let inside = UnitTimes.overlap(span, UnitTimes.merged(plan))
        times[state, default: 0] += inside
        times[.nonScheduled, default: 0] += length - inside
    }

    /// Overlapping and touching ranges made one, in order.
    static func merged(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
        ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
            if let last = merged.last, last.upperBound >= range.lowerBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
    }

    static func overlap(_ span: Range<Int64>, _ ranges: [Range<Int64>]) -> Int64 {
        ranges.reduce(0) { $0 + Int64($1.clamped(to: span).count) }
    }

    public subscript(_ state: EquipmentState) -> Int64 { times[state] ?? 0 }

    public static func + (left: UnitTimes, right: UnitTimes) -> UnitTimes {
        var sum = left
        sum.times.merge(right.times) { $0 + $1 }
        return sum
    }

    public var total: Int64 { times.values.reduce(0, +) }
    /// ISO 22400-2 PBT: when the unit was meant to work.
    public var plannedBusy: Int64 { total - self[.nonScheduled] - self[.scheduledDown] - self[.engineering] }
    /// ISO 22400-2 APT: when it made documents.
    public var production: Int64 { self[.productive] }
    /// ISO 22400-2 AUBT: production and the delays within an order (faults, waiting for blanks), without idle time.
    public var busy: Int64 { production + self[.unscheduledDown] }
}
