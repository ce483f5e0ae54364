public import Ground

/// The order in which the records of one product are taken: remakes, classes whose deadline is over, then what is due
/// first. The claim follows it, and whoever shows the queue asks the same.
public struct QueueOrder: Sendable, Hashable {
    public let product: String
    /// The stock type that is loaded.
    public let stock: String
    /// As in `ClaimRequest`.
    public let stockWindow: Int64
    public let quotas: [String: Int]
    public let deadlines: [String: ClassDeadline]
    /// The wall clock decides about deadlines.
    public var now: WallTime

    public init(
        product: String, stock: String, stockWindow: Int64 = 0, quotas: [String: Int] = [:],
        deadlines: [String: ClassDeadline] = [:], now: WallTime
    ) {
        self.product = product
        self.stock = stock
        self.stockWindow = stockWindow
        self.quotas = quotas
        self.deadlines = deadlines
        self.now = now
    }

    /// What is known of the first record of a class.
    struct Head {
        let production: String
        let priorityClass: String
        let work: OtherWork
        let isRemake: Bool
        let due: Int64
        let approved: Int64
    }

    /// Which head is taken next.
    /// - Parameter served: how many records of each class of the product were claimed so far; asked for only when needed.
    func first(of heads: [Head], served: () throws -> [String: Int64]) rethrows -> Head? {
        guard heads.count > 1 else { return heads.first }
        let over = quotas.isEmpty ? [] : overQuota(try served())
        return heads.min { key($0, over) < key($1, over) }
    }

    private func key(_ head: Head, _ over: Set<String>) -> (Int, Int64, String) {
        // quotas and deadlines are those of the product that the cell is set up for
        let isOwn = head.work.product == product
        let deadline = isOwn ? deadlines[head.priorityClass] : nil
        // a class over its share waits for its approval time like everybody else
        let due = isOwn && over.contains(head.priorityClass) ? head.approved : head.due - (deadline?.earlier(now) ?? 0)
        // the loaded stock is preferred within the window, so that a cell does not change blanks for one record
        guard isOwn, head.work.stock == stock else { return (2, due + stockWindow, head.production) }
        return (head.isRemake ? 0 : deadline?.isOverdue(now) == true ? 1 : 2, due, head.production)
    }

    private func overQuota(_ counts: [String: Int64]) -> Set<String> {
        let total = counts.values.reduce(0, +)
        return Set(
            quotas.filter { name, percent in
                // counted as if it were served once more
                let percent = deadlines[name]?.quota(percent, now) ?? percent
                return (counts[name] ?? 0) * 100 + 100 > Int64(percent) * (total + 1)
            }.keys)
    }

    static let served = "SELECT class, count FROM served WHERE product = ?"

    static func counts(_ rows: [SQLRow]) throws -> [String: Int64] {
        try Dictionary(uniqueKeysWithValues: rows.map { (try $0.text("class"), try $0.integer("count")) })
    }
}
