import Ground
import PlantPrinter

/// Rollers and sensors without a world: one card inside at most, a hopper that is a number.
final class FakeMechanism: PrinterMechanism {
    var position: MachinePosition = .empty
    var hopper = 2
    var coverIsClosed = true
    var ribbon: String? = "ymckok"
    var ribbonCardsLeft = 200
    var full: Set<MachineExit> = []
    var jams = false
    var needsCleaning = false
    var endsAt: Character?
    private(set) var side: MachineSide = .front
    private(set) var lays: [(panel: Character, side: MachineSide, dots: Bytes)] = []
    private(set) var ejected: [MachineExit] = []

    // a booklet machine's
    var laid: MachineBooklet?
    var next: MachineBooklet?
    var laserWorks = true
    var headIsHot = false
    var booklet: MachineBooklet? { position == .at(.print) ? laid : nil }

    var hopperHasCards: Bool { hopper > 0 }
    func isFull(_ exit: MachineExit) -> Bool { full.contains(exit) }

    func feed(to station: MachineStation) throws(MechanicalFault) {
        guard hopper > 0 else { throw .feeder }
        hopper -= 1
        laid = next
        try travel(to: station)
    }

    func move(to station: MachineStation) throws(MechanicalFault) { try travel(to: station) }

    private func travel(to station: MachineStation) throws(MechanicalFault) {
        position = .jammed
        guard !jams else { throw .jam }
        position = .at(station)
        side = .front
    }

    func turn(to side: MachineSide) throws(MechanicalFault) { self.side = side }

    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        guard panel != endsAt else {
            ribbonCardsLeft = 0
            throw .ribbonEnd
        }
        lays.append((panel, side, dots))
    }

    func eject(_ exit: MachineExit) throws(MechanicalFault) {
        guard !jams else {
            position = .jammed
            throw .jam
        }
        guard !full.contains(exit) else { throw .full }
        ejected.append(exit)
        position = .empty
    }

    private(set) var film: [(panel: Character, dots: Bytes)] = []
    func windFilm() { film = [] }
    func printOnFilm(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        guard panel != endsAt else { throw .ribbonEnd }
        film.append((panel, dots))
    }
    func transferFilm() throws(MechanicalFault) {
        for (panel, dots) in film { lays.append((panel, side, dots)) }
        film = []
    }

    func clearLatch() {}

    var strayAnswers = 0
    func takeStrayAnswer() -> Bool {
        guard strayAnswers > 0 else { return false }
        strayAnswers -= 1
        return true
    }
}
