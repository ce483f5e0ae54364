import Foundation
public import Ground
import PlantCamera
import PlantPrinter

/// What a person's hand does. Places are `hopper:N`, `good:N`, `reject:N`, `table:N` (or `:top`), `desk`, `machine`;
/// `card:N` is wherever that card lies. What goes to `shredder` stays there.
extension World {
    /// Moves a card. Throws `plant.hand` when there is none at `from`, or no room at `to`; then nothing was moved.
    /// From the machine to the machine straightens a jammed card at the print station.
    public func move(from: String, to: String) throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        guard let source = try find(from) else { throw handError("There is no card at '\(from)'.") }
        try checkRoom(to, from: source)
        try put(take(source), to)
    }

    /// Carries a card to another cell. As `move`.
    func carry(from: String, to other: World, _ to: String) throws(SakkError) {
        guard other !== self else { return try move(from: from, to: to) }
        lock.lock()
        defer { lock.unlock() }
        other.lock.lock()
        defer { other.lock.unlock() }
        guard let source = try find(from) else { throw handError("There is no card at '\(from)'.") }
        if source == .machine, isMoving { throw handError("The machine is moving: no hand reaches the card.") }
        // a place in another cell is never the one it is taken from
        try other.checkRoom(to, from: .table(0))
        try other.put(take(source), to)
    }

    /// Opens or closes the machine's cover.
    public func setCover(closed: Bool) { lock.withLock { coverClosed = closed } }

    /// Its camera orders it to burn as ever.
    func set(_ lamp: Lamp, dead: Bool) {
        lock.withLock {
            if dead { deadLamps.insert(lamp) } else { deadLamps.remove(lamp) }
        }
    }

    /// Puts a fresh ribbon in.
    public func loadRibbon(cards: Int) {
        lock.withLock {
            ribbonLeft = cards
            ribbonPosition = 0
        }
    }

    private func split(_ place: String) -> (name: String, index: String) {
        let parts = place.split(separator: ":", maxSplits: 1).map(String.init)
        return (parts.first ?? "", parts.count > 1 ? parts[1] : "top")
    }

    /// The exact place that the words name; nil when no card lies there.
    private func find(_ words: String) throws(SakkError) -> CardPlace? {
        let (name, index) = split(words)
        func position(_ count: Int, top: Int) -> Int? {
            guard let number = index == "top" ? top : Int(index), (1...max(count, 1)).contains(number), count > 0 else {
                return nil
            }
            return number
        }
        switch name {
        case "card":
            guard let number = Int(index) else { return nil }
            return all().first { $0.card.number == number && !$0.place.isShredder }?.place
        case "hopper": return position(hopper.count, top: 1).map { .hopper($0) }
        case "good": return position(good.count, top: good.count).map { .box(.good, $0) }
        case "reject": return position(reject.count, top: reject.count).map { .box(.reject, $0) }
        case "table": return position(table.count, top: table.count).map { .table($0) }
        case "desk": return desk == nil ? nil : .desk
        case "machine": return inside == nil ? nil : .machine
        case "shredder": throw handError("Nothing comes back from the shredder.")
        default:
            throw handError("'\(words)' is no place: hopper, good, reject, table, desk, machine, shredder or card:N.")
        }
    }

    private func checkRoom(_ to: String, from: CardPlace) throws(SakkError) {
        if from == .machine, isMoving { throw handError("The machine is moving: no hand reaches the card.") }
        let (name, index) = split(to)
        guard index == "top" || Int(index).map({ $0 > 0 }) == true else {
            throw handError("'\(to)' is no place: a pile is named with :top or a number from 1.")
        }
        switch name {
        case "hopper", "good", "reject", "table", "shredder": return
        case "desk":
            guard desk == nil || from == .desk else { throw handError("A card lies on the desk reader already.") }
        case "machine":
            guard !isMoving, inside == nil || from == .machine else { throw handError("A card is in the machine.") }
        default: throw handError("A hand cannot put a card to '\(to)'.")
        }
    }

    private func take(_ place: CardPlace) -> PhysicalCard {
        switch place {
        case .hopper(let index): return hopper.remove(at: index - 1)
        case .box(.good, let index): return good.remove(at: index - 1)
        case .box(.reject, let index): return reject.remove(at: index - 1)
        case .table(let index): return table.remove(at: index - 1)
        case .desk:
            deskReader.remove()
            defer { desk = nil }
            return desk!
        case .machine:
            encoder.remove()
            station = .empty
            defer { inside = nil }
            return inside!
        case .shredder(let index): return shredded.remove(at: index - 1)
        }
    }

    private func put(_ card: PhysicalCard, _ place: String) throws(SakkError) {
        let (name, index) = split(place)
        func position(_ count: Int, top: Int) -> Int { Int(index).map { min($0 - 1, count) } ?? top }
        switch name {
        case "hopper": hopper.insert(card, at: position(hopper.count, top: 0))
        case "good": good.insert(card, at: position(good.count, top: good.count))
        case "reject": reject.insert(card, at: position(reject.count, top: reject.count))
        case "table": table.insert(card, at: position(table.count, top: table.count))
        case "shredder": shredded.append(card)
        case "machine":
            inside = card
            station = .at(.print)
            side = .front
        default:
            desk = card
            try deskReader.insert(card.chip)
        }
    }

    private func handError(_ text: String) -> SakkError {
        SakkError("plant.hand", source: "hand", text: text, remedy: "See `sakk-plant census` for where the cards lie.")
    }
}
