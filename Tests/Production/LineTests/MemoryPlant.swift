import Ground
import Stations
import Synchronization

/// Cards with chip and ink that survive a crash of the controller. It knows nothing of the ledger.
final class MemoryPlant: Sendable {
    struct Document: Equatable {
        var mrz: [String]
        var sodHash: Bytes
        var complete: Bool
    }

    struct Card {
        let number: Int
        var answers = true
        var document: Document?
        var dead = false
        /// What lies on it, in the order it was laid: side, panel and content.
        var ink: [PanelRaster] = []
        var identity: ChipIdentity { ChipIdentity("CHIP\(number)") }
    }

    enum Fault: Hashable {
        /// The chip of this card never answers.
        case mute(card: Int)
        case diesWhilePersonalised(card: Int)
        case missingPanel(card: Int)
        /// Before it is printed, this card is exchanged with the next one in the hopper, which then lies in a hand.
        case swapped(card: Int)
        /// Stuck on its way to the print station.
        case jam(card: Int)
        /// Power is lost while this card is printed; the printer ejects to the good side when it comes back.
        case powerCut(card: Int)
        /// As above, after the good eject was ordered and before it is obeyed.
        case powerCutAtEject(card: Int)
        /// The camera sees nothing this many times.
        case blind(card: Int, times: Int)
        /// The print shows another person.
        case otherPerson(card: Int)
    }

    struct World {
        var cards: [Int: Card] = [:]
        var hopper: [Int] = []
        var good: [Int] = []
        var reject: [Int] = []
        /// Taken out by a person, or lost on the floor.
        var hands: [Int] = []
        var inside: Int?
        var station: PrinterStation = .contactless
        var stuck = false
        var fed = 0
        var panels = 0
        var connection = 1
        var lost = false
        var faults: Set<Fault> = []
        var onDesk: Int?
        var frames: UInt64 = 0
        var prepared = 0
    }

    let world: Mutex<World>

    /// `before` cards lie in other cells: numbers are the line's.
    init(cards: Int, after before: Int = 0, faults: Set<Fault> = []) {
        var world = World()
        for number in before + 1...before + cards {
            var card = Card(number: number)
            card.answers = !faults.contains(.mute(card: number))
            world.cards[number] = card
            world.hopper.append(number)
        }
        world.faults = faults
        self.world = Mutex(world)
    }

    /// All cells of a line as one, for the judge.
    init(all plants: [MemoryPlant]) {
        var world = World()
        for cell in plants.map({ $0.world.withLock { $0 } }) {
            world.cards.merge(cell.cards) { $1 }
            world.hopper += cell.hopper
            world.good += cell.good
            world.reject += cell.reject
            world.hands += cell.hands
            world.inside = world.inside ?? cell.inside
        }
        self.world = Mutex(world)
    }

    func error(_ code: SakkError.Code, _ outcome: SakkError.Outcome) -> SakkError {
        SakkError(code, source: "memory plant", outcome: outcome, text: "\(code)", remedy: "test")
    }

    /// Some printers eject on power-up, to the good side.
    static func losePower(_ world: inout World) {
        world.connection += 1
        world.lost = true
        if let card = world.inside {
            world.good.append(card)
            world.inside = nil
        }
    }

    // MARK: what a person does

    /// Opens the cover and takes the stuck or lying card out.
    func takeOut() {
        world.withLock { world in
            if let card = world.inside { world.hands.append(card) }
            world.inside = nil
            world.stuck = false
        }
    }

    func layOnDesk(_ card: Int?) { world.withLock { $0.onDesk = card } }

    /// The person puts the settled card where it belongs.
    func put(_ card: Int, good: Bool) {
        world.withLock { world in
            world.good.removeAll { $0 == card }
            world.reject.removeAll { $0 == card }
            world.hands.removeAll { $0 == card }
            if good { world.good.append(card) } else { world.reject.append(card) }
        }
    }

    /// A card from the reject box lands on the hopper again.
    func putBack(_ card: Int) {
        world.withLock { world in
            world.reject.removeAll { $0 == card }
            world.hopper.insert(card, at: 0)
        }
    }
}

struct MemoryPrinter: CardPrinter {
    let plant: MemoryPlant

