public import Ground

/// The firmware of a card printer of the Magicard family: bytes in, bytes out. Written from `firmware-specs/magicard` (F, Q, S,
/// W, M, P); it knows nothing of any driver. Orders are not answered: what became of them shows in sensors and counters.
public final class MagicardMachine: PrinterFirmware {
    public let plate: MachinePlate
    private let product: UInt16
    private let chip: MachineStation
    private let mechanism: any PrinterMechanism
    private let bitmap: MagicardBitmap
    private var inbox = Bytes()

    // lost at power-off
    private var memory: [Character: Bytes] = [:]
    private var ramp = 50
    private var side = MachineSide.front
    /// The last job could not be printed (W3).
    private var jobFailed = false
    private var jammedInFlip = false

    // kept over the machine's life
    private var cardsTaken: Int
    private var panelsPrinted: Int
    private var cleanings = 0
    private var cardsAtCleaning: Int
    private var panelsAtCleaning: Int

    /// `plane` is upright, `pictureHeight` the lying picture's short edge; others are for runs that only count cards.
    public init(
        plate: MachinePlate, mechanism: any PrinterMechanism, product: UInt16 = 0x880A,
        chip: MachineStation = .contactless, cardsTaken: Int = 0, panelsPrinted: Int = 0,
        plane: (width: Int, height: Int) = (672, 1016), pictureHeight: Int = 648
    ) {
        self.plate = plate
        self.mechanism = mechanism
        self.product = product
        self.chip = chip
        self.cardsTaken = cardsTaken
        self.panelsPrinted = panelsPrinted
        cardsAtCleaning = cardsTaken
        panelsAtCleaning = panelsPrinted
        bitmap = MagicardBitmap(width: plane.width, height: plane.height, pictureHeight: pictureHeight)
    }

    public var deviceID: String? { "MFG:Magicard;MDL:\(plate.model);CMD:MAGICARD;CLS:PRINTER;" }

    /// F8.
    public var portStatus: UInt8 {
        var status: UInt8 = 0x10
        let isWell =
            mechanism.coverIsClosed && mechanism.ribbon != nil && mechanism.panelsLeft > 0 && !mechanism.headIsHot
            && mechanism.position != .jammed && !(jobFailed && mechanism.position != .empty)
        if isWell { status |= 0x08 }
        if !mechanism.hopperHasCards { status |= 0x20 }
        return status
    }

    public func massStorageReset() {}

    /// F7: what came of a job's planes stays in memory.
    public func softReset() {
        if case .job(let job, let start) = next() { keep(job, from: start) }
        inbox = []
    }

    public func powerOn() {
        inbox = []
        memory = [:]
        ramp = 50
        side = .front
        jobFailed = false
        jammedInFlip = false
    }

    public func accept(_ bytes: Bytes) { inbox += bytes }

    /// Takes what came over the wire; the transfers of the answers that it leads to.
    public func receive(_ bytes: Bytes) -> [Bytes] {
        accept(bytes)
        var transfers: [Bytes] = []
        while let answer = respond() { transfers += answer }
        return transfers
    }

    // MARK: frames

    private enum Frame {
        case nothing
        /// An order or a question, and where it ends.
        case text(String, Int)
        /// A job's fields, and where its planes begin.
        case job([String], Int)
    }

    /// What stands first in the inbox; bytes that begin nothing are dropped.
    private func next() -> Frame {
        if let begin = inbox.firstIndex(of: 0x01) {
            inbox.removeFirst(begin)
        } else {
            inbox = []
        }
        guard let end = inbox.firstIndex(of: 0x1C) else { return .nothing }
        let text = String(decoding: inbox[1..<end], as: UTF8.self)
        if text.hasPrefix(",") { return .job(text.split(separator: ",").map(String.init), end + 1) }
        return inbox.count > end + 1 ? .text(text, end + 2) : .nothing
    }

    public func respond() -> [Bytes]? {
        switch next() {
        case .nothing: return nil
        case .text(let text, let end):
            let isEnded = inbox[end - 1] == 0x03
            inbox.removeFirst(end)
            return isEnded ? answer(text) : []
        case .job(let fields, let start):
            let planes = MagicardMachine.planes(fields)
            let needed = start + planes.reduce(0) { $0 + $1.length + 3 } + 1
            guard inbox.count >= needed else { return nil }
            let isWhole = keep(fields, from: start) && inbox[needed - 1] == 0x03
            inbox.removeFirst(needed)
            jobFailed = !(isWhole && printPage(fields))
            return []
        }
    }

