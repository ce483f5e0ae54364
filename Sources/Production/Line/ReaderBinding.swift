import Ground
import Stations

/// Proves which reader belongs to which printer of the line: a card is moved in one cell, and that cell's reader must
/// be the one that sees it. The first cards of unproved cells are fed one after the other, so that a card that appears
/// in another cell's reader can only be this one.
///
/// A line whose two readers have changed places would write each person's chip into the other cell's card.
actor ReaderBinding {
    private struct Place {
        let reader: any ChipStation
        /// The machine was looked at and is empty.
        var isEmpty = false
        var isProved = false
        var accusation: SakkError?
    }
    private var places: [CellID: Place] = [:]
    private var isTaken = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func join(_ cell: CellID, _ reader: any ChipStation) { places[cell] = Place(reader: reader) }

    /// A cell whose machine is about to be empty or not, or that is left out of the line.
    func isEmpty(_ cell: CellID, _ empty: Bool) { places[cell]?.isEmpty = empty }
    func leave(_ cell: CellID) { places[cell] = nil }

    /// Throws when another cell found out that this one's reader is not its own.
    func demandInnocence(_ cell: CellID) throws(SakkError) {
        if let accusation = places[cell]?.accusation { throw accusation }
    }

    /// Runs a feed; the first of each cell as the proof.
    func feed(_ cell: CellID, _ body: @Sendable () async throws(SakkError) -> Void) async throws(SakkError) {
        guard let place = places[cell], !place.isProved, places.count > 1 else {
            places[cell]?.isEmpty = false
            return try await body()
        }
        await take()
        defer { free() }
        try demandInnocence(cell)
        if case .answers = try await place.reader.identify() {
            throw accuse(cell, nil)
        }
        places[cell]?.isEmpty = false
        try await body()
        if case .answers = try await place.reader.identify() {
            places[cell]?.isProved = true
            return
        }
        for (other, there) in places where other != cell && there.isEmpty && !there.isProved {
            if case .answers = try await there.reader.identify() { throw accuse(cell, other) }
        }
        // a dead chip proves nothing: the next card will
    }

    private func accuse(_ cell: CellID, _ other: CellID?) -> SakkError {
        let pair = [cell.rawValue, other?.rawValue].compactMap { $0 }.joined(separator: " and ")
        let error = SakkError(
            "line.binding.wrong", source: "cell \(cell)", subject: other?.rawValue,
            text: other == nil
                ? "The reader of \(cell) sees a card although its machine is empty."
                : "A card that was fed in \(cell) was seen by the reader of \(other?.rawValue ?? "").",
            remedy: "Check the readers' names of \(pair) in the line's file against their cables; "
                + "take the cards out and bring them to the desk reader.")
        places[cell]?.accusation = error
        if let other { places[other]?.accusation = error }
        return error
    }

    private func take() async {
        if !isTaken {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiters.append($0) }
    }

    private func free() {
        if waiters.isEmpty { isTaken = false } else { waiters.removeFirst().resume() }
    }
}