    func connect() async throws(SakkError) -> PrinterIdentity {
        plant.world.withLock { $0.lost = false }
        let connection = plant.world.withLock { "\($0.connection)" }
        return PrinterIdentity(
            family: "memory", model: "memory", serial: "M-1", firmware: "1", connection: connection)
    }

    /// What every command finds first.
    private func awake(_ world: inout MemoryPlant.World) throws(SakkError) {
        if world.lost { throw plant.error("usb.gone", .unknown) }
    }

    func status() async throws(SakkError) -> PrinterStatus {
        try plant.world.withLock { (world) throws(SakkError) in
            try awake(&world)
            let position: CardPosition =
                world.inside == nil ? .none : world.stuck ? .somewhere : .at(world.station)
            return PrinterStatus(
                position: position, reasons: [],
                counters: PrinterCounters(cards: world.fed, panels: world.panels, ribbonRemaining: nil),
                connection: "\(world.connection)")
        }
    }

    func feed(to station: PrinterStation) async throws(SakkError) {
        try plant.world.withLock { (world) throws(SakkError) in
            try awake(&world)
            guard world.inside == nil else { throw plant.error("printer.card.inside", .notDone) }
            guard !world.hopper.isEmpty else { throw plant.error("printer.hopper.empty", .notDone) }
            world.inside = world.hopper.removeFirst()
            world.station = station
            world.fed += 1
        }
        try FaultPoint.pass("plant.fed")
    }

    func move(to station: PrinterStation) async throws(SakkError) {
        try plant.world.withLock { (world) throws(SakkError) in
            try awake(&world)
            guard let card = world.inside else { throw plant.error("printer.card.none", .notDone) }
            if station == .print, world.faults.remove(.jam(card: card)) != nil {
                world.stuck = true
                throw plant.error("printer.card.jam", .unknown)
            }
            if station == .print, world.faults.remove(.swapped(card: card)) != nil {
                world.hands.append(card)
                world.inside = world.hopper.removeFirst()
            }
            world.station = station
        }
    }

    func print(_ job: PrintJob) async throws(SakkError) {
        for (index, panel) in job.panels.enumerated() {
            try plant.world.withLock { (world) throws(SakkError) in
                try awake(&world)
                guard let card = world.inside, world.station == .print else {
                    throw plant.error("printer.card.none", .notDone)
                }
                if index == 3, world.faults.remove(.powerCut(card: card)) != nil {
                    MemoryPlant.losePower(&world)
                    throw plant.error("usb.gone", .unknown)
                }
                world.panels += 1
                if index == 1, world.faults.remove(.missingPanel(card: card)) != nil { return }
                world.cards[card]?.ink.append(panel)
            }
            try FaultPoint.pass("plant.print.panel")
        }
    }

    func present(_ side: CardSide) async throws(SakkError) {
        try plant.world.withLock { (world) throws(SakkError) in
            try awake(&world)
            guard world.inside != nil, world.station == .print else {
                throw plant.error("printer.card.none", .notDone)
            }
        }
    }

    func eject(_ exit: CardExit) async throws(SakkError) {
        try plant.world.withLock { (world) throws(SakkError) in
            try awake(&world)
            guard let card = world.inside else { throw plant.error("printer.card.none", .notDone) }
            if exit == .good, world.faults.remove(.powerCutAtEject(card: card)) != nil {
                MemoryPlant.losePower(&world)
                throw plant.error("usb.gone", .unknown)
            }
            if exit == .good { world.good.append(card) } else { world.reject.append(card) }
            world.inside = nil
        }
        try FaultPoint.pass("plant.ejected")
    }

    func disconnect() async {}
}

struct MemoryChipStation: ChipStation {
    let plant: MemoryPlant
    /// The desk reader sees the card that a person laid on it; the encoder the one at its station.
    var desk = false

    func connect() async throws(SakkError) {}

    private func card(_ world: MemoryPlant.World) -> Int? {
        if desk { return world.onDesk }
        return world.station == .contactless && !world.stuck ? world.inside : nil
    }

