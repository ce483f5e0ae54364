import Ground
import Stations

/// What the inspection's measures and reasons tell before cards are lost, as a pure value: a measure that walks towards its
/// limit, a reason that comes back, and the part that is behind it.
///
/// Invariants:
/// 1. Only documents that passed make a trend: a reject is a reject already.
/// 2. A warning is given once, until somebody attended to its part.
/// 3. A walk is announced only when it is more than the scatter of the cards around it: six standard errors of its slope.
struct TrendWatch: Sendable {
    /// Limits of a measure, in thousandths, as the inspection's plan has them.
    struct Limits: Sendable, Hashable {
        var atLeast: Int64?
        var atMost: Int64?
    }

    enum Part: String, Sendable, Hashable, CaseIterable {
        case printHead, ribbon, feedRollers, transport, lens, lamp, stock
    }

    enum Event: Sendable {
        /// A document passed, with its measures in thousandths.
        case passed([String: Int64])
        case rejected([Finding])
        case attended(Part)
    }

    enum Action: Sendable, Hashable {
        /// A measure will reach its limit after so many more documents if it goes on like this.
        case announce(measure: String, cards: Int, part: Part?)
        /// A reason came so many times among the last documents.
        case name(part: Part, reason: String, times: Int)
    }

    /// Documents that a slope is taken over, and how far ahead it is looked.
    static let window = 40
    static let horizon = 200
    /// Rejects for one reason among so many documents that name a part.
    static let repeats = 3
    static let recent = 60
    /// Two places are one if they are so near, mm.
    static let nearby = 1.0

    private let limits: [String: Limits]
    private let parts: [String: Part]
    private var values: [String: [Double]] = [:]
    private var told: [String: Part?] = [:]
    private var rejects: [(card: Int, finding: Finding)] = []
    private var card = 0

    /// `parts`: of a measure's or a reason's name, or of its beginning up to a dot, the part that it speaks of.
    init(limits: [String: Limits], parts: [String: Part] = TrendWatch.usual) {
        self.limits = limits
        self.parts = parts
    }

    static let usual: [String: Part] = [
        "print.line": .printHead, "print.colour": .ribbon, "panel": .ribbon, "panel.registration": .feedRollers,
        "print.registration": .feedRollers, "print.scratch": .transport, "print.spot": .printHead,
        "print.smudge": .transport, "print.wrinkle": .ribbon, "print.ghost": .ribbon, "focus": .lens, "glare": .lamp,
        "exposure": .lamp, "card.stock": .stock,
    ]

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .passed(let measures):
            card += 1
            return measures.keys.sorted().compactMap { name in watch(name, Double(measures[name] ?? 0)) }
        case .rejected(let findings):
            card += 1
            let oldest = card - Self.recent
            rejects.removeAll { $0.card <= oldest }
            rejects += findings.map { (card, $0) }
            return findings.compactMap { again($0) }
        case .attended(let part):
            told = told.filter { $0.value != part }
            rejects = rejects.filter { self.part(of: $0.finding.code) != part }
            values = values.filter { self.part(of: $0.key) != part }
            return []
        }
    }

    private mutating func watch(_ name: String, _ value: Double) -> Action? {
        guard let limit = limits[name] else { return nil }
        var known = values[name] ?? []
        known.append(value)
        if known.count > Self.window { known.removeFirst() }
        values[name] = known
        guard known.count == Self.window, told[name] == nil, let walk = Walk(known) else { return nil }
        let ceiling = limit.atMost.map { (Double($0) - walk.end) / walk.slope }
        let floor = limit.atLeast.map { (Double($0) - walk.end) / walk.slope }
        // a limit in the other direction lies behind
        let ahead = [walk.slope > 0 ? ceiling : nil, walk.slope < 0 ? floor : nil].compactMap(\.self).min()
        guard let ahead, ahead < Double(Self.horizon) else { return nil }
        let part = part(of: name)
        told[name] = .some(part)
        return .announce(measure: name, cards: max(0, Int(ahead)), part: part)
    }

    /// The same reason at the same place, on several cards.
    private mutating func again(_ finding: Finding) -> Action? {
        guard told[finding.code] == nil, let part = part(of: finding.code) else { return nil }
        let alike = rejects.filter { $0.finding.code == finding.code && Self.isNear($0.finding, finding) }
        let times = Set(alike.map(\.card)).count
        guard times >= Self.repeats else { return nil }
        told[finding.code] = .some(part)
        return .name(part: part, reason: finding.code, times: times)
    }

    /// A dead element is at one height of every card; other marks have a place in both directions.
    private static func isNear(_ one: Finding, _ two: Finding) -> Bool {
        guard one.side == two.side else { return false }
        let across = one.place.x + one.place.width / 2 - two.place.x - two.place.width / 2
        let down = one.place.y + one.place.height / 2 - two.place.y - two.place.height / 2
        let isLine = one.code == "print.line"
        return down.magnitude <= nearby && (isLine || across.magnitude <= nearby)
    }

    private func part(of name: String) -> Part? {
        var name = name[...]
        while true {
            if let part = parts[String(name)] { return part }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
    }

    /// A straight line through the last values, if it is more than scatter.
    private struct Walk {
        let slope: Double
        /// Where the line is at the last card.
        let end: Double

        init?(_ values: [Double]) {
            let count = Double(values.count)
            let middle = (count - 1) / 2
            let mean = values.reduce(0, +) / count
            let spread = count * (count * count - 1) / 12
            var slope = 0.0
            for (index, value) in values.enumerated() { slope += (Double(index) - middle) * (value - mean) }
            slope /= spread
            var rest = 0.0
            for (index, value) in values.enumerated() {
                let away = value - mean - slope * (Double(index) - middle)
                rest += away * away
            }
            let error = (rest / (count - 2) / spread).squareRoot()
            guard slope.magnitude > 6 * error, slope.magnitude > 1e-9 else { return nil }
            self.slope = slope
            end = mean + slope * middle
        }
    }
}
