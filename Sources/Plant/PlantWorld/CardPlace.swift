/// Where a card can lie.
public enum CardPlace: Sendable, Hashable {
    public enum Exit: String, Sendable { case good, reject }

    /// 1 is the next to be fed.
    case hopper(Int)
    case machine
    /// 1 is the lowest.
    case box(Exit, Int)
    case desk
    case table(Int)
    /// Punched and shredded; nothing comes back from there.
    case shredder(Int)

    var isShredder: Bool { if case .shredder = self { true } else { false } }

    public var words: String {
        switch self {
        case .hopper(let index): "hopper:\(index)"
        case .machine: "machine"
        case .box(let exit, let index): "\(exit.rawValue):\(index)"
        case .desk: "desk"
        case .table(let index): "table:\(index)"
        case .shredder(let index): "shredder:\(index)"
        }
    }
}
