public import Ground

/// The firmware of a card printer that speaks the Evolis ESC language: bytes in, bytes out.
/// Written from `firmware-specs/evolis-esc` (facts F, E, I, M, P, S); it knows nothing of any driver.
public final class EvolisMachine: PrinterFirmware {
    public typealias Plate = MachinePlate

    /// The upright bitmap (P3); another size is for runs that only count cards.
    private let width: Int
    private let height: Int

    public let plate: Plate
    private let mechanism: any PrinterMechanism
    private var inbox = Bytes()
    private var start = 0

    // lost at power-off
    private var errorMode = 0
    private var ejectsAfterPrint = true
    private var declaredRibbon: String?
    private var bitmaps: [Character: Bytes] = [:]
    private var inSequence = false
    private var sequencePanels = 0
    private var side = MachineSide.front

    // kept over the machine's life
    private var panelsPrinted: Int
    private var cardsTaken: Int
    private var cleanings = 0

    private var restarts = false

    public init(
        plate: Plate, mechanism: any PrinterMechanism, panelsPrinted: Int = 0, cardsTaken: Int = 0, width: Int = 648,
        height: Int = 1016
    ) {
        self.width = width
        self.height = height
        self.plate = plate
        self.mechanism = mechanism
        self.panelsPrinted = panelsPrinted
        self.cardsTaken = cardsTaken
    }

    public func respond() -> [Bytes]? { step().map { $0.isEmpty ? [] : [$0] } }

    public func takeRestart() -> Bool {
        defer { restarts = false }
        return restarts
    }

    /// Knows no such request.
    public func massStorageReset() {}

    /// IEEE 1284 device id (F4).
    public var deviceID: String? { "MFG:Evolis;MDL:\(plate.model);CMD:ESC;SN:\(plate.serial);CLS:PRINTER;" }

    /// Class request SOFT_RESET (F6): half a command and its data are dropped.
    public func softReset() {
        inbox = []
        start = 0
    }

    /// Power came back: volatile settings are gone.
    public func powerOn() {
        softReset()
        errorMode = 0
        ejectsAfterPrint = true
        declaredRibbon = nil
        bitmaps = [:]
        inSequence = false
        sequencePanels = 0
        side = .front
    }

    /// Takes what came over the wire; the answers of the commands that are now whole, each ended by NUL (F2).
    public func receive(_ bytes: Bytes) -> Bytes {
        accept(bytes)
        var answers = Bytes()
        while let answer = step() { answers += answer }
        return answers
    }

    /// Keeps bytes without acting on them.
    public func accept(_ bytes: Bytes) { inbox += bytes }

    /// Carries out the next command that is whole; its answer with NUL, nil when none is whole. M10 is not answered.
    public func step() -> Bytes? {
        guard let command = nextCommand() else { return nil }
        if command.words == ["Srs"] {
            powerOn()
            restarts = true
            return []
        }
        return Bytes(answer(command.words, data: command.data).utf8) + [0]
    }

    private func nextCommand() -> (words: [String], data: Bytes)? {
        while start < inbox.count, inbox[start] == 0x1B || inbox[start] == 0x0D { start += 1 }
        if start > 0 {
            inbox.removeFirst(start)
            start = 0
        }
        if let command = download() { return command }
        guard !inbox.starts(with: Bytes("Db;".utf8)), let end = inbox.firstIndex(of: 0x0D) else { return nil }
        let words = String(decoding: inbox[..<end], as: UTF8.self).split(
            separator: ";", omittingEmptySubsequences: false
        ).map(String.init)
        inbox.removeFirst(end + 1)
        return (words, [])
    }

