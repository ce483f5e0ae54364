public import Ground

/// A box of envelopes, a bag of boxes, or a consignment of bags.
///
///     open --count--> closed --(bag) seal--> sealed --consignment leaves--> dispatched --scan in, seal--> arrived
///     closed, sealed --two people--> open
public struct Container: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable { case open, closed, sealed, dispatched, arrived }

    public let number: SSCC
    public let kind: ContainerKind
    public let target: Target
    public internal(set) var state = State.open
    public internal(set) var contents: Set<Item> = []
    /// Items that were counted into it when it was closed.
    public internal(set) var count = 0
    /// `Manifest.digest` of what was in it then: it stands when all of it has gone its way.
    public internal(set) var digest: Bytes?
    public internal(set) var inside: SSCC?
    public internal(set) var seal: String?

    init(number: SSCC, kind: ContainerKind, target: Target) {
        self.number = number
        self.kind = kind
        self.target = target
    }
}

/// What lies in a container: an envelope in a box, a container in the others.
public enum Item: Sendable, Hashable, Comparable, CustomStringConvertible {
    case envelope(S10)
    case container(SSCC)

    public var description: String {
        switch self {
        case .envelope(let number): number.description
        case .container(let number): number.description
        }
    }

    public static func < (left: Item, right: Item) -> Bool { left.description < right.description }
}
