import Ground
import PlantPrinter
import Printers
import Stations
import USBTransport

/// SplitMix64: the same seed, the same run.
struct MatrixDice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(sides))
    }
}

/// A small line with its books, and the person beside it. What it knows of a card is what a chip or an eye tells; only the
/// judge looks at the table.
///
/// Used by one task: the driver's thread comes here only while that task waits for it.
final class MatrixLine: @unchecked Sendable {
    static let width = 16
    static let height = 8
    private static let ribbons = ["g-printec-xid": "ymckk", "ixla-xml": "laser"]
    /// Planes of a whole document.
    var planes: Int { ribbon == "laser" ? 1 : ribbon.count }
    let family: String
    let ribbon: String
    let table: CardTable
    private let firmware: any PrinterFirmware
    private let leavesDoubt: Bool
    private var printer: any CardPrinter
    private var reader: IXLABookletReader?
    private var cable: MemoryCable?
    private var connections = 0
    private var dice: MatrixDice

    // the books
    private(set) var issued: [Int: Int] = [:]
    private(set) var spoiled: Set<Int> = []
    private var bound: Set<Int> = []
    private(set) var wrongExits = 0
    private(set) var tries = 0
    private(set) var claims: [String] = []
    /// How often each fault struck at each step.
    private(set) var struck: [String: [String: Int]] = [:]

    init(family: String, cards: Int, seed: UInt64, leavesDoubt: Bool) {
        self.family = family
        self.leavesDoubt = leavesDoubt
        dice = MatrixDice(state: seed)
        ribbon = MatrixLine.ribbons[family] ?? "ymckok"
        let decode: (Bytes, Character) -> (person: Int?, isWhole: Bool) =
            family == "magicard"
            ? { MatrixLine.decodeWithPlainOvercoat($0, $1) } : { MatrixLine.decode($0, $1) }
        table = CardTable(
            cards: cards * 2 + 1000, ribbon: ribbon, hasBooklets: family == "ixla-xml", decode: decode)
        let models = ["evolis-esc": "KC200B", "magicard": "Enduro+", "ixla-xml": "XP24"]
        let plate = MachinePlate(model: models[family] ?? "XID580", serial: "M-1", firmware: "1")
        switch family {
        case "evolis-esc": firmware = EvolisMachine(plate: plate, mechanism: table, width: 8, height: 16)
        case "magicard":
            firmware = MagicardMachine(plate: plate, mechanism: table, plane: (16, 16), pictureHeight: 8)
        case "ixla-xml":
            firmware = IXLAMachine(
                plate: plate, mechanism: table, size: (MatrixLine.width, MatrixLine.height))
        default:
            firmware = XIDBulkFace(
                XIDMachine(plate: plate, mechanism: table, plane: (20, 12), picture: (16, 8)))
        }
        printer = DeadPrinter()
        makeDriver()
    }

    /// A fresh process: nothing of the old driver's memory is left.
    private func makeDriver() {
        let opener: @Sendable () -> MemoryCable = { [unowned self] in self.plug() }
        if family == "evolis-esc" {
            printer = EvolisPrinter(
                EvolisConfiguration(
                    vendorID: 0x0F49, serial: "M-1", model: "KC200B", knownFirmware: ["1"],
                    refusesUnknownFirmware: true, rasterWidth: 8, rasterHeight: 16, ribbon: ribbon,
                    commandTimeoutMS: 1, moveTimeoutMS: 1, panelTimeoutMS: 1, chunkBytes: 65536, straysOK: true),
                open: { opener() })
        } else if family == "magicard" {
            printer = MagicardPrinter(
                MagicardConfiguration(
                    vendorID: 0x0C1F, productID: 0x880A, serial: "M-1", model: "Enduro+", knownFirmware: ["1"],
                    refusesUnknownFirmware: true, rasterWidth: 16, rasterHeight: 16, imageWidth: 16, imageHeight: 8,
                    ribbon: ribbon, chipStation: .contactless, commandTimeoutMS: 1, moveTimeoutMS: 1,
                    panelTimeoutMS: 1, chunkBytes: 65536, trustsPortStatus: true),
                open: { opener() })
        } else if family == "ixla-xml" {
            let laser = IXLAPrinter(
                IXLAConfiguration(
                    host: "", port: 0, serial: "M-1", model: "XP24", knownFirmware: [IXLAPrinter.untold],
                    refusesUnknownFirmware: true, imageWidth: MatrixLine.width, imageHeight: MatrixLine.height,
                    dpi: 300, stacker: "stacker", laser: "laser", reject: "reject", leastPercent: 80,
                    mostOffset: 2500, commandTimeoutMS: 1, moveTimeoutMS: 1, markTimeoutMS: 1, readyTimeoutMS: 20,
                    decimalComma: true),
                open: { opener() })
            printer = laser
            reader = IXLABookletReader(laser)
        } else {
            printer = XIDPrinter(
                XIDConfiguration(
                    place: .usb(manufacturer: "", product: "", chunkBytes: 65536), serial: "M-1", model: "XID580",
                    knownFirmware: ["1"], refusesUnknownFirmware: true, planeWidth: 20, planeHeight: 12,
                    imageWidth: 16, imageHeight: 8, ribbon: ribbon, inkType: 4, commandTimeoutMS: 1, moveTimeoutMS: 1,
                    panelTimeoutMS: 1, readyTimeoutMS: 20),
                open: { XIDUSBLink(opener(), source: "printer M-1", timeoutMS: 1) })
        }
    }

