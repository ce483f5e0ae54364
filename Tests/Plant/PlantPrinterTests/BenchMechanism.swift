import Ground
import PlantPrinter

/// Rollers on a bench: one card at a time, everything can be set by hand, and what was done is written down.
final class BenchMechanism: PrinterMechanism {
    var position = MachinePosition.empty
    var cards = 3
    var coverIsClosed = true
    var ribbon: String? = "ymckok"
    var ribbonCardsLeft = 10
    var full: Set<MachineExit> = []
    var nextFault: MechanicalFault?
    var strayAnswers = 0
    private(set) var log: [String] = []
    private(set) var lastDots = Bytes()

    var hopperHasCards: Bool { cards > 0 }
    func isFull(_ exit: MachineExit) -> Bool { full.contains(exit) }

    private func failIfOrdered() throws(MechanicalFault) {
        guard let fault = nextFault else { return }
        nextFault = nil
        if fault == .jam { position = .jammed }
        throw fault
    }

    func feed(to station: MachineStation) throws(MechanicalFault) {
        guard cards > 0 else { throw .feeder }
        cards -= 1
        try failIfOrdered()
        log.append("feed \(station)")
        position = .at(station)
    }

    func move(to station: MachineStation) throws(MechanicalFault) {
        try failIfOrdered()
        log.append("move \(station)")
        position = .at(station)
    }

    func turn(to side: MachineSide) throws(MechanicalFault) {
        try failIfOrdered()
        log.append("turn \(side)")
    }

    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        try failIfOrdered()
        log.append("lay \(panel)")
        lastDots = dots
    }

    func eject(_ exit: MachineExit) throws(MechanicalFault) {
        if full.contains(exit) { throw .full }
        try failIfOrdered()
        log.append("eject \(exit)")
        position = .empty
    }

    func clearLatch() { log.append("clear") }

    func takeStrayAnswer() -> Bool {
        guard strayAnswers > 0 else { return false }
        strayAnswers -= 1
        return true
    }
}

/// A machine on the bench and a host that speaks to it in whole commands.
struct Bench {
    static let colourBytes = 576_072
    static let blackBytes = 82_296

    let mechanism = BenchMechanism()
    let machine: EvolisMachine

    init() {
        machine = EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "B-1", firmware: "1.0"), mechanism: mechanism,
            panelsPrinted: 40, cardsTaken: 7)
    }

    /// Answers to commands, without their NUL.
    func ask(_ commands: String...) -> [String] {
        commands.flatMap { command in Bench.texts(machine.receive(Bytes("\u{1B}\(command)\r".utf8))) }
    }

    func download(_ panel: Character, _ data: Bytes) -> [String] {
        let levels = panel == "k" || panel == "o" ? "2" : "128"
        return Bench.texts(machine.receive(Bytes("\u{1B}Db;\(panel);\(levels);".utf8) + data + [0x0D]))
    }

    static func texts(_ bytes: Bytes) -> [String] {
        bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
