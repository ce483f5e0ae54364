import Foundation
import Ground
import PlantCamera
import PlantChip
import PlantPrinter

/// What the firmware's world can switch off.
protocol PowerSupply: AnyObject {
    func cutPower()
}

/// Rollers, ribbon and sensors of the one printer of the world, with the scenario's faults.
final class WorldMechanism: PrinterMechanism {
    let world: World
    weak var power: (any PowerSupply)?

    init(world: World) { self.world = world }

    var printer: Scenario.Printer { world.scenario.printer }

    private func locked<Value>(_ body: () throws(MechanicalFault) -> Value) throws(MechanicalFault) -> Value {
        world.lock.lock()
        defer { world.lock.unlock() }
        return try body()
    }

    /// Time that rollers or the head take, in eight parts; how many of them passed before the power failed.
    func pass(_ milliseconds: Int) -> Int {
        for part in 0..<8 {
            guard world.lock.withLock({ world.hasPower }) else { return part }
            Thread.sleep(forTimeInterval: Double(milliseconds) / 8000)
        }
        return world.lock.withLock { world.hasPower } ? 8 : 7
    }

    /// The card is on its way; without power it stays there.
    private func travel(_ milliseconds: Int) throws(MechanicalFault) {
        world.lock.withLock { world.isMoving = true }
        let parts = pass(milliseconds)
        world.lock.withLock { world.isMoving = false }
        guard parts == 8 else { throw .jam }
    }

    var position: MachinePosition { world.lock.withLock { world.inside == nil ? .empty : world.station } }
    var hopperHasCards: Bool { world.lock.withLock { !world.hopper.isEmpty } }
    var coverIsClosed: Bool { world.lock.withLock { world.coverClosed } }
    var ribbon: String? { printer.ribbon }
    var panelsLeft: Int {
        world.lock.withLock { max(0, world.ribbonLeft * printer.ribbon.count - world.ribbonPosition) }
    }
    var ribbonCardsLeft: Int { world.lock.withLock { world.ribbonLeft } }

    func isFull(_ exit: MachineExit) -> Bool {
        world.lock.withLock {
            exit == .good ? world.good.count >= printer.goodCapacity : world.reject.count >= printer.rejectCapacity
        }
    }

    func takeStrayAnswer() -> Bool {
        world.lock.withLock {
            guard world.strayAnswers > 0 else { return false }
            world.strayAnswers -= 1
            return true
        }
    }

    // MARK: movement

    func feed(to station: MachineStation) throws(MechanicalFault) {
        try locked { () throws(MechanicalFault) in
            let feed = world.feeds + 1
            if world.strike(.misfeed, feed: feed) != nil { throw .feeder }
            if !world.reject.isEmpty, world.strike(.usedCardBack, feed: feed) != nil {
                world.hopper.insert(world.reject.removeLast(), at: 0)
            }
            if !world.visitors.isEmpty, world.strike(.foreignCard, feed: feed) != nil {
                world.hopper.insert(world.visitors.removeFirst(), at: 0)
            }
            guard !world.hopper.isEmpty else { throw .feeder }
            world.feeds = feed
            if world.strike(.bookletAbsent, feed: feed) != nil { return }
            let card = world.hopper.removeFirst()
            if world.strike(.muteChip, feed: feed) != nil { card.chip.set(behaviour: .mute) }
            for (kind, afterCommit) in [(Scenario.Fault.Kind.keysTornBefore, false), (.keysTornAfter, true)]
            where world.strike(kind, feed: feed) != nil {
                card.chip.set(behaviour: .tornPutKey(afterCommit: afterCommit))
            }
            if world.strike(.fingersOpen, feed: feed) != nil {
                card.chip.set(behaviour: .fingersOpen(untilProved: false))
            }
            if world.strike(.strayAnswer, feed: feed) != nil { world.strayAnswers += 1 }
            card.feed = feed
            world.inside = card
            world.station = .jammed
            world.side = .front
            if card.booklet != nil { lieWrong(card) }
        }
        try travel(printer.feedMS)
        guard world.lock.withLock({ world.inside != nil }) else { return }
        try arrive(station)
    }

    func move(to station: MachineStation) throws(MechanicalFault) {
        locked {
            world.encoder.remove()
            world.station = .jammed
            if station == .print, world.inside?.lays.isEmpty == true { swapOnTheWay() }
        }
        try travel(printer.moveMS)
        try arrive(station)
    }

    private func locked(_ body: () -> Void) { world.lock.withLock(body) }

    /// Somebody exchanges the card while it is on its way. Under the lock.
    private func swapOnTheWay() {
        let fault = world.pending.first { $0.kind == .swappedCard && $0.feed == world.feeds }
        guard let fault, let taken = world.inside else { return }
        switch fault.pile ?? (world.reject.isEmpty ? .hopper : .reject) {
        case .reject where !world.reject.isEmpty:
            world.inside = world.reject.removeLast()
            world.reject.append(taken)
        case .good where !world.good.isEmpty:
            world.inside = world.good.removeLast()
            world.good.append(taken)
        case .hopper where !world.hopper.isEmpty:
            world.inside = world.hopper.removeFirst()
            world.table.append(taken)
        default: return
        }
        _ = world.strike(.swappedCard, feed: world.feeds)
    }

    private func arrive(_ station: MachineStation) throws(MechanicalFault) {
        try jam(station == .contactless ? .contactless : .print)
        world.lock.withLock {
            world.station = .at(station)
            if station == .print, world.strike(.coverOpen, feed: world.feeds) != nil { world.coverClosed = false }
            // a booklet machine's antenna is where its laser is
            guard let card = world.inside, station == .contactless || card.booklet != nil else { return }
            do throws(SakkError) {
                try world.encoder.insert(card.chip)
            } catch {
                FileHandle.standardError.write(Data("sakk-plant: \(error)\n".utf8))
            }
        }
    }