    private func plug() -> MemoryCable {
        connections += 1
        // over the network the machine notices that the program before has gone
        if family == "ixla-xml" { firmware.softReset() }
        let cable = MemoryCable(firmware, table, connection: "memory:\(connections)")
        table.restarts = { [firmware] in firmware.powerOn() }
        self.cable = cable
        return cable
    }

    /// What happened to the cards of interest: those of the last attempt of each.
    private(set) var story: [Int: [String]] = [:]

    // MARK: a card

    /// One person's document: tries until one good card is in the books.
    func make(_ person: Int, faultPercent: Int) async {
        var isFaulty = dice.roll(100) < faultPercent
        while issued[person] == nil {
            tries += 1
            if isFaulty { order() }
            isFaulty = false
            await attempt(person)
        }
    }

    private func order() {
        // calls of a card: every step of it is met
        let calls = ["evolis-esc": 90, "magicard": 520, "ixla-xml": 190]
        let after = dice.roll(calls[family] ?? 130)
        let (places, wires) = (CardTable.Fault.kinds(family), MemoryCable.Fault.kinds(family))
        let pick = dice.roll(places.count + wires.count)
        if pick < places.count {
            cable?.tableFault = (places[pick], after)
        } else {
            cable?.fault = (wires[pick - places.count], after)
        }
    }

    private func attempt(_ person: Int) async {
        var card: Int?
        var passed = false
        var step = "connect"
        do {
            if cable == nil { _ = try await printer.connect() }
            step = "feed"
            try await printer.feed(to: .contactless)
            step = "bind"
            let seen = try await reader?.read()
            // the chip's identity; two cards in the field cannot be read, a card of the books is not taken again
            guard let read = chip() else { return await throwOut(nil) }
            guard suits(seen, read) else { return await throwOut(nil) }
            guard bound.insert(read).inserted else { return await throwOut(nil) }
            card = read
            step = "move"
            try await printer.move(to: .print)
            // the camera sees a card without ink
            guard table.inside.first?.lays.isEmpty == true else { return await throwOut(read) }
            step = "print"
            try await printer.print(job(person))
            step = "look"
            guard table.inside.first?.isWhole(person, panels: planes) == true else { return await throwOut(read) }
            step = "verify"
            try await printer.move(to: .contactless)
            guard chip() == read else { return await throwOut(read) }
            passed = true
            step = "eject"
            try await printer.eject(.good)
            if table.good.last?.number != read { claimed(.good, read) }
            issued[person] = read
            issuedCards.insert(read)
            note(step)
        } catch {
            note(step)
            for inside in table.inside + table.good.suffix(1) {
                story[inside.number, default: []].append("\(step) \(error.code.rawValue)")
            }
            await recover(person, card: card, passed: passed)
        }
    }

    /// The driver said that a card left by an exit, and it did not.
    private func claimed(_ exit: MachineExit, _ card: Int?) {
        wrongExits += 1
        claims.append(
            "the driver said \(exit.rawValue) of card \(card.map { String($0) } ?? "?"), struck \(cable?.fired ?? "-") "
                + "\(table.fired ?? "-"), inside \(table.inside.map(\.number)), good \(table.good.last?.number ?? 0)")
    }

    private func note(_ step: String) {
        for kind in [cable?.fired, table.fired].compactMap(\.self) {
            for card in table.inside { story[card.number, default: []].append("\(step) \(kind)") }
            struck[kind, default: [:]][step, default: 0] += 1
        }
        cable?.fired = nil
        table.fired = nil
    }

    /// A booklet of this product, open at its data page, whose perforated number is the one that the maker gave this chip.
    private func suits(_ seen: BookletReading?, _ chip: Int) -> Bool {
        guard let seen else { return true }
        guard case .booklet(let identity) = seen else { return false }
        return identity.page == .data && identity.category == "regular"
            && identity.number == MatrixCard.perforated(chip)
    }

    /// What a reader in the machine sees; nil for none or two.
    private func chip() -> Int? {
        guard table.position == .at(table.chipPlace), table.inside.count == 1 else { return nil }
        return table.inside[0].number
    }

    private func throwOut(_ card: Int?) async {
        note("reject")
        do {
            let before = table.reject.count
            let count = table.inside.count
            try await printer.eject(.reject)
            if table.reject.count != before + count { claimed(.reject, card) }
            settleBoxes(nil, nil, passed: false)
        } catch {
            await recover(nil, card: card, passed: false)
        }
    }

