/// How many of what, and in which cell each is made. A cell is one design under one camera.
public struct DefectPlan: Sendable {
    public struct Item: Sendable, Hashable {
        /// Nil: a good one.
        public let defect: Defect?
        public let severity: Severity?
    }

    public let space: SeedSpace
    public let seed: UInt64
    /// What each cell makes.
    public let cells: [[Item]]

    /// - Parameters:
    ///   - good: captures with nothing wrong.
    ///   - identity: changes of identity, shared evenly among their classes.
    ///   - each: captures of every print and picture defect in each of its severities.
    ///   - only: classes that are made; empty for all.
    public init(
        space: SeedSpace, seed: UInt64, good: Int, identity: Int, each: Int, only: Set<Defect> = [], perCell: Int = 20
    ) {
        self.space = space
        self.seed = seed
        var items = [Item](repeating: Item(defect: nil, severity: nil), count: good)
        let isMade = { (defect: Defect) in only.isEmpty || only.contains(defect) }
        let changes = Defect.allCases.filter { $0.group == .identity && isMade($0) }
        if !changes.isEmpty {
            items += (0..<identity).map { Item(defect: changes[$0 % changes.count], severity: .major) }
        }
        for defect in Defect.allCases where defect.group != .identity && isMade(defect) {
            for severity in defect.severities {
                items += [Item](repeating: Item(defect: defect, severity: severity), count: each)
            }
        }
        var dice = space.dice(seed, "plan")
        dice.shuffle(&items)
        var cells: [[Item]] = []
        while !items.isEmpty {
            guard Self.isPassport(cells.count) else {
                cells.append(Array(items.prefix(perCell)))
                items.removeFirst(min(perCell, items.count))
                continue
            }
            var cell: [Item] = []
            var rest: [Item] = []
            for item in items {
                if cell.count < perCell, item.defect?.isOfPassports ?? true {
                    cell.append(item)
                } else {
                    rest.append(item)
                }
            }
            cells.append(cell)
            items = rest
        }
        self.cells = cells
    }

    static func isPassport(_ cell: Int) -> Bool { cell % 7 == 5 }
}