    /// The card stays between stations when a jam was ordered for this place.
    private func jam(_ place: Scenario.Fault.Station) throws(MechanicalFault) {
        try locked { () throws(MechanicalFault) in
            guard world.strike(.jam, feed: world.feeds, where: { ($0.station ?? .print) == place }) != nil else {
                return
            }
            world.station = .jammed
            throw .jam
        }
    }

    func turn(to side: MachineSide) throws(MechanicalFault) {
        guard world.lock.withLock({ world.side != side }) else { return }
        world.lock.withLock { world.station = .jammed }
        try travel(printer.moveMS)
        try jam(.flip)
        world.lock.withLock {
            world.side = side
            world.station = .at(.print)
        }
    }

    func eject(_ exit: MachineExit) throws(MechanicalFault) {
        guard !isFull(exit) else { throw .full }
        if exit == .good, failsPower(after: nil) { throw .jam }
        locked {
            world.encoder.remove()
            world.station = .jammed
        }
        try travel(printer.moveMS)
        try jam(.exit)
        locked {
            guard let card = world.inside else { return }
            if exit == .good { world.good.append(card) } else { world.reject.append(card) }
            world.inside = nil
            world.station = .empty
        }
    }

    func clearLatch() {}

    // MARK: print

    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        if world.scenario.blanks.bookletCategory != nil { return try engrave(dots) }
        try ink(panel, dots) { card, side, dots in card.lay(panel, dots, on: side) }
    }

    func windFilm() { locked { world.film = [] } }

    func printOnFilm(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        try ink(panel, dots) { [world] _, _, dots in world.film.append((panel, dots)) }
    }

    func transferFilm() throws(MechanicalFault) {
        try jam(.transfer)
        guard pass(printer.panelMS) == 8 else { throw .jam }
        locked {
            guard let card = world.inside else { return }
            for (panel, dots) in world.film { card.lay(panel, dots, on: world.side.rawValue) }
            world.film = []
        }
    }

    /// Panels that this card got, those on the film among them.
    private var inked: Int { world.lock.withLock { (world.inside?.lays.count ?? 0) + world.film.count } }

    /// The head lays one panel; `take` is told what of it came. Under the lock.
    private func ink(
        _ panel: Character, _ dots: Bytes, take: (PhysicalCard, String, Bytes) -> Void
    ) throws(MechanicalFault) {
        if failsPower(after: inked) { throw .jam }
        let ends = try locked { () throws(MechanicalFault) -> Bool in
            guard world.inside != nil, windRibbon(to: panel) else { throw .ribbonEnd }
            return world.strike(.ribbonEnd, feed: world.feeds, where: { $0.panel == panel }) != nil
        }
        let parts = pass(printer.panelMS)
        let laid = ends ? min(parts, 4) : parts
        try locked { () throws(MechanicalFault) in
            guard let card = world.inside else { throw .jam }
            let side = world.side.rawValue
            let missing =
                world.strike(
                    .missingPanel, feed: world.feeds,
                    where: { $0.panel == panel && ($0.side == nil || $0.side?.rawValue == side) }) != nil
            take(card, side, CardFace.part(of: marked(dots, panel, side, card), eighths: missing ? 0 : laid))
            if ends {
                world.ribbonLeft = 0
                throw .ribbonEnd
            }
            usePanel()
            guard parts == 8 else { throw .jam }
        }
    }

    /// The dots as an ordered mark has them. Under the lock.
    private func marked(_ dots: Bytes, _ panel: Character, _ side: String, _ card: PhysicalCard) -> Bytes {
        let marks = world.scenario.faults.filter { $0.kind == .printMark }
        guard !marks.isEmpty else { return dots }
        let key = "\(side) \(panel)"
        let before = world.laidBefore[key]
        world.laidBefore[key] = dots
        guard let fault = marks.first(where: { $0.feed == world.feeds }), let mark = fault.mark else { return dots }
        let shape = side == "front" ? card.front.shape : card.back.shape
        if mark == .dyedBlack { card.hasDyedBlack = true }
        if mark.side == "front", side == "front", let relief = mark.relief(shape) { card.front.relief = relief }
        guard dots.count == shape.inkCount else { return dots }
        return mark.apply(
            to: dots, panel: panel, side: side, shape: shape, dye: fault.panel ?? "m", before: before)
    }

    /// Cuts the power when that was ordered after so many panels; `nil` is the eject, after all of them.
    func failsPower(after panels: Int?) -> Bool {
        let fails = world.lock.withLock {
            world.strike(.powerCut, feed: world.feeds) { fault in
                let count = fault.afterPanels ?? 0
                return panels.map { $0 == count } ?? (count >= printer.ribbon.count)
            } != nil
        }
        if fails { power?.cutPower() }
        return fails
    }

    /// Winds to the next panel of this kind; what lies between is used up with it. Under the lock.
    private func windRibbon(to panel: Character) -> Bool {
        guard world.ribbonLeft > 0 else { return false }
        let repeated = Array(printer.ribbon)
        if let index = repeated[world.ribbonPosition...].firstIndex(of: panel) {
            world.ribbonPosition = index
            return true
        }
        guard let index = repeated.firstIndex(of: panel) else { return false }
        world.ribbonLeft -= 1
        world.ribbonPosition = index
        return world.ribbonLeft > 0
    }

    private func usePanel() {
        world.ribbonPosition += 1
        if world.ribbonPosition == printer.ribbon.count {
            world.ribbonPosition = 0
            world.ribbonLeft -= 1
        }
    }
}
