import Ground
import Ledger
import Line
import PostgresClient
import Stations

/// The person at one cell, who does what a hold's remedy asks. What is in the hand stays there over every crash.
struct SimulatedOperator {
    let plant: SimulatedPlant
    let cell: Int
    let controller: LineController
    let store: any LedgerStore
    let gate: Gate

    var line: String { SimulatedPlant.line(cell).rawValue }
    var cellID: CellID { CellID("cell-\(cell + 1)") }
    var world: World { plant.world }
    var isBooklets: Bool { world.profile.isBooklets(cell) }

    func trace(_ words: String) { world.look { $0.trace?("cell \(cell + 1): \(words)") } }

    /// A file that lost its power in between is a matter of the life, not of the books.
    func reading<Value>(_ body: (BooksReading) throws -> Value) throws(SakkError) -> Value {
        try gate.life.check()
        do {
            return try body(try BooksReading(plant.path))
        } catch {
            try gate.life.check()
            if let failure = error as? PostgresFailure, failure.kind == .away { throw BooksReading.away(plant.path) }
            throw SakkError("simulation.reading", source: plant.path, text: "\(error)", remedy: "None.")
        }
    }

    /// Begins a life: what was on the desk or half loaded is taken up again.
    func begin() async throws(SakkError) {
        try await register()
        try await finishTyping()
        if let half = world.look({ $0.cells[cell].punching }) { try await destroy(half.card, half.blank) }
        if let card = world.look({ $0.cells[cell].desk }) {
            try await settle(card, box(of: card))
        }
        // nothing is fed with a card still in the hand: it would be taken for the next one that is missed
        for card in world.look({ $0.cells[cell].hand }) { try await settle(card, nil) }
    }

    /// The box a card was taken from, as the person knows over a crash too.
    private func box(of card: Int) -> CardExit? {
        world.look { state in
            let now = state.cells[cell]
            return now.good.contains(card) ? .good : now.reject.contains(card) ? .reject : nil
        }
    }

    func help(_ code: String?) async throws(SakkError) {
        switch code {
        case "line.stock.empty", "printer.hopper.empty":
            try await stockUp()
        case "printer.ribbon.end":
            world.look { $0.cells[cell].ribbonEmpty = false }
        case "line.card.jammed", "line.card.inside", "line.card.search", "line.card.swapped", "line.card.known",
            "line.card.foreign", "printer.card.jam", "line.eject.doubt":
            takeOut()
            try await search()
            if isBooklets { try await lookForAbsent() }
        case .some(let booklet) where booklet.hasPrefix("booklet."):
            takeOut()
            try await search()
            try await lookForAbsent()
        default: break
        }
    }

    /// Opens the cover and takes out what lies inside.
    private func takeOut() {
        world.look { state in
            state.cells[cell].hand += [state.cells[cell].inside, state.cells[cell].dragged].compactMap { $0 }
            state.cells[cell].inside = nil
            state.cells[cell].dragged = nil
            state.cells[cell].stuck = false
            state.cells[cell].airy = false
        }
    }

    /// The cards in the hand and the top ones of both boxes go to the desk reader.
    private func search() async throws(SakkError) {
        let now = world.look { state in
            state.cells[cell].thrown = nil
            return state.cells[cell]
        }
        var candidates: [(Int, CardExit?)] = (now.hand + now.aside).map { ($0, nil) }
        if let top = now.good.last { candidates.append((top, .good)) }
        if let top = now.reject.last { candidates.append((top, .reject)) }
        for (card, box) in candidates { try await settle(card, box) }
        // what is not on top may never have left the hopper, or lies further down
        // (a booklet is told by its number, never by what is missed)
        guard !isBooklets, try isInDoubt() else { return }
        _ = try await count()
        let boxes = world.look { $0.cells[cell].reject.reversed() + $0.cells[cell].good.reversed() }
        for card in boxes where try isInDoubt() { try await settle(card, box(of: card)) }
    }

    private func isInDoubt() throws(SakkError) -> Bool {
        let line = line
        return try reading { try $0.isInDoubt(line) }
    }

    /// Counts the hopper. True when blanks turned out to have left it unseen.
    private func count() async throws(SakkError) -> Bool {
        // booklets are told by their numbers
        guard !isBooklets else { return false }
        let counted = world.look { $0.cells[cell].hopper.count }
        let settled = try await controller.settleCount(of: cellID, hopper: counted, by: "operator")
        trace("\(counted) cards in the hopper: \(settled.returned.count) back, \(settled.gone.count) gone")
        return !settled.gone.isEmpty
    }

    enum Place { case good, reject, hopper, drawer, destroyed }

    func put(_ card: Int, _ place: Place) {
        world.look { state in
            state.cells[cell].good.removeAll { $0 == card }
            state.cells[cell].reject.removeAll { $0 == card }
            state.cells[cell].hand.removeAll { $0 == card }
            state.cells[cell].aside.removeAll { $0 == card }
            switch place {
            case .good: state.cells[cell].good.append(card)
            case .reject: state.cells[cell].reject.append(card)
            case .hopper:
                state.cells[cell].hopper.insert(card, at: 0)
                if state.cells[cell].desk == card { state.cells[cell].desk = nil }
            case .drawer: state.cells[cell].drawer.append(card)
            case .destroyed:
                state.cells[cell].destroyed.append(card)
                if state.cells[cell].desk == card { state.cells[cell].desk = nil }
            }
        }
    }