    func identify() async throws(SakkError) -> ChipPresence {
        plant.world.withLock { world in
            guard let number = card(world), let card = world.cards[number] else { return .absent }
            guard card.answers else { return .mute }
            return .answers(identity: card.identity, personalised: card.document != nil)
        }
    }

    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        let mrz = job.files.first?.bytes ?? []
        let lines = String(decoding: mrz, as: UTF8.self).split(separator: "\n").map(String.init)
        try change(chip) { card, faults throws(SakkError) in
            guard card.document == nil, !card.dead else { throw plant.error("chip.installed", .notDone) }
            card.document = MemoryPlant.Document(mrz: lines, sodHash: job.sodHash, complete: false)
        }
        try FaultPoint.pass("plant.chip.installed")
        try change(chip) { card, faults throws(SakkError) in
            if faults.remove(.diesWhilePersonalised(card: card.number)) != nil {
                card.answers = false
                throw plant.error("card.removed", .unknown)
            }
            card.document?.complete = true
        }
        try FaultPoint.pass("plant.chip.locked")
    }

    private func change(
        _ chip: ChipIdentity, _ body: (inout MemoryPlant.Card, inout Set<MemoryPlant.Fault>) throws(SakkError) -> Void
    ) throws(SakkError) {
        try plant.world.withLock { (world) throws(SakkError) in
            guard let number = card(world), var card = world.cards[number], card.answers, card.identity == chip else {
                throw plant.error("card.other", .notDone)
            }
            defer { world.cards[number] = card }
            try body(&card, &world.faults)
        }
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        plant.world.withLock { world in
            func failed(_ name: String) -> BorderReport {
                BorderReport(
                    checks: [BorderCheck(name: name, passed: false, detail: "")], mrz: [], portrait: [], sodHash: [],
                    fileHashes: [:])
            }
            guard let number = card(world), let card = world.cards[number], card.answers, let document = card.document
            else { return failed("select") }
            guard !card.dead, document.complete, TestRecord.access(document.mrz) == access else { return failed("bac") }
            return BorderReport(
                checks: [BorderCheck(name: "bac", passed: true, detail: "")], mrz: document.mrz, portrait: [],
                sodHash: document.sodHash, fileHashes: [:])
        }
    }

    func kill() async throws(SakkError) -> ChipDeath {
        plant.world.withLock { world in
            guard let number = card(world), world.cards[number]?.answers == true else { return .unconfirmed }
            world.cards[number]?.dead = true
            return .confirmed
        }
    }

    func disconnect() async {}
}

struct MemoryCamera: CardCamera {
    let plant: MemoryPlant

    func connect() async throws(SakkError) {}

    /// The frame's pixels are the ink that lies on this side, panel letter first.
    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        let (pixels, number) = plant.world.withLock { world -> (Bytes, UInt64) in
            world.frames += 1
            guard let number = world.inside, world.station == .print, let card = world.cards[number] else {
                return ([], world.frames)
            }
            for fault in world.faults {
                if case .blind(let blind, let times) = fault, blind == number, side == .front {
                    world.faults.remove(fault)
                    if times > 1 { world.faults.insert(.blind(card: blind, times: times - 1)) }
                    return ([], world.frames)
                }
            }
            let ink = card.ink.filter { $0.side == side }
            return (ink.flatMap { Bytes($0.panel.rawValue.utf8) + $0.pixels }, world.frames)
        }
        return Frame(
            attempt: attempt, side: side, number: number, width: pixels.count, height: 1, format: .mono8,
            pixels: pixels)
    }

    func disconnect() async {}
}

struct MemoryInspection: InspectionStation {
    let plant: MemoryPlant

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        func result(_ verdict: Verdict, _ seen: [String]) -> InspectionResult {
            InspectionResult(verdict: verdict, seenMRZ: seen, annotated: [:], measures: [:])
        }
        func finding(_ code: String, _ side: CardSide) -> Finding {
            Finding(code: code, side: side, place: RectMM(x: 0, y: 0, width: 1, height: 1), text: code)
        }
        for side in CardSide.allCases {
            guard let frame = request.frames.first(where: { $0.side == side }), !frame.pixels.isEmpty else {
                return result(.cannotJudge("exposure.dark"), [])
            }
            let expected = request.rendered.panels.filter { $0.side == side }
                .flatMap { Bytes($0.panel.rawValue.utf8) + $0.pixels }
            guard frame.pixels == expected else { return result(.reject([finding("panel.missing", side)]), []) }
        }
        let back = request.frames.first { $0.side == .back }?.pixels.dropFirst() ?? []
        let seen = String(decoding: back, as: UTF8.self).split(separator: "\n").map(String.init)
        return result(.pass, seen)
    }
}
