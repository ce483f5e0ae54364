/// How many of what, and in which cell each is made. A cell is one design under one camera.
public struct DefectPlan: Sendable {
    public struct Item: Sendable, Hashable {
        /// Nil: a good one.
        public let defect: Defect?
        public let severity: Severity?
    }

    /// Whose design a cell has.
    enum Design: Sendable, Hashable {
        case card, page, productCard, productPage

        var isPassport: Bool { self == .page || self == .productPage }
        var isProduct: Bool { self == .productCard || self == .productPage }

        /// A page has no back and perhaps no code; a product's zone and codes follow from its record, and its drawing leaves
        /// nothing out.
        func allows(_ defect: Defect?) -> Bool {
            switch defect {
            case .side, .codeContent, .codeVoid: !isPassport
            case .agreeCode: !isPassport && !isProduct
            case .agreeZone, .textMissing, .portraitAlike: !isProduct
            default: true
            }
        }
    }

    public let space: SeedSpace
    public let seed: UInt64
    let withProducts: Bool
    /// What each cell makes.
    public let cells: [[Item]]

    /// - Parameters:
    ///   - good: captures with nothing wrong.
    ///   - identity: changes of identity, shared evenly among their classes.
    ///   - each: captures of every print and picture defect in each of its severities.
    ///   - withProducts: whether a quarter of the cells is of products' designs.
    ///   - only: classes that are made; empty for all.
    public init(
        space: SeedSpace, seed: UInt64, good: Int, identity: Int, each: Int, only: Set<Defect> = [],
        withProducts: Bool = false, perCell: Int = 20
    ) {
        self.space = space
        self.seed = seed
        self.withProducts = withProducts
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
            let design = Self.design(cells.count, withProducts: withProducts)
            var cell: [Item] = []
            var rest: [Item] = []
            for item in items {
                if cell.count < perCell, design.allows(item.defect) {
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

    func design(_ cell: Int) -> Design { Self.design(cell, withProducts: withProducts) }

    private static func design(_ cell: Int, withProducts: Bool) -> Design {
        let isProduct = withProducts && cell % 4 == 2
        return cell % 7 == 5 ? (isProduct ? .productPage : .page) : (isProduct ? .productCard : .card)
    }
}