    /// P2: planes in the order of the fields that give their lengths.
    private static func planes(_ fields: [String]) -> [(panel: Character, letter: Character, length: Int)] {
        let panels: [Character: Character] = ["B": "y", "G": "m", "R": "c", "K": "k"]
        return fields.compactMap { field in
            guard field.hasPrefix("SZ"), let letter = field.dropFirst(2).first, let panel = panels[letter],
                let length = Int(field.dropFirst(3)), (0...4_000_000).contains(length)
            else { return nil }
            return (panel, letter, length)
        }
    }

    /// Writes what is there of a job's planes into memory (P14); whether each is whole and ends with its mark (P15).
    @discardableResult private func keep(_ fields: [String], from start: Int) -> Bool {
        var place = start
        var isWhole = true
        for (panel, letter, length) in MagicardMachine.planes(fields) {
            let part = inbox[min(place, inbox.count)..<min(place + length, inbox.count)]
            var plane = memory[panel] ?? Bytes(repeating: 0, count: bitmap.count(panel))
            let taken = part.prefix(plane.count)
            plane.replaceSubrange(0..<taken.count, with: taken)
            memory[panel] = plane
            let mark: Bytes = [0x1C] + Bytes(String(letter).utf8) + [0x3A]
            place += length
            isWhole =
                isWhole && length == plane.count && inbox.count >= place + 3
                && Bytes(inbox[place..<(place + 3)]) == mark
            place += 3
        }
        return isWhole
    }

    // MARK: orders and questions

    private func answer(_ text: String) -> [Bytes] {
        if text.hasPrefix("REQ,STA,"), text.hasSuffix(",") {
            let key = String(text.dropFirst(8).dropLast())
            guard let value = value(key) else { return [] }
            return [[0x01] + Bytes("STA,\(key)\(value)".utf8) + [0x2C, 0x03]]
        }
        if text.hasPrefix("SNR"), let number = Int(text.dropFirst(3)) { return [line(number, of: sensors)] }
        if text.hasPrefix("QPR"), let number = Int(text.dropFirst(3)) {
            return [line(number, of: ["Model \(plate.model)", "Firmware \(plate.firmware)"])]
        }
        if text.hasPrefix("RAMP"), text.hasSuffix(","), let number = Int(text.dropFirst(4).dropLast()) {
            if (0...100).contains(number) { ramp = number }
            return []
        }
        switch text {
        case "FEED0,": take(to: .print)
        case "CHPDOWN,":
            if mechanism.position == .empty { take(to: chip) } else { travel(to: chip) }
        case "CHPUP,": if mechanism.position == .at(chip) { travel(to: .print) }
        case "FLIP,": turn()
        case "EJT,": eject(.good)
        case "REJ,": eject(.reject)
        case "CLN,": clean()
        case "RST,":
            eject(.good)
            powerOn()
        default: break
        }
        return []
    }

    private func line(_ number: Int, of lines: [String]) -> Bytes {
        Bytes((lines.indices.contains(number - 1) ? lines[number - 1] : "END").utf8)
    }

    private func value(_ key: String) -> String? {
        switch key {
        case "MSR", "USN": plate.serial
        case "PSR": "H-\(plate.serial)"
        case "VRS": plate.firmware
        case "FSS": String(ramp)
        case "PID": String(product)
        case "VID": String(0x0C1F)
        case "MDL": "0"
        case "TCQ": String(cardsTaken)
        case "TPQ", "TCP": String(panelsPrinted)
        case "DFR": String(mechanism.panelsLeft)
        case "TCN": String(cleanings)
        case "CCQ": String(cardsTaken - cardsAtCleaning)
        case "CPQ": String(panelsPrinted - panelsAtCleaning)
        case "CCP": "1000"
        case "CRQ": mechanism.needsCleaning ? "ON" : "OFF"
        default: nil
        }
    }

