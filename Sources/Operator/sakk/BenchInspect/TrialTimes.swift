/// Times in microseconds.
struct TrialTimes {
    private var values: [Int64] = []

    var count: Int { values.count }
    mutating func add(_ microseconds: Int64) { values.append(microseconds) }

    /// The value that this share of all stays under; 0 when there is none.
    func at(_ share: Double) -> Int64 {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
