public import Stations

/// What a printer can lay on each side, from the name of its ribbon: the letters of the panels in their order (`y` `m` `c`
/// `k` `o` `u` `p`). The front ends after its varnish `o`, or where a panel comes for the second time: `ymckok` is y m c k o
/// and k, `ymckuk` is y m c k u and k, `ymckoymcko` is the same on both sides. `laser` is one grey plane on the front: a
/// laser blackens by degrees.
public struct Ribbon: Sendable, Hashable {
    public let name: String
    public let front: [Panel]
    public let back: [Panel]
    /// The black plane knows degrees: pictures of the holder are in it.
    public let isToned: Bool

    /// Nil for a name that is not understood.
    public init?(_ name: String) {
        self.name = name
        isToned = name == "laser"
        guard !isToned else {
            (front, back) = ([.black], [])
            return
        }
        var front: [Panel] = []
        var back: [Panel] = []
        for letter in name {
            guard let panel = Panel(rawValue: String(letter)) else { return nil }
            if back.isEmpty, !front.contains(panel), front.last != .overlay {
                front.append(panel)
            } else if !back.contains(panel) {
                back.append(panel)
            } else {
                return nil
            }
        }
        guard !front.isEmpty, Ribbon.isWhole(front), Ribbon.isWhole(back) else { return nil }
        (self.front, self.back) = (front, back)
    }

    func panels(_ side: CardSide) -> [Panel] { side == .front ? front : back }
    func hasColour(_ side: CardSide) -> Bool { panels(side).contains(.cyan) }

    /// Colour is all three or none.
    private static func isWhole(_ panels: [Panel]) -> Bool {
        let colours = panels.filter { [.yellow, .magenta, .cyan].contains($0) }
        return colours.isEmpty || colours.count == 3
    }
}
