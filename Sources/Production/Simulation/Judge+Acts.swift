import Stations

/// Acts that the rules forbid, also where nothing came of them: what stands on the cards, and what the world saw.
extension Judge {
    mutating func acts() {
        for card in world.cards {
            // a job has each panel of a side once
            let panels = card.ink.map { "\($0.side) \($0.panel.rawValue)" }
            if Set(panels).count < panels.count {
                breach(.unexplained, "card \(card.number) was printed again over a print")
            }
        }
        for card in world.blind {
            breach(
                .unexplained, "a card was fed, and nobody had looked for card \(card), which power-up had thrown out")
        }
    }
}
