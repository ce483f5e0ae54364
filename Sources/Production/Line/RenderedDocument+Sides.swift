import Stations

extension RenderedDocument {
    /// The sides that the camera is shown: those that are drawn or printed, so the one of a data page. A card's two when the
    /// document says nothing.
    var shownSides: [CardSide] {
        let shown = CardSide.allCases.filter { side in
            sides.contains { $0.side == side } || panels.contains { $0.side == side }
        }
        return shown.isEmpty ? CardSide.allCases : shown
    }
}
