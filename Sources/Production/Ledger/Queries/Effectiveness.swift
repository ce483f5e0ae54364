/// What was made in a time, by cards and by identities (ISO 22400-2, clause 5).
public struct OutputCounts: Sendable, Hashable {
    /// PQ: blanks that were used up: they left the cell, or the hopper without a feed that was ordered. Every spoiled
    /// blank counts.
    public var produced = 0
    /// GQ: good documents. An identity counts once however often it was tried.
    public var good = 0
    /// SQ: blanks spoiled, held ones that an inspector gave up too.
    public var scrap = 0
    /// RQ: blanks used for a second or later try of an identity.
    public var rework = 0
    /// Identities whose first try ended, and those of them that were good with their first blank.
    public var firstTries = 0
    public var firstPasses = 0
    public init() {}

    public static func + (left: OutputCounts, right: OutputCounts) -> OutputCounts {
        var sum = left
        sum.produced += right.produced
        sum.good += right.good
        sum.scrap += right.scrap
        sum.rework += right.rework
        sum.firstTries += right.firstTries
        sum.firstPasses += right.firstPasses
        return sum
    }
}

/// Overall equipment effectiveness after ISO 22400-2. A ratio is nil when there is nothing to divide by.
public struct Effectiveness: Sendable, Hashable {
    public let times: UnitTimes
    public let output: OutputCounts
    /// PRI: planned run time per item in microseconds (the machine's data sheet for this product).
    public let plannedRunTimePerItem: Int64

    public init(times: UnitTimes, output: OutputCounts, plannedRunTimePerItem: Int64) {
        self.times = times
        self.output = output
        self.plannedRunTimePerItem = plannedRunTimePerItem
    }

    private func ratio(_ part: Double, _ whole: Double) -> Double? { whole > 0 ? part / whole : nil }

    /// APT / PBT.
    public var availability: Double? { ratio(Double(times.production), Double(times.plannedBusy)) }
    /// PRI · PQ / APT.
    public var effectiveness: Double? {
        ratio(Double(plannedRunTimePerItem) * Double(output.produced), Double(times.production))
    }
    /// GQ / PQ.
    public var quality: Double? { ratio(Double(output.good), Double(output.produced)) }
    /// Availability · effectiveness · quality.
    public var overall: Double? {
        guard let availability, let effectiveness, let quality else { return nil }
        return availability * effectiveness * quality
    }
    public var firstPassYield: Double? { ratio(Double(output.firstPasses), Double(output.firstTries)) }
    /// SQ / PQ.
    public var scrapRatio: Double? { ratio(Double(output.scrap), Double(output.produced)) }
    /// RQ / PQ.
    public var reworkRatio: Double? { ratio(Double(output.rework), Double(output.produced)) }
}

/// One hour of a cell: what it should have made in its planned time, and what it made.
public struct HourOutput: Sendable, Hashable {
    /// Start of the hour, microseconds UTC.
    public let from: Int64
    public let target: Int
    public let good: Int
    public let produced: Int

    public init(from: Int64, target: Int, good: Int, produced: Int) {
        self.from = from
        self.target = target
        self.good = good
        self.produced = produced
    }
}

/// One cell over a time.
public struct CellEffectiveness: Sendable, Hashable {
    public let line: String
    public let cell: String
    public let value: Effectiveness
    public let hours: [HourOutput]
    public let recovered: RecoveryCounts

    public init(
        line: String, cell: String, value: Effectiveness, hours: [HourOutput],
        recovered: RecoveryCounts = RecoveryCounts()
    ) {
        self.line = line
        self.cell = cell
        self.value = value
        self.hours = hours
        self.recovered = recovered
    }
}
