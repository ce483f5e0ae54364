import Foundation
import Ground
import PlantCamera
import PlantChip
import PlantPrinter

/// Thrown through the firmware when the power goes: nothing answers any more.
protocol PowerSupply: AnyObject {
    func cutPower()
}

/// Rollers, ribbon and sensors of the one printer of the world, with the scenario's faults.
final class WorldMechanism: PrinterMechanism {
    private let world: World
    weak var power: (any PowerSupply)?

    init(world: World) { self.world = world }

    private var printer: Scenario.Printer { world.scenario.printer }

    private func locked<Value>(_ body: () throws(MechanicalFault) -> Value) throws(MechanicalFault) -> Value {
        world.lock.lock()
        defer { world.lock.unlock() }
        return try body()
    }

    private func fault(_ kind: Scenario.Fault.Kind, feed: Int) -> Scenario.Fault? {
        world.scenario.faults.first { $0.kind == kind && $0.feed == feed }
    }

    /// Time that rollers take; the card is on its way meanwhile.
    private func travel() { Thread.sleep(forTimeInterval: Double(printer.moveMS) / 1000) }

    var position: MachinePosition { world.lock.withLock { world.inside == nil ? .empty : world.station } }
    var hopperHasCards: Bool { world.lock.withLock { !world.hopper.isEmpty } }
    var coverIsClosed: Bool { world.lock.withLock { world.coverClosed } }
    var ribbon: String? { printer.ribbon }
    var ribbonCardsLeft: Int { world.lock.withLock { world.ribbonLeft } }

    func isFull(_ exit: MachineExit) -> Bool {
        world.lock.withLock { (exit == .good ? world.good : world.reject).count >= 200 }
    }

    func feed(to station: MachineStation) throws(MechanicalFault) {
        try locked { () throws(MechanicalFault) in
            let feed = world.feeds + 1
            if fault(.usedCardBack, feed: feed) != nil, let used = world.reject.popLast() {
                world.hopper.insert(used, at: 0)
            }
            guard !world.hopper.isEmpty else { throw .feeder }
            world.feeds = feed
            var card = world.hopper.removeFirst()
            if fault(.muteChip, feed: feed) != nil { card.chip.set(behaviour: .mute) }
            if fault(.foreignCard, feed: feed) != nil {
                // the maker's blank goes to the table, the stranger into the machine
                world.table.append(card)
                card = World.makeBlank(
                    10_000 + feed, world.scenario, card.front, card.back, foreign: true)
            }
            card.feed = feed
            world.inside = card
            world.station = .jammed
            world.side = .front
        }
        Thread.sleep(forTimeInterval: Double(printer.feedMS) / 1000)
        try arrive(station)
    }

    func move(to station: MachineStation) throws(MechanicalFault) {
        let jams = try locked { () throws(MechanicalFault) -> Bool in
            world.encoder.remove()
            let feed = world.inside?.feed ?? 0
            world.station = .jammed
            guard station == .print, world.inside?.lays.isEmpty == true else { return false }
            if fault(.swappedCard, feed: feed) != nil, let taken = world.inside {
                if let used = world.reject.popLast() {
                    world.reject.append(taken)
                    world.inside = used
                } else if !world.hopper.isEmpty {
                    world.table.append(taken)
                    world.inside = world.hopper.removeFirst()
                }
            }
            return fault(.jam, feed: feed) != nil
        }
        travel()
        if jams { throw .jam }
        try arrive(station)
    }

    private func arrive(_ station: MachineStation) throws(MechanicalFault) {
        try locked { () throws(MechanicalFault) in
            world.station = .at(station)
            guard station == .contactless, let card = world.inside else { return }
            do throws(SakkError) {
                try world.encoder.insert(card.chip)
            } catch {
                FileHandle.standardError.write(Data("sakk-plant: \(error)\n".utf8))
            }
        }
    }

    func turn(to side: MachineSide) {
        travel()
        world.lock.withLock { world.side = side }
    }

    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        let feed = world.lock.withLock { world.inside?.feed ?? 0 }
        let laid = world.lock.withLock { world.inside?.lays.count ?? 0 }
        if let cut = fault(.powerCut, feed: feed), cut.afterPanels == laid {
            power?.cutPower()
            throw .jam
        }
        Thread.sleep(forTimeInterval: Double(printer.panelMS) / 1000)
        try locked { () throws(MechanicalFault) in
            guard world.ribbonLeft > 0, let card = world.inside else { throw .ribbonEnd }
            let missing = fault(.missingPanel, feed: feed)?.panel == panel
            let nothing = Bytes(repeating: 0, count: dots.count)
            card.lay(panel, missing ? nothing : dots, on: world.side.rawValue)
            if card.lays.count == printer.ribbon.count { world.ribbonLeft -= 1 }
        }
    }

    func eject(_ exit: MachineExit) throws(MechanicalFault) {
        let feed = world.lock.withLock { world.inside?.feed ?? 0 }
        if let cut = fault(.powerCut, feed: feed), (cut.afterPanels ?? 0) >= printer.ribbon.count, exit == .good {
            power?.cutPower()
            throw .jam
        }
        world.lock.withLock {
            world.encoder.remove()
            world.station = .jammed
        }
        travel()
        world.lock.withLock {
            guard let card = world.inside else { return }
            if exit == .good { world.good.append(card) } else { world.reject.append(card) }
            world.inside = nil
            world.station = .empty
        }
    }

    func clearLatch() {}
}
