import Ground
import Ledger
import Stations

/// What is perforated in a booklet, and how it lies there.
struct Booklet: Sendable {
    var number: String
    var category = "regular"
    var page = BookletIdentity.Page.data
    var isReadable = true

    /// Of the n-th card of the world.
    static func number(_ card: Int) -> String { "B" + SimulatedPeople.padded(card, 8) }
}

/// Sees the number of what lies in the machine, at whatever station.
struct SimulatedBookletReader: BookletReader {
    let world: World
    let cell: Int
    let gate: Gate

    func connect() async throws(SakkError) { try await gate.pass("booklet.reader") }
    func disconnect() async {}

    func read() async throws(SakkError) -> BookletReading {
        try await gate.pass("booklet.read")
        return world.look { state in
            guard !state.cells[cell].stuck, let inside = state.cells[cell].inside,
                let booklet = state.card(inside).booklet
            else { return .absent }
            return .booklet(
                BookletIdentity(
                    number: booklet.isReadable ? booklet.number : nil, category: booklet.category,
                    page: booklet.page))
        }
    }
}

extension World.State {
    /// What can be wrong with the booklet that is on top of the hopper. True when the machine takes nothing in and says
    /// that it did.
    mutating func wrongBooklet(_ cell: Int, _ profile: FaultProfile) -> Bool {
        guard profile.isBooklets(cell), let top = cells[cell].hopper.first else { return false }
        if cells[cell].hopper.count > 1, fault("booklet.order", profile.bookletOrder, cell) {
            cells[cell].hopper.swapAt(0, 1)
        } else if fault("booklet.page", profile.bookletPage, cell) {
            with(top) { $0.booklet?.page = .other }
        } else if fault("booklet.unreadable", profile.bookletUnreadable, cell) {
            with(top) { $0.booklet?.isReadable = false }
        } else if fault("booklet.foreign", profile.bookletForeign, cell) {
            insert(Booklet(number: "D" + SimulatedPeople.padded(cards.count + 1, 8), category: "diplomatic"), cell)
        } else if let good = cells[cell].good.last, let number = card(good).booklet?.number,
            fault("booklet.twin", profile.bookletTwin, cell)
        {
            insert(Booklet(number: number), cell)
        } else if let other = neighbour(cell, profile), fault("booklet.stray", profile.bookletStray, cell) {
            cells[cell].hopper.insert(cells[other].hopper.removeFirst(), at: 0)
        } else if fault("booklet.absent", profile.bookletAbsent, cell) {
            cells[cell].airy = true
            return true
        }
        return false
    }

    /// Another passport line with booklets in its hopper.
    private func neighbour(_ cell: Int, _ profile: FaultProfile) -> Int? {
        cells.indices.first { $0 != cell && profile.isBooklets($0) && cells[$0].hopper.count > 1 }
    }

    /// A fresh booklet from outside lies on the hopper.
    private mutating func insert(_ booklet: Booklet, _ cell: Int) {
        let number = cards.count + 1
        var card = Card(number: number, chip: ChipIdentity("FOREIGN" + SimulatedPeople.padded(number, 8)))
        card.foreign = true
        card.booklet = booklet
        cards.append(card)
        cells[cell].hopper.insert(number, at: 0)
    }
}

extension LedgerStore {
    /// A box of booklets, received against its manifest and laid into a hopper, in one turn.
    func receive(_ cards: ClosedRange<Int>, category: String, line: LineID, cell: CellID) async throws(SakkError) {
        let lot = LotID(stock: SimulatedPeople.bookletStock, lot: "box-\(cards.lowerBound)")
        var changes: [Change] = [
            .stock(
                .lot(
                    StockLot(
                        id: lot, category: category, isEngraved: true, manifest: Bytes(repeating: 0, count: 32),
                        count: cards.count)))
        ]
        for card in cards {
            let blank = BlankID(stock: SimulatedPeople.bookletStock, serial: Booklet.number(card))
            changes += [
                .stock(.blank(blank, lot, ordinal: card, box: nil)), .stock(.issue(blank, line)),
                .stock(.load(blank, line, cell)),
            ]
        }
        try await commit(Transition(plant: .vault, actor: "operator", changes: changes))
    }
}

extension BooksReading {
    struct BookletRow {
        let blank: String
        let account: String
        let line: String
        let chip: String?
        let isBound: Bool
    }

    func booklet(_ number: String) throws -> BookletRow? {
        try rows(
            """
            SELECT b.blank, b.account, b.line, b.chip, a.attempt FROM blank b LEFT JOIN attempt a ON a.blank = b.blank
            WHERE b.number = ?
            """, [number]
        ).first.map {
            BookletRow(
                blank: $0.text("blank"), account: $0.text("account"), line: $0.text("line"), chip: $0["chip"],
                isBound: $0["attempt"] != nil)
        }
    }
}
