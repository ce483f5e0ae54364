import Foundation
import Ground
import PlantPrinter

extension World {
    /// As its maker delivers it; each lies a little beside its place.
    static func booklet(_ index: Int, _ category: String) -> MachineBooklet {
        let digits = String(index + 1)
        let number = "B" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return MachineBooklet(
            number: number, category: category, x: (index % 5 - 2) * 150, y: (index % 3 - 1) * 200)
    }
}

extension WorldMechanism {
    var booklet: MachineBooklet? { world.lock.withLock { world.inside?.booklet } }

    /// What a scenario ordered to be wrong with the booklet that came in. Under the lock.
    func lieWrong(_ card: PhysicalCard) {
        let feed = world.feeds
        if world.strike(.wrongCover, feed: feed) != nil { card.booklet?.category = "diplomatic" }
        if world.strike(.wrongPage, feed: feed) != nil { card.booklet?.isDataPage = false }
        if world.strike(.upsideDown, feed: feed) != nil { card.booklet?.isUpsideDown = true }
        if world.strike(.otherNumber, feed: feed) != nil { card.booklet?.number = "B99999999" }
    }

    /// The laser blackens what lies there; what power or laser breaks off is on the page as far as it came.
    func engrave(_ dots: Bytes) throws(MechanicalFault) {
        let before = world.lock.withLock { world.inside?.lays.count ?? 0 }
        if failsPower(after: before) { throw .jam }
        let breaks = world.lock.withLock { world.strike(.laserFault, feed: world.feeds) != nil }
        let parts = breaks ? 4 : pass(printer.panelMS)
        world.lock.withLock {
            let reached = dots.count * parts / 8
            world.inside?.lay(
                "k", Bytes(dots.prefix(reached)) + Bytes(repeating: 0, count: dots.count - reached), on: "front")
        }
        guard parts == 8 else { throw .jam }
    }
}
