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

    public var words: String {
        switch self {
        case .hopper(let index): "hopper:\(index)"
        case .machine: "machine"
        case .box(let exit, let index): "\(exit.rawValue):\(index)"
        case .desk: "desk"
        case .table(let index): "table:\(index)"
        }
    }
}
