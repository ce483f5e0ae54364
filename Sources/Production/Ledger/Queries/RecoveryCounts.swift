/// What became of the cards that lay in a machine when its controller or its power died: rows `cell.recovered` of the
/// journal, one for each start that found some.
public struct RecoveryCounts: Sendable, Hashable {
    public static let kind = "cell.recovered"

    public var continued = 0
    public var spoiled = 0
    /// Left for a person, with a name and a place.
    public var quarantined = 0
    public init() {}

    public var cards: Int { continued + spoiled + quarantined }

    public static func + (left: RecoveryCounts, right: RecoveryCounts) -> RecoveryCounts {
        var sum = left
        sum.continued += right.continued
        sum.spoiled += right.spoiled
        sum.quarantined += right.quarantined
        return sum
    }
}