    /// S1 to S9.
    private var sensors: [String] {
        let place = mechanism.position
        let states: [(String, Bool)] = [
            ("FRONT", false), ("MID", place == .at(.print)), ("REAR", place == .jammed && !jammedInFlip),
            ("FLIP", place == .jammed && jammedInFlip), ("SMART", place == .at(chip)),
            ("LID", mechanism.coverIsClosed), ("DYE", mechanism.ribbon != nil), ("TEMP", mechanism.headIsHot),
            ("CAM", true),
        ]
        return states.map { "\($0) \($1 ? "ON" : "OFF")" }
    }

    // MARK: movement

    private func take(to station: MachineStation) {
        guard mechanism.coverIsClosed, mechanism.position == .empty else { return }
        side = .front
        jobFailed = false
        jammedInFlip = false
        do throws(MechanicalFault) {
            try mechanism.feed(to: station)
            cardsTaken += 1
        } catch {
            // a card that jammed on its way in was taken all the same
            if error == .jam, mechanism.position == .jammed { cardsTaken += 1 }
        }
    }

    private func travel(to station: MachineStation) {
        guard mechanism.coverIsClosed, case .at(let place) = mechanism.position, place != station else { return }
        jammedInFlip = false
        try? mechanism.move(to: station)
    }

    @discardableResult private func turn() -> Bool {
        guard mechanism.coverIsClosed, mechanism.position == .at(.print) else { return false }
        let other: MachineSide = side == .front ? .back : .front
        jammedInFlip = true
        guard (try? mechanism.turn(to: other)) != nil else { return false }
        jammedInFlip = false
        side = other
        return true
    }

    private func eject(_ exit: MachineExit) {
        guard mechanism.coverIsClosed, case .at = mechanism.position else { return }
        jammedInFlip = false
        guard (try? mechanism.eject(exit)) != nil else { return }
        jobFailed = false
    }

    private func clean() {
        guard mechanism.coverIsClosed, mechanism.position == .empty, mechanism.runCleaningCard() else { return }
        cleanings += 1
        cardsAtCleaning = cardsTaken
        panelsAtCleaning = panelsPrinted
    }

    // MARK: print

    private static let ribbons = ["LC1": "ymcko", "LC3": "k", "LC6": "ko", "LC8": "ymckok"]

    /// Whether the page lies on the card.
    private func printPage(_ fields: [String]) -> Bool {
        let isBack = fields.contains("PAG2")
        guard mechanism.coverIsClosed, mechanism.position == .at(.print), side == (isBack ? .back : .front),
            let ribbon = mechanism.ribbon, fields.contains(where: { MagicardMachine.ribbons[$0] == ribbon })
        else { return false }
        let front = ribbon.firstIndex(of: "o").map { String(ribbon[...$0]) } ?? ribbon
        do throws(MechanicalFault) {
            for panel in isBack ? String(ribbon.dropFirst(front.count)) : front {
                if panel == "o", !fields.contains("OVRON") { continue }
                try mechanism.lay(panel, panel == "o" ? overcoat(fields) : picture(panel))
                panelsPrinted += 1
            }
            if fields.contains("DPXON"), !isBack {
                guard turn() else { return false }
            } else if !fields.contains("EJTOFF") {
                // P11: it ejects by itself
                try mechanism.eject(.good)
            }
            return true
        } catch {
            return false
        }
    }

    private func picture(_ panel: Character) -> Bytes {
        bitmap.dots(memory[panel] ?? Bytes(repeating: 0, count: bitmap.count(panel)), panel)
    }

    /// P8.
    private func overcoat(_ fields: [String]) -> Bytes {
        let width = bitmap.height
        var dots = Bytes(repeating: 255, count: width * bitmap.pictureHeight)
        // the fields were parted at their commas: a hole's four numbers stand in four of them
        guard let first = fields.firstIndex(where: { $0.hasPrefix("NCT") }), fields.count > first + 3 else {
            return dots
        }
        let numbers = [String(fields[first].dropFirst(3))] + fields[(first + 1)...(first + 3)]
        let hole = numbers.compactMap { Int($0) }
        guard hole.count == 4, hole[0] >= 0, hole[1] >= 0, hole[0] < hole[2], hole[1] < hole[3], hole[2] <= width,
            hole[3] <= bitmap.pictureHeight
        else { return dots }
        for y in hole[1]..<hole[3] {
            for x in hole[0]..<hole[2] { dots[y * width + x] = 0 }
        }
        return dots
    }
}
