import Ground
import Stations
import Synchronization

/// One physical card. What is on it survives every crash of the controller.
struct Card: Sendable {
    struct Document: Sendable, Equatable {
        var mrz: [String]
        var sodHash: Bytes
        var complete: Bool
    }

    let number: Int
    let chip: ChipIdentity
    /// False for a chip that is broken; it may break later.
    var answers = true
    var document: Document?
    var killed = false
    /// What lies on it, in the order it was laid.
    var ink: [PanelRaster] = []
    /// Its own number, in a world of booklets.
    var booklet: Booklet?
    /// It came from outside: no blank of this plant.
    var foreign = false

    var isLiving: Bool { answers && !killed && document != nil }
    var isFresh: Bool { document == nil && !killed && ink.isEmpty && !foreign }

    func renumbered(_ number: Int) -> Card {
        var card = Card(number: number, chip: chip)
        (card.answers, card.document, card.killed) = (answers, document, killed)
        (card.ink, card.foreign) = (ink, foreign)
        return card
    }
}

/// A printer with hopper, encoder and camera, and its boxes.
struct PhysicalCell: Sendable {
    var hopper: [Int] = []
    var good: [Int] = []
    var reject: [Int] = []
    /// In the operator's hand, out of the machine.
    var hand: [Int] = []
    /// Taken out by somebody who told nobody.
    var aside: [Int] = []
    /// With the supervisor: foreign cards and what the desk could not place.
    var drawer: [Int] = []
    /// Sealed and punched by two people.
    var destroyed: [Int] = []
    var desk: Int?
    /// The card that two people are destroying, and its blank in the books.
    var punching: (card: Int, blank: String)?
    var inside: Int?
    /// A second card that was dragged in.
    var dragged: Int?
    var station: PrinterStation = .contactless
    var stuck = false
    var cards = 0
    var panels = 0
    var connection = 1
    var gone = false
    var ribbonEmpty = false
    /// The last buffer of the printer.
    var buffer: [PanelRaster] = []
    var frames: UInt64 = 0
    /// The first card of the box that was laid on the hopper last, until it is in the books.
    var toRegister: Int?
    /// The box of booklets that was just laid on the hopper, until it is in the books.
    var box: ClosedRange<Int>?
    /// The booklet whose number a person is typing.
    var typing: Int?
    /// The machine says that it holds a booklet, and it holds none.
    var airy = false
    /// Thrown out at power-up, and nobody has looked for it since.
    var thrown: Int?
    var dice: Dice

    init(dice: Dice) { self.dice = dice }
}

/// The physical truth of one simulated plant: cards, machines, boxes. It knows nothing of ledger and controller.
final class World: Sendable {
    struct State: Sendable {
        var cards: [Card] = []
        var cells: [PhysicalCell] = []
        var prepared = 0
        /// Faults that happened, by name.
        var faults: [String: Int] = [:]
        var trace: (@Sendable (String) -> Void)?
        /// The plant's own chips in size b.
        var chips: (any PlantChips)?
        /// Begins the identity of every chip of this plant.
        var series = "CHIP"
        /// Cells that make passports, and the category of their booklets.
        var categories: [Int: String] = [:]
        /// Cards that were changed since the file was written; nil without a file.
        var touched: [Int]?
        /// Cards that nobody had looked for when the next one was fed.
        var blind: [Int] = []

        /// Card number `n` is the n-th.
        mutating func with<Value>(_ number: Int, _ body: (inout Card) -> Value) -> Value {
            touched?.append(number)
            return body(&cards[number - 1])
        }
        func card(_ number: Int) -> Card { cards[number - 1] }
    }

    let profile: FaultProfile
    private let state: Mutex<State>
    private let file: WorldFile?

    /// With a file, what happens is in it before anybody is told, and only the process that holds the machine moves it.
    init(
        seed: UInt64, cells: Int, profile: FaultProfile, file: WorldFile? = nil,
        trace: (@Sendable (String) -> Void)? = nil
    ) {
        self.profile = profile
        self.file = file
        var state = State()
        state.trace = trace
        for cell in 0..<cells { state.cells.append(PhysicalCell(dice: Dice(seed: seed, UInt64(100 + cell)))) }
        for cell in 0..<cells where profile.isBooklets(cell) { state.categories[cell] = profile.category(cell) }
        self.state = Mutex(state)
    }

    func with<Value: Sendable>(_ body: (inout State) throws(SakkError) -> Value) throws(SakkError) -> Value {
        let result: Result<Value, SakkError> = state.withLock { state in
            do throws(SakkError) {
                guard let file else { return .success(try body(&state)) }
                return .success(try file.act(&state, body))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func look<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        state.withLock { state in
            guard let file else { return body(&state) }
            return file.look(&state, body)
        }
    }

    func use(_ chips: any PlantChips) { state.withLock { $0.chips = chips } }

    /// Begins the identity of every chip of this plant with `series`.
    func name(_ series: String) { state.withLock { $0.series = series } }

    /// Claims the machine. `usb.busy` while another living process holds it.
    func connect(movingCable: Bool = false) throws(SakkError) {
        guard let file else { return }
        let failure: SakkError? = state.withLock { state in
            do throws(SakkError) {
                try file.claim(&state, movingCable: movingCable)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    func nextPreparation() -> Int {
        look { state in
            state.prepared += 1
            return state.prepared
        }
    }

    /// Fresh blanks on the hopper of a cell, the first on top, and a note of the box for whoever takes it into the books.
    /// In one look: other cells make cards at the same time, and a box has numbers without a gap.
    func load(_ count: Int, cell: Int, note: @Sendable (inout PhysicalCell, ClosedRange<Int>) -> Void) {
        let profile = profile
        look { state in
            let first = state.cards.count + 1
            for _ in 0..<count { state.newCard(cell: cell, profile: profile) }
            note(&state.cells[cell], first...state.cards.count)
        }
    }

    /// Power of the whole room: printers eject what is inside when they come back, some to the good side.
    func blackout() {
        look { state in
            for cell in state.cells.indices { state.losePower(cell) }
        }
    }
}

extension World.State {
    mutating func newCard(cell: Int, profile: FaultProfile) {
        let number = cards.count + 1
        let answers = !fault("chip.mute", profile.chipMute, cell)
        let identity =
            chips?.make(number, isMute: !answers, isForeign: false)
            ?? ChipIdentity(series + SimulatedPeople.padded(number, 8))
        var card = Card(number: number, chip: identity)
        card.answers = answers
        if profile.isBooklets(cell) {
            card.booklet = Booklet(number: Booklet.number(number), category: profile.category(cell))
        }
        cards.append(card)
        cells[cell].hopper.append(number)
    }

    /// Throws the cell's dice for a fault and counts it.
    mutating func fault(_ name: String, _ rate: Int, _ cell: Int) -> Bool {
        guard rate > 0, cells[cell].dice.happens(rate) else { return false }
        faults[name, default: 0] += 1
        trace?("cell \(cell + 1): \(name), inside \(cells[cell].inside.map { "card \($0)" } ?? "nothing")")
        return true
    }

    mutating func losePower(_ cell: Int) {
        cells[cell].connection += 1
        cells[cell].gone = true
        guard let card = cells[cell].inside, !cells[cell].stuck else { return }
        cells[cell].inside = nil
        cells[cell].thrown = card
        if cells[cell].dice.happens(5000) { cells[cell].good.append(card) } else { cells[cell].reject.append(card) }
    }
}
