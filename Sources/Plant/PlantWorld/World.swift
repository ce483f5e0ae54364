import Foundation
public import Ground
public import PlantCamera
import PlantChip
import PlantPrinter

/// All cards and where they lie. Cards are moved, never made or lost; a foreign card comes in from outside. Everything
/// is under one lock.
///
/// - Every card lies in exactly one place: hopper, machine, good box, reject box, desk, table.
/// - What a card's chip and faces hold is changed by the stations only, never by a move.
/// - A fault of the scenario happens once.
public final class World: @unchecked Sendable {
    /// A fault that happened, and when.
    struct Event {
        let feed: Int
        let kind: Scenario.Fault.Kind
    }

    let lock = NSRecursiveLock()
    let scenario: Scenario
    var hopper: [PhysicalCard] = []
    var good: [PhysicalCard] = []
    var reject: [PhysicalCard] = []
    var desk: PhysicalCard?
    var table: [PhysicalCard] = []
    var shredded: [PhysicalCard] = []
    /// Dots of each side and panel that were ordered last, for a ghost of the card before.
    var laidBefore: [String: Bytes] = [:]
    /// Foreign cards that are not in the plant yet.
    var visitors: [PhysicalCard] = []

    // the machine
    var inside: PhysicalCard?
    /// Ink on the film of a retransfer printer that no card has yet; it stays there when power goes.
    var film: [(panel: Character, dots: Bytes)] = []
    var station: MachinePosition = .empty { didSet { moves += 1 } }
    var side: MachineSide = .front { didSet { moves += 1 } }
    /// Counts whatever may have moved the card.
    private var moves = 0
    /// Lamps that burn no more.
    var deadLamps: Set<Lamp> = []
    var coverClosed = true
    var hasPower = true
    /// Rollers turn: no hand reaches the card.
    var isMoving = false
    var feeds = 0
    /// Cards that the ribbon is still good for, the one in work included.
    var ribbonLeft: Int
    /// Next panel of the ribbon's repeat.
    var ribbonPosition = 0
    var strayAnswers = 0

    var pending: [Scenario.Fault]
    var happened: [Event] = []
    private let photographer: Photographer
    private let faces: (front: CardFace, back: CardFace)
    private var cardsMade = 0
    /// Cards of the cells before this one: a card's number is its own in the whole plant.
    private let numbersBefore: Int
    let encoder: any CardSlot
    let deskReader: any CardSlot

    /// Stock pictures of 600 dpi, RGB: a card's sides, or a booklet's data page as its front. `encoderPort` and `deskPort` are those of the two virtual readers.
    public convenience init(
        _ scenario: Scenario, stockFront: Bytes, stockBack: Bytes, encoderPort: UInt16, deskPort: UInt16,
        numbersBefore: Int = 0
    ) {
        self.init(
            scenario, stockFront: stockFront, stockBack: stockBack, numbersBefore: numbersBefore,
            encoder: ReaderSlot(slot: VPCDSlot(port: encoderPort)), desk: ReaderSlot(slot: VPCDSlot(port: deskPort)))
    }

    /// With readers of the caller's choice.
    public init(
        _ scenario: Scenario, stockFront: Bytes, stockBack: Bytes, numbersBefore: Int = 0, encoder: any CardSlot,
        desk deskReader: any CardSlot
    ) {
        self.scenario = scenario
        self.numbersBefore = numbersBefore
        ribbonLeft = scenario.printer.ribbonCards
        pending = scenario.faults
        photographer = Photographer(seed: scenario.seed)
        self.encoder = encoder
        self.deskReader = deskReader
        let shape: FaceShape = scenario.blanks.bookletCategory == nil ? .card : .page
        // a booklet has its data page alone, of white paper where no picture of it is given
        faces =
            shape == .card
            ? (CardFace(stock: stockFront), CardFace(stock: stockBack))
            : (
                CardFace(stock: stockFront.count == shape.stockBytes ? stockFront : shape.white, shape: .page),
                CardFace(stock: shape.white, shape: .page)
            )
        for _ in 0..<scenario.blanks.count { hopper.append(makeCard(foreign: false)) }
        for fault in scenario.faults where fault.kind == .foreignCard { visitors.append(makeCard(foreign: true)) }
    }

    /// As a maker delivers it; a foreign one has another maker's batch and keys.
    private func makeCard(foreign: Bool) -> PhysicalCard {
        let blanks = scenario.blanks
        let index = cardsMade
        cardsMade += 1
        let cplc = CardProductionLifeCycle(
            serial: blanks.firstSerial &+ UInt32(index), batch: foreign ? blanks.batch &+ 1 : blanks.batch)
        let chip = VirtualCard(
            configuration: VirtualCardConfiguration(
                cplc: cplc,
                transportKeys: VirtualCardConfiguration.TransportKeys(
                    masterKey: foreign ? blanks.masterKey.map { $0 ^ 0xFF } : blanks.masterKey,
                    version: blanks.keyVersion),
                seed: scenario.seed &+ UInt64(index)))
        let card = PhysicalCard(
            number: numbersBefore + index + 1, stock: blanks.stock, isForeign: foreign, chip: chip, front: faces.front,
            back: faces.back)
        if let category = blanks.bookletCategory { card.booklet = World.booklet(index, category) }
        return card
    }

    /// What the camera over the print station sees now.
    public func photograph(by lamps: Set<Lamp> = [.white]) -> Bytes {
        let (face, stay, dead) = lock.withLock { () -> (CardFace?, Int, Set<Lamp>) in
            guard station == .at(.print), let inside else { return (nil, moves, deadLamps) }
            return (side == .front ? inside.front : inside.back, moves, deadLamps)
        }
        return photographer.photograph(face, by: lamps.subtracting(dead), stay: stay)
    }

    /// Orders a fault while the world runs.
    public func order(_ fault: Scenario.Fault) {
        lock.withLock {
            if fault.kind == .foreignCard { visitors.append(makeCard(foreign: true)) }
            pending.append(fault)
        }
    }

    /// Lets a fault happen that waits for this feed. Under the lock.
    func strike(_ kind: Scenario.Fault.Kind, feed: Int, where suits: (Scenario.Fault) -> Bool = { _ in true })
        -> Scenario.Fault?
    {
        guard let index = pending.firstIndex(where: { $0.kind == kind && $0.feed == feed && suits($0) }) else {
            return nil
        }
        happened.append(Event(feed: feed, kind: kind))
        return pending.remove(at: index)
    }

    /// Every card in the plant with its place.
    func all() -> [(place: CardPlace, card: PhysicalCard)] {
        var cards: [(CardPlace, PhysicalCard)] = []
        for (index, card) in hopper.enumerated() { cards.append((.hopper(index + 1), card)) }
        if let inside { cards.append((.machine, inside)) }
        for (index, card) in good.enumerated() { cards.append((.box(.good, index + 1), card)) }
        for (index, card) in reject.enumerated() { cards.append((.box(.reject, index + 1), card)) }
        if let desk { cards.append((.desk, desk)) }
        for (index, card) in table.enumerated() { cards.append((.table(index + 1), card)) }
        for (index, card) in shredded.enumerated() { cards.append((.shredder(index + 1), card)) }
        return cards.map { (place: $0.0, card: $0.1) }
    }
}