    private func settle(_ card: Int, _ box: CardExit?) async throws(SakkError) {
        world.look { $0.cells[cell].desk = card }
        let desk = world.station(cell: cell, gate: gate, desk: true)
        do throws(SakkError) {
            let settled = try await controller.settleFound(in: box, at: desk, by: "operator")
            switch settled.decision {
            case .good: put(card, .good)
            case .quarantined: put(card, .drawer)
            case .back: put(card, .hopper)
            case .spoiled, .destroyed, .unconfirmed, .missing, .waiting: put(card, .reject)
            }
            trace("card \(card) of \(box?.rawValue ?? "the hand"): \(settled.decision)")
        } catch {
            trace("card \(card) of \(box?.rawValue ?? "the hand"): \(error.code)")
            switch error.code {
            case "settle.card.mute" where isBooklets,
                "settle.card.unexpected" where isBooklets:
                try await settleBooklet(card, box)
            case "settle.card.mute":
                let missed = try isMissed(card)
                if box == nil || missed {
                    try await mute(card)
                } else if box == .good {
                    try unexpected(card)
                }
            case "settle.card.unexpected":
                // printed on and not in the books: it left the hopper out of its turn, which the count says
                let isPrinted = world.look { !$0.card(card).ink.isEmpty && $0.card(card).document == nil }
                if isPrinted, try await count() {
                    try await settle(card, box)
                } else if box == nil || isFresh(card) {
                    try unexpected(card)
                }
            default: throw error
            }
        }
        world.look { $0.cells[cell].desk = nil }
    }

    /// Seals and punches a card; the two people know after a crash that they did, and whether the books have it.
    func destroy(_ card: Int, _ blank: String) async throws(SakkError) {
        world.look { $0.cells[cell].punching = (card, blank) }
        if try !reading({ try $0.isDestroyed(blank) }) {
            _ = try await controller.settleDestroyed(BlankID(blank), by: "operator", witness: "second")
        }
        put(card, .destroyed)
        world.look { $0.cells[cell].punching = nil }
    }

    /// The mute card on top of a box is the one that is looked for, not one that was spoiled before: the number that is
    /// engraved on it says so, and the count of such cards does here.
    private func isMissed(_ card: Int) throws(SakkError) -> Bool {
        let line = line
        guard world.look({ $0.card(card).document == nil }) else { return true }
        let lying = world.look { state in
            (state.cells[cell].reject + state.cells[cell].good).count {
                !state.card($0).answers && state.card($0).document == nil
            }
        }
        return lying > (try reading { try $0.nameless(line) })
    }

    private func mute(_ card: Int) async throws(SakkError) {
        let chip = world.look { $0.card(card).chip.rawValue }
        let line = line
        if let blank = try reading({ try $0.blank(mute: chip, line: line) }) {
            try await destroy(card, blank)
        } else {
            try unexpected(card)
        }
    }

    /// A fresh blank goes back on the hopper once the books miss nothing, wherever it lay: there is nothing on it. A card
    /// from outside goes to the supervisor.
    private func unexpected(_ card: Int) throws(SakkError) {
        guard try !isInDoubt() else { return }
        put(card, isFresh(card) ? .hopper : .drawer)
    }

    private func isFresh(_ card: Int) -> Bool { world.look { $0.card(card).isFresh } }

    // MARK: blanks

    /// A box of blanks: on the hopper first, then into the books.
    func stockUp() async throws(SakkError) {
        if isBooklets { return try await stockUpBooklets() }
        world.load(SimulatedOperator.box, cell: cell) { $0.toRegister = $1.lowerBound }
        try await register()
    }

    private static let box = 100

    /// The box that lies on the hopper and may not be in the books yet. By the numbers printed on it: a box that
    /// another person took into the books meanwhile is known there.
    private func register() async throws(SakkError) {
        try await registerBooklets()
        guard let first = world.look({ $0.cells[cell].toRegister }) else { return }
        let line = LineID(line)
        let changes = (first..<first + SimulatedOperator.box).flatMap { number -> [Change] in
            let ordinal = (cell + 1) * 100_000_000 + number
            let blank = BlankID(stock: SimulatedPeople.stock, serial: "\(ordinal)")
            return [
                .register(blank, stock: SimulatedPeople.stock, lot: "L1", ordinal: ordinal),
                .move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil), .hopper(blank, line, cellID),
            ]
        }
        let serial = BlankID(stock: SimulatedPeople.stock, serial: "\((cell + 1) * 100_000_000 + first)").rawValue
        if try reading({ try !$0.has(serial) }) {
            do throws(SakkError) {
                try await store.commit(Transition(plant: .vault, actor: "operator", changes: changes))
            } catch {
                guard error.code == "ledger.rule", try reading({ try $0.has(serial) }) else { throw error }
            }
        }
        world.look { $0.cells[cell].toRegister = nil }
    }

    // MARK: the end of the shift

    /// Seals and punches what did not confirm its death. True when something was done, so that records may be made.
    func closeShift() async throws(SakkError) -> Bool {
        let line = line
        let doubtful = try reading { try $0.unconfirmed(line) }
        for (blank, chip) in doubtful {
            if let card = world.look({ state in state.cards.first { $0.chip.rawValue == chip }?.number }) {
                try await destroy(card, blank)
            }
        }
        let loose = world.look { $0.cells[cell].hand + $0.cells[cell].aside }
        for card in loose { try await settle(card, nil) }
        // nobody packs or shreds a card with nothing on it
        let empty = world.look { state in
            (state.cells[cell].good + state.cells[cell].reject).filter { state.card($0).isFresh }
        }
        for card in empty {
            try await settle(card, box(of: card))
        }
        let isShort = try await count()
        return !doubtful.isEmpty || isShort
    }
}
