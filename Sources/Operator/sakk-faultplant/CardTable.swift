import Ground
import PlantPrinter

/// One piece of plastic.
final class MatrixCard {
    let number: Int
    /// How it lies there, where it is a booklet.
    var booklet: MachineBooklet
    /// Ink as it was laid: side, panel, whose it is; nil for ink that is nobody's whole, and for a whole overcoat.
    var lays: [(side: MachineSide, panel: Character, person: Int?, isWhole: Bool)] = []
    init(_ number: Int) {
        self.number = number
        booklet = MachineBooklet(number: MatrixCard.perforated(number), x: number % 7 * 100, y: -(number % 5) * 100)
    }

    /// What is perforated through a booklet that the maker gave this chip.
    static func perforated(_ number: Int) -> String {
        let digits = String(number)
        return "B" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    var people: Set<Int> { Set(lays.compactMap(\.person)) }
    /// All panels of one person and nothing else.
    func isWhole(_ person: Int, panels: Int) -> Bool {
        lays.count == panels && lays.allSatisfy { ($0.person ?? person) == person && $0.isWhole }
    }
}

/// The physical world of one printer. Cards are moved, never made or lost.
final class CardTable: PrinterMechanism {
    /// What is to go wrong at the next fitting moment.
    enum Fault: String, CaseIterable {
        case jamFeed, jamMove, jamTurn, jamEject, jamTransfer, misfeed, hopperEmpty, doubleFeed, usedCardFed
        case ribbonEndY, ribbonEndM, ribbonEndC, ribbonEndK, ribbonEndLast, wrongRibbon, noRibbon
        case goodFull, rejectFull, coverOpen, swappedWithBlank, powerLossStays, powerLossEjectsGood
        case resetEjectsGood, headHot
        case bookletAbsent, wrongCover, wrongPage, upsideDown, numberUnreadable, numberOfAnotherChip, laserBreaks,
            laserFails, pageFarOff

        static let booklets: Set<Fault> = [
            .bookletAbsent, .wrongCover, .wrongPage, .upsideDown, .numberUnreadable, .numberOfAnotherChip,
            .laserBreaks, .laserFails, .pageFarOff,
        ]
        /// What a machine without ribbon, film and turn-over cannot have.
        static let cards: Set<Fault> = [
            .jamTurn, .jamTransfer, .jamMove, .ribbonEndY, .ribbonEndM, .ribbonEndC, .ribbonEndK, .ribbonEndLast,
            .wrongRibbon, .noRibbon,
        ]

        static func kinds(_ family: String) -> [Fault] {
            switch family {
            case "ixla-xml": allCases.filter { !cards.contains($0) }
            // its published language has no word for a hot head
            case "evolis-esc": allCases.filter { !booklets.contains($0) && $0 != .headHot }
            default: allCases.filter { !booklets.contains($0) }
            }
        }
    }

    var hopper: [MatrixCard] = []
    var good: [MatrixCard] = []
    var reject: [MatrixCard] = []
    var inside: [MatrixCard] = []
    var film: [(panel: Character, dots: Bytes)] = []
    var armed: Fault?
    /// What struck since it was last asked.
    var fired: String?
    private(set) var isWithoutPower = false
    let ribbonKind: String
    private let decode: (Bytes, Character) -> (person: Int?, isWhole: Bool)
    /// Called when the power fails; the cable goes dead.
    var powerFailed: (() -> Void)?
    /// The machine starts anew by itself, on the same connection.
    var restarts: (() -> Void)?

    var position: MachinePosition = .empty
    var coverIsClosed = true
    var ribbon: String?
    var ribbonCardsLeft = 1_000_000
    var full: Set<MachineExit> = []
    var headIsHot = false
    var laserWorks = true
    let hasBooklets: Bool
    /// Where reader and camera meet the card.
    var chipPlace: MachineStation { hasBooklets ? .print : .contactless }
    private var side: MachineSide = .front

    var booklet: MachineBooklet? { hasBooklets ? inside.first?.booklet : nil }

    init(
        cards: Int, ribbon: String, hasBooklets: Bool,
        decode: @escaping (Bytes, Character) -> (person: Int?, isWhole: Bool)
    ) {
        self.hasBooklets = hasBooklets
        ribbonKind = ribbon
        self.ribbon = ribbon
        self.decode = decode
        hopper = (1...cards).map { MatrixCard($0) }
    }

    private func strikes(_ faults: Fault...) -> Fault? {
        guard let armed, faults.contains(armed) else { return nil }
        self.armed = nil
        fired = armed.rawValue
        return armed
    }

    var hopperHasCards: Bool {
        if strikes(.hopperEmpty) != nil { return false }
        return !hopper.isEmpty
    }
    func isFull(_ exit: MachineExit) -> Bool { full.contains(exit) }
    func clearLatch() {}
    func takeStrayAnswer() -> Bool { false }