    /// `Db;panel;levels;data CR`: the count of data bytes follows from the raster, any value may be among them (P2).
    private func download() -> (words: [String], data: Bytes)? {
        guard inbox.starts(with: Bytes("Db;".utf8)) else { return nil }
        var separators: [Int] = []
        var index = 0
        while index < min(inbox.count, 16), separators.count < 3 {
            if inbox[index] == 0x0D {
                // ended before its data: no bitmap at all
                inbox.removeFirst(index + 1)
                return (["Db"], [])
            }
            if inbox[index] == UInt8(ascii: ";") { separators.append(index) }
            index += 1
        }
        guard separators.count == 3 else { return nil }
        let panel = String(decoding: inbox[(separators[0] + 1)..<separators[1]], as: UTF8.self)
        let levels = String(decoding: inbox[(separators[1] + 1)..<separators[2]], as: UTF8.self)
        let bits = levels == "2" ? 1 : levels == "128" ? 7 : 0
        guard bits > 0 else {
            // the end of unknown data cannot be found: everything up to the next CR is dropped
            guard let end = inbox.firstIndex(of: 0x0D) else { return nil }
            inbox.removeFirst(end + 1)
            return (["Db", panel, levels], [])
        }
        let count = (width * height * bits + 7) / 8
        let first = separators[2] + 1
        guard inbox.count >= first + count + 1 else { return nil }
        let data = Bytes(inbox[first..<(first + count)])
        let ended = inbox[first + count] == 0x0D
        inbox.removeFirst(first + count + (ended ? 1 : 0))
        return (["Db", panel, ended ? levels : "cut"], data)
    }