    /// After an error: connect anew, throw out what is inside, or let the person take it out; then every card that lies
    /// where the books do not have it is read at the desk.
    private func recover(_ person: Int?, card: Int?, passed: Bool) async {
        if cable?.isKilled == true { makeDriver() }
        await printer.disconnect()
        cable = nil
        clearMachine()
        var isOut = false
        for _ in 0..<2 where !isOut {
            do {
                _ = try await printer.connect()
                let status = try await printer.status()
                if status.position != .none { try await printer.eject(.reject) }
                isOut = true
            } catch {
                if cable?.isKilled == true { makeDriver() }
                await printer.disconnect()
                cable = nil
                clearMachine()
            }
        }
        if !isOut {
            // by hand
            table.reject += table.inside
            table.inside = []
            table.position = .empty
        }
        settleBoxes(person, card, passed: passed)
    }

    /// The person: power on, cover closed, ribbon in, boxes emptied, a jammed card straightened.
    private func clearMachine() {
        if table.isWithoutPower {
            table.powerIsBack()
            firmware.powerOn()
        }
        // set back at its display, as long as there is nothing in it that this would throw out
        if table.inside.isEmpty { (firmware as? IXLAMachine)?.resetAtDisplay() }
        table.headIsHot = false
        table.laserWorks = true
        table.coverIsClosed = true
        table.ribbon = table.ribbonKind
        table.ribbonCardsLeft = 1_000_000
        table.full = []
        table.armed = nil
        table.position = table.inside.isEmpty ? .empty : .at(.print)
    }

    /// The person reads what lies on top of the boxes and is not in the books.
    private func settleBoxes(_ person: Int?, _ card: Int?, passed: Bool) {
        while let top = table.good.last, !issuedCards.contains(top.number) {
            if let person, top.number == card, passed || leavesDoubt {
                issued[person] = top.number
                issuedCards.insert(top.number)
            } else {
                table.reject.append(table.good.removeLast())
            }
        }
        for card in table.reject.suffix(8) {
            spoiled.insert(card.number)
            bound.insert(card.number)
        }
    }

    private var issuedCards: Set<Int> = []

    // MARK: pictures

    /// A panel that says whose it is: 32 bits of the number as full and empty dots, and their complement.
    private static func pattern(_ person: Int, _ panel: Character) -> Bytes {
        var dots = Bytes(repeating: 0, count: width * height)
        let word = UInt32(truncatingIfNeeded: person &* 64 &+ Int(panel.asciiValue ?? 0) % 64)
        for bit in 0..<32 {
            let isSet = word >> UInt32(bit) & 1 == 1
            dots[bit] = isSet ? 255 : 0
            dots[64 + bit] = isSet ? 0 : 255
            // the far end of the card says it again, so that a half is seen
            dots[96 + bit] = isSet ? 255 : 0
        }
        return dots
    }

    private static func decode(_ dots: Bytes, _ panel: Character) -> (person: Int?, isWhole: Bool) {
        guard dots.count == width * height, dots.contains(where: { $0 > 0 }) else { return (nil, false) }
        var word: UInt32 = 0
        for bit in 0..<32 where dots[bit] >= 128 { word |= 1 << UInt32(bit) }
        let person = Int(word) / 64
        return (person, dots == pattern(person, panel))
    }

    /// Overcoat that is no picture: whole, or a part of it.
    private static func decodeWithPlainOvercoat(_ dots: Bytes, _ panel: Character) -> (person: Int?, isWhole: Bool) {
        panel == "o" ? (nil, dots.allSatisfy { $0 == 255 }) : decode(dots, panel)
    }

    private func job(_ person: Int) -> PrintJob {
        var panels: [PanelRaster] = []
        guard ribbon != "laser" else {
            panels = [
                PanelRaster(
                    side: .front, panel: .black, width: MatrixLine.width, height: MatrixLine.height,
                    pixels: MatrixLine.pattern(person, "k"))
            ]
            return PrintJob(attempt: AttemptID("M-\(person)"), ribbon: ribbon, panels: panels)
        }
        for (index, letter) in ribbon.enumerated() {
            guard let panel = Panel(rawValue: String(letter)) else { continue }
            let side: CardSide = letter == "k" && index == ribbon.count - 1 ? .back : .front
            panels.append(
                PanelRaster(
                    side: side, panel: panel, width: MatrixLine.width, height: MatrixLine.height,
                    pixels: family == "magicard" && panel == .overlay
                        ? Bytes(repeating: 255, count: MatrixLine.width * MatrixLine.height)
                        : MatrixLine.pattern(person, letter)))
        }
        return PrintJob(attempt: AttemptID("M-\(person)"), ribbon: ribbon, panels: panels)
    }
}

/// Stands where no driver is yet.
private struct DeadPrinter: CardPrinter {
    private var none: SakkError {
        SakkError("printer.disconnected", source: "matrix", text: "There is no driver.", remedy: "Make one.")
    }
    func connect() async throws(SakkError) -> PrinterIdentity { throw none }
    func status() async throws(SakkError) -> PrinterStatus { throw none }
    func feed(to station: PrinterStation) async throws(SakkError) { throw none }
    func move(to station: PrinterStation) async throws(SakkError) { throw none }
    func print(_ job: PrintJob) async throws(SakkError) { throw none }
    func present(_ side: CardSide) async throws(SakkError) { throw none }
    func eject(_ exit: CardExit) async throws(SakkError) { throw none }
    func disconnect() async {}
}
