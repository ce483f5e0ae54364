/// What the counts are told apart by.
public enum ProductionDimension: String, Sendable, Hashable, CaseIterable {
    case none, batch, line, cell, shift, office, governorate, product, priorityClass = "class", stock
}

/// Counts over records, and over the blanks that were spoiled for them. `waiting`, `inWork`, `good`, `held`,
/// `withdrawn` and `unknown` together are all records.
public struct ProductionCounts: Sendable, Hashable {
    public var records = 0
    public var waiting = 0
    public var inWork = 0
    public var good = 0
    public var held = 0
    public var withdrawn = 0
    /// An act without a known result.
    public var unknown = 0
    /// Records that needed more than one attempt at a blank.
    public var remade = 0
    /// Why records are held.
    public var heldBy: [String: Int] = [:]
    /// Why blanks were spoiled (`rejected`): one count per blank.
    public var rejectedBy: [String: Int] = [:]
    public init() {}

    public var rejected: Int { rejectedBy.values.reduce(0, +) }

    public static func + (left: ProductionCounts, right: ProductionCounts) -> ProductionCounts {
        var sum = left
        sum.records += right.records
        sum.waiting += right.waiting
        sum.inWork += right.inWork
        sum.good += right.good
        sum.held += right.held
        sum.withdrawn += right.withdrawn
        sum.unknown += right.unknown
        sum.remade += right.remade
        sum.heldBy.merge(right.heldBy, uniquingKeysWith: +)
        sum.rejectedBy.merge(right.rejectedBy, uniquingKeysWith: +)
        return sum
    }
}

public struct ProductionReport: Sendable, Hashable {
    public struct Group: Sendable, Hashable {
        /// Nil where a record has none: no office named, or no line has touched it yet.
        public let key: String?
        public let counts: ProductionCounts
        public init(key: String?, counts: ProductionCounts) {
            self.key = key
            self.counts = counts
        }
    }

    public let selection: ProductionQuery
    /// In the order of their keys, the one without a key last.
    public let groups: [Group]

    public init(selection: ProductionQuery, groups: [Group]) {
        self.selection = selection
        self.groups = groups
    }

    public var total: ProductionCounts { groups.reduce(ProductionCounts()) { $0 + $1.counts } }
}