    private func answer(_ words: [String], data: Bytes) -> String {
        let parameter = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "Rtp": return plate.model
        case "Rsn": return plate.serial
        case "Rfv": return plate.firmware
        case "Rem": return String(errorMode)
        case "Pem": return setErrorMode(parameter)
        case "Pneab":
            ejectsAfterPrint = parameter != "E"
            return "OK"
        case "Pcrm": return parameter == "D" ? "OK" : "ERR PARAMETERS"
        case "Pr": return declare(parameter)
        case "Si": return travel(.print)
        case "Sis": return travel(.contact)
        case "Sic": return travel(.contactless)
        case "Sr": return turn(.front)
        case "Sv": return turn(.back)
        case "Se": return eject(.good)
        case "Ser": return eject(.reject)
        case "Ss": return begin()
        case "Db": return keep(words, data)
        case "Sp": return printPanel(parameter)
        case "Wcb": return clearBitmaps()
        case "Rlr": return sensor(parameter)
        case "Rse": return voltage(parameter)
        case "Rrt": return ribbonAnswer(parameter)
        case "Rco": return counter(parameter)
        case "Scp": return clean()
        case "Rcr": return mechanism.ribbonCardsLeft > 0 ? "OK" : "ERR RIB END"
        case "Scs":
            mechanism.clearLatch()
            return "OK"
        default: return "ERROR CDE"
        }
    }

    // MARK: set-up

    private func setErrorMode(_ parameter: String) -> String {
        guard let mode = Int(parameter), (0...63).contains(mode) else { return "ERR PARAMETERS" }
        errorMode = mode
        return "OK"
    }

    private func declare(_ parameter: String) -> String {
        guard let ribbon = mechanism.ribbon else { return "ERR RIB DETECTION" }
        guard ribbon == parameter else { return "ERR PARAMETERS" }
        declaredRibbon = parameter
        return "OK"
    }

    // MARK: movement

    private func words(_ fault: MechanicalFault, exit: MachineExit = .good) -> String {
        switch fault {
        case .feeder: "ERR FEEDER"
        case .jam: "ERR MECHANICAL"
        case .full: exit == .good ? "ERR OUTPUT FULL" : "ERR REJECT FULL"
        case .ribbonEnd: "ERR RIB END"
        }
    }

    private func travel(_ station: MachineStation) -> String {
        guard mechanism.coverIsClosed else { return "ERR COVER" }
        do throws(MechanicalFault) {
            switch mechanism.position {
            case .jammed: return "ERR MECHANICAL"
            case .at: try mechanism.move(to: station)
            case .empty:
                inSequence = false
                side = .front
                try mechanism.feed(to: station)
                cardsTaken += 1
            }
            return "OK"
        } catch {
            // a card that jammed on its way in was taken from the hopper all the same
            if error == .jam, mechanism.position == .jammed { cardsTaken += 1 }
            return words(error)
        }
    }

    private func turn(_ side: MachineSide) -> String {
        guard mechanism.coverIsClosed else { return "ERR COVER" }
        guard mechanism.position == .at(.print) else {
            return mechanism.position == .jammed ? "ERR MECHANICAL" : "ERR CARD"
        }
        do throws(MechanicalFault) {
            try mechanism.turn(to: side)
            self.side = side
            return "OK"
        } catch {
            return words(error)
        }
    }

    private func eject(_ exit: MachineExit) -> String {
        guard mechanism.coverIsClosed else { return "ERR COVER" }
        switch mechanism.position {
        case .jammed: return "ERR MECHANICAL"
        case .empty: return "ERR CARD"
        case .at:
            do throws(MechanicalFault) {
                try mechanism.eject(exit)
                inSequence = false
                return "OK"
            } catch {
                return words(error, exit: exit)
            }
        }
    }

    /// The cleaning card goes through once; it is no card of the counter.
    private func clean() -> String {
        guard mechanism.coverIsClosed else { return "ERR COVER" }
        guard mechanism.position == .empty else { return "ERR CARD" }
        guard mechanism.runCleaningCard() else { return "ERR FEEDER" }
        cleanings += 1
        return "OK"
    }

    // MARK: print

    private func begin() -> String {
        guard mechanism.position == .at(.print) else { return "ERR CARD" }
        bitmaps = [:]
        inSequence = true
        sequencePanels = 0
        return "OK"
    }

    private func keep(_ words: [String], _ data: Bytes) -> String {
        guard words.count == 3, let panel = words[1].first, words[1].count == 1, "ymcko".contains(panel),
            words[2] == (panel == "k" || panel == "o" ? "2" : "128"), inSequence
        else { return "ERR PARAMETERS" }
        bitmaps[panel] = data
        return "OK"
    }

    private func clearBitmaps() -> String {
        // whose card somebody took out by hand is no sequence any more (P8)
        if mechanism.position == .empty { inSequence = false }
        guard !inSequence else { return "ERR PARAMETERS" }
        bitmaps = [:]
        return "OK"
    }

    private func printPanel(_ parameter: String) -> String {
        guard mechanism.coverIsClosed else { return "ERR COVER" }
        guard let panel = parameter.first, parameter.count == 1, let data = bitmaps[panel], inSequence,
            let ribbon = declaredRibbon, ribbon.contains(panel), side == .front || !"ymc".contains(panel)
        else { return "ERR PARAMETERS" }
        guard mechanism.position == .at(.print) else {
            return mechanism.position == .jammed ? "ERR MECHANICAL" : "ERR CARD"
        }
        guard mechanism.ribbon != nil else { return "ERR RIB DETECTION" }
        do throws(MechanicalFault) {
            try mechanism.lay(
                panel,
                EvolisBitmap.dots(
                    data, levels: panel == "k" || panel == "o" ? 2 : 128, width: width, height: height))
            panelsPrinted += 1
            sequencePanels += 1
            // without `Pneab;E` the machine ejects by itself once the card's panels are used up (I3)
            if ejectsAfterPrint, sequencePanels == ribbon.count {
                try mechanism.eject(.good)
                inSequence = false
            }
            return "OK"
        } catch {
            return words(error)
        }
    }

    // MARK: sensors and counters

    private func sensor(_ parameter: String) -> String {
        switch parameter {
        case "p":
            switch mechanism.position {
            case .empty: return "OK"
            case .jammed: return "ERR MECHANICAL"
            case .at(.print): return "CARD"
            case .at(.contact): return "SMART CARD"
            case .at(.contactless): return "CONTACTLESS CARD"
            }
        case "h": return mechanism.isFull(.good) ? "CARD" : "OK"
        case "r": return mechanism.needsCleaning ? "ERR NEED CLEANING" : "OK"
        case "j": return mechanism.isFull(.reject) ? "CARD" : "OK"
        default: return "ERR PARAMETERS"
        }
    }

    private func voltage(_ parameter: String) -> String {
        switch parameter {
        case "f": return mechanism.hopperHasCards ? "5,00 Volts" : "0,00 Volts"
        case "o": return mechanism.coverIsClosed ? "5,00 Volts" : "0,00 Volts"
        default: return "ERR PARAMETERS"
        }
    }

    private func ribbonAnswer(_ parameter: String) -> String {
        guard mechanism.ribbon != nil else { return "ERR RIB DETECTION" }
        if parameter == "count", mechanism.takeStrayAnswer() { return "OK" }
        return parameter == "count" ? String(mechanism.ribbonCardsLeft) : "ERR PARAMETERS"
    }

    private func counter(_ parameter: String) -> String {
        switch parameter {
        case "p": return String(panelsPrinted)
        case "c": return String(cardsTaken)
        case "n": return String(cleanings)
        case "a", "m": return cleanings == 0 ? "0" : String(cardsTaken / cleanings)
        default: return "ERR PARAMETERS"
        }
    }
}
