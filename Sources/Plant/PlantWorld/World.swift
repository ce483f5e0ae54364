import Foundation
public import Ground
import PlantCamera
import PlantChip
import PlantPrinter

/// Where a card can lie.
public enum CardPlace: Sendable, Hashable {
    /// 1 is the next to be fed.
    case hopper(Int)
    case machine
    /// 1 is the lowest.
    case box(MachineExitName, Int)
    case desk
    case table(Int)

    public enum MachineExitName: String, Sendable { case good, reject }

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

/// All cards and where they lie. Cards are moved, never made or lost; everything is under one lock.
public final class World: @unchecked Sendable {
    let lock = NSRecursiveLock()
    let scenario: Scenario
    var hopper: [PhysicalCard] = []
    var inside: PhysicalCard?
    var station: MachinePosition = .empty
    var side: MachineSide = .front
    var good: [PhysicalCard] = []
    var reject: [PhysicalCard] = []
    var desk: PhysicalCard?
    var table: [PhysicalCard] = []
    var feeds = 0
    var ribbonLeft: Int
    var coverClosed = true
    private let photographer: Photographer
    let encoder: VPCDSlot
    let deskReader: VPCDSlot

    /// Stock pictures of 600 dpi, RGB. `encoderPort` and `deskPort` are those of the two virtual readers.
    public init(
        _ scenario: Scenario, stockFront: Bytes, stockBack: Bytes, encoderPort: UInt16, deskPort: UInt16
    ) {
        self.scenario = scenario
        ribbonLeft = scenario.printer.ribbonCards
        photographer = Photographer(seed: scenario.seed)
        encoder = VPCDSlot(port: encoderPort)
        deskReader = VPCDSlot(port: deskPort)
        let front = CardFace(stock: stockFront)
        let back = CardFace(stock: stockBack)
        for index in 0..<scenario.blanks.count {
            hopper.append(World.makeBlank(index, scenario, front, back, foreign: false))
        }
    }

    static func makeBlank(
        _ index: Int, _ scenario: Scenario, _ front: CardFace, _ back: CardFace, foreign: Bool
    ) -> PhysicalCard {
        let blanks = scenario.blanks
        let cplc = CardProductionLifeCycle(
            serial: blanks.firstSerial + UInt32(index), batch: foreign ? blanks.batch &+ 1 : blanks.batch)
        let chip = VirtualCard(
            configuration: VirtualCardConfiguration(
                cplc: cplc,
                transportKeys: VirtualCardConfiguration.TransportKeys(
                    masterKey: foreign ? blanks.masterKey.map { $0 ^ 0xFF } : blanks.masterKey,
                    version: blanks.keyVersion),
                seed: scenario.seed &+ UInt64(index)))
        return PhysicalCard(number: index + 1, stock: blanks.stock, chip: chip, front: front, back: back)
    }

    /// What the camera over the print station sees now.
    public func photograph() -> Bytes {
        let face: CardFace? = lock.withLock {
            guard station == .at(.print), let inside else { return nil }
            return side == .front ? inside.front : inside.back
        }
        return photographer.photograph(face)
    }

    // MARK: the hand

    /// Moves a card by hand. Throws `plant.hand` when there is none at `from`, or no room at `to`.
    public func move(from: String, to: String) throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        try checkRoom(to)
        let lay = (inside: inside, station: station)
        guard let card = try take(from) else { throw handError("There is no card at '\(from)'.") }
        do {
            try put(card, to)
        } catch {
            // the reader did not take it: the hand lays it back where it was
            if card === lay.inside {
                inside = lay.inside
                station = lay.station
                if station == .at(.contactless) { try encoder.insert(card.chip) }
            } else {
                try put(card, from)
            }
            throw error
        }
    }

    /// Whether a hand can put a card there; asked before any card is touched.
    private func checkRoom(_ place: String) throws(SakkError) {
        let (name, index) = split(place)
        guard index == "top" || Int(index).map({ $0 > 0 }) == true else {
            throw handError("'\(place)' is no place: a pile's cards are counted from 1.")
        }
        switch name {
        case "hopper", "good", "reject", "table": return
        case "desk":
            guard desk == nil else { throw handError("A card lies on the desk reader already.") }
        default: throw handError("A hand cannot put a card to '\(place)'.")
        }
    }

    private func split(_ place: String) -> (name: String, index: String) {
        let parts = place.split(separator: ":", maxSplits: 1).map(String.init)
        return (parts.first ?? "", parts.count > 1 ? parts[1] : "top")
    }

    private func take(_ place: String) throws(SakkError) -> PhysicalCard? {
        let (name, index) = split(place)
        switch name {
        case "hopper": return pick(&hopper, index == "top" ? 1 : Int(index))
        case "good": return pick(&good, index == "top" ? good.count : Int(index))
        case "reject": return pick(&reject, index == "top" ? reject.count : Int(index))
        case "table": return pick(&table, index == "top" ? table.count : Int(index))
        case "desk":
            defer { desk = nil }
            deskReader.remove()
            return desk
        case "machine":
            defer {
                inside = nil
                station = .empty
            }
            encoder.remove()
            return inside
        default: throw handError("'\(place)' is no place: hopper, good, reject, desk, table, machine.")
        }
    }

    private func pick(_ pile: inout [PhysicalCard], _ index: Int?) -> PhysicalCard? {
        guard let index, pile.indices.contains(index - 1) else { return nil }
        return pile.remove(at: index - 1)
    }

    private func put(_ card: PhysicalCard, _ place: String) throws(SakkError) {
        let (name, index) = split(place)
        switch name {
        case "hopper": hopper.insert(card, at: index == "top" ? 0 : min(max((Int(index) ?? 1) - 1, 0), hopper.count))
        case "good": good.insert(card, at: index == "top" ? good.count : min(max((Int(index) ?? 1) - 1, 0), good.count))
        case "reject":
            reject.insert(card, at: index == "top" ? reject.count : min(max((Int(index) ?? 1) - 1, 0), reject.count))
        case "table": table.append(card)
        case "desk":
            try deskReader.insert(card.chip)
            desk = card
        default: throw handError("A hand cannot put a card to '\(place)'.")
        }
    }

    private func handError(_ text: String) -> SakkError {
        SakkError("plant.hand", source: "hand", text: text, remedy: "See `sakk-plant census` for where the cards lie.")
    }

    /// Every card with its place.
    func all() -> [(place: CardPlace, card: PhysicalCard)] {
        var cards: [(CardPlace, PhysicalCard)] = []
        for (index, card) in hopper.enumerated() { cards.append((.hopper(index + 1), card)) }
        if let inside { cards.append((.machine, inside)) }
        for (index, card) in good.enumerated() { cards.append((.box(.good, index + 1), card)) }
        for (index, card) in reject.enumerated() { cards.append((.box(.reject, index + 1), card)) }
        if let desk { cards.append((.desk, desk)) }
        for (index, card) in table.enumerated() { cards.append((.table(index + 1), card)) }
        return cards.map { (place: $0.0, card: $0.1) }
    }
}