    /// A person's deed between two commands: those faults that no roller makes.
    func handMeddles() {
        switch strikes(.coverOpen, .wrongRibbon, .noRibbon, .goodFull, .rejectFull, .headHot, .laserFails) {
        case .headHot: headIsHot = true
        case .laserFails: laserWorks = false
        case .coverOpen: coverIsClosed = false
        case .wrongRibbon: ribbon = "kb"
        case .noRibbon: ribbon = nil
        case .goodFull: full.insert(.good)
        case .rejectFull: full.insert(.reject)
        default: break
        }
        if strikes(.resetEjectsGood) != nil {
            good += inside
            inside = []
            position = .empty
            restarts?()
        }
        if let card = inside.first, inside.count == 1, position == .at(chipPlace), card.lays.isEmpty,
            !hopper.isEmpty,
            strikes(.swappedWithBlank) != nil
        {
            inside = [hopper.removeFirst()]
            hopper.append(card)
        }
    }

    private func fails() -> Bool {
        guard let fault = strikes(.powerLossStays, .powerLossEjectsGood) else { return false }
        position = inside.isEmpty ? .empty : .jammed
        isWithoutPower = true
        powerFailed?()
        if fault == .powerLossEjectsGood {
            good += inside
            inside = []
            position = .empty
        }
        return true
    }

    func feed(to station: MachineStation) throws(MechanicalFault) {
        if fails() { throw .jam }
        guard strikes(.misfeed) == nil, !hopper.isEmpty else { throw .feeder }
        // it says that it took one in
        if hasBooklets, strikes(.bookletAbsent) != nil { return }
        if !reject.isEmpty, strikes(.usedCardFed) != nil { hopper.insert(reject.removeLast(), at: 0) }
        inside = [hopper.removeFirst()]
        if !hopper.isEmpty, strikes(.doubleFeed) != nil { inside.append(hopper.removeFirst()) }
        if hasBooklets { lieWrong() }
        side = .front
        if strikes(.jamFeed) != nil {
            position = .jammed
            throw .jam
        }
        position = .at(station)
    }

    /// What can be wrong with the booklet that came in.
    private func lieWrong() {
        guard let card = inside.first else { return }
        switch strikes(.wrongCover, .wrongPage, .upsideDown, .numberUnreadable, .numberOfAnotherChip, .pageFarOff) {
        case .wrongCover: card.booklet.category = "diplomatic"
        case .wrongPage: card.booklet.isDataPage = false
        case .upsideDown: card.booklet.isUpsideDown = true
        case .numberUnreadable: card.booklet.number = nil
        case .numberOfAnotherChip: card.booklet.number = MatrixCard.perforated(card.number + 1)
        case .pageFarOff: card.booklet.x = 3000
        default: break
        }
    }

    func move(to station: MachineStation) throws(MechanicalFault) {
        position = .jammed
        if fails() || strikes(.jamMove) != nil { throw .jam }
        position = .at(station)
    }

    func turn(to side: MachineSide) throws(MechanicalFault) {
        guard side != self.side else { return }
        position = .jammed
        if fails() || strikes(.jamTurn) != nil { throw .jam }
        self.side = side
        position = .at(.print)
    }

    /// A person switches it on again.
    func powerIsBack() { isWithoutPower = false }

    private func ends(_ panel: Character) -> Bool {
        switch panel {
        case "y": strikes(.ribbonEndY) != nil
        case "m": strikes(.ribbonEndM) != nil
        case "c": strikes(.ribbonEndC) != nil
        case "k": strikes(side == .front ? .ribbonEndK : .ribbonEndLast) != nil
        default: strikes(.ribbonEndLast) != nil
        }
    }

    private func half(_ dots: Bytes) -> Bytes {
        Bytes(dots.prefix(dots.count / 2)) + Bytes(repeating: 0, count: dots.count - dots.count / 2)
    }

    private func put(_ panel: Character, _ dots: Bytes) {
        let (person, isWhole) = decode(dots, panel)
        inside.first?.lays.append((side, panel, person, isWhole))
    }

    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        if ends(panel) {
            put(panel, half(dots))
            ribbonCardsLeft = 0
            throw .ribbonEnd
        }
        if strikes(.laserBreaks) != nil {
            put(panel, half(dots))
            throw .jam
        }
        if let fault = armed, [.powerLossStays, .powerLossEjectsGood].contains(fault) {
            put(panel, half(dots))
            _ = fails()
            throw .jam
        }
        put(panel, dots)
    }

    func windFilm() { film = [] }

    func printOnFilm(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) {
        if ends(panel) {
            film.append((panel, half(dots)))
            ribbonCardsLeft = 0
            throw .ribbonEnd
        }
        film.append((panel, dots))
        if fails() { throw .jam }
    }

    func transferFilm() throws(MechanicalFault) {
        if strikes(.jamTransfer) != nil {
            // the film came off over a part of the card
            for (panel, dots) in film { put(panel, half(dots)) }
            film = []
            position = .jammed
            throw .jam
        }
        if fails() { throw .jam }
        for (panel, dots) in film { put(panel, dots) }
        film = []
    }

    func eject(_ exit: MachineExit) throws(MechanicalFault) {
        guard !full.contains(exit) else { throw .full }
        position = .jammed
        if fails() || strikes(.jamEject) != nil { throw .jam }
        if exit == .good { good += inside } else { reject += inside }
        inside = []
        position = .empty
    }
}
