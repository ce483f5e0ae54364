public import Ground

/// The works of a retransfer printer of the XID class: film, buffers, counters, card path. Written from
/// `firmware-specs/g-printec-xid` (C, M, P, Sense); the two faces that programs speak to are `XIDBulkFace` and
/// `XIDNetworkFace`. It knows nothing of any driver.
public final class XIDMachine {
    /// Key and code; 0/00 is good.
    struct Sense: Equatable {
        let key: UInt8
        let code: UInt8
        static let good = Sense(key: 0, code: 0)
    }

    public let plate: MachinePlate
    /// Dots of a plane (P1).
    public let width: Int
    public let height: Int
    /// Dots of the picture that the mechanism is given; the plane has a whole multiple of them and its margin.
    private let picture: (width: Int, height: Int)
    private let inkType: UInt8
    private let mechanism: any PrinterMechanism

    // lost at power-off
    /// 6/28 is still to be said (T8).
    var hasAttention = true
    private var settings: [UInt8: UInt8] = [0x28: 1]
    private var buffers: [[UInt8: Bytes]] = [[:], [:]]
    private var side = MachineSide.front
    private var jam: UInt8 = 0x93

    // kept over the machine's life
    private var total: Int
    private var head: Int
    private var errors = 0

    /// A refusal that is ordered from outside: the n-th command with this first byte (and second, for 31 and 32) ends so,
    /// without doing anything. For faults that rollers do not have.
    public struct Refusal: Sendable {
        public let command: Bytes
        public var after: Int
        public let key: UInt8
        public let code: UInt8
        public init(command: Bytes, after: Int = 0, key: UInt8, code: UInt8) {
            self.command = command
            self.after = after
            self.key = key
            self.code = code
        }
    }
    public var refusals: [Refusal] = []

    public init(
        plate: MachinePlate, mechanism: any PrinterMechanism, inkType: UInt8 = 4, total: Int = 0, head: Int = 0,
        plane: (width: Int, height: Int)? = nil, picture: (width: Int, height: Int) = (1016, 648)
    ) {
        self.picture = picture
        self.plate = plate
        self.mechanism = mechanism
        self.inkType = inkType
        self.total = total
        self.head = head
        let fine = plate.model == "XID8600"
        width = plane?.width ?? (fine ? 2072 : 1036)
        height = plane?.height ?? (fine ? 1328 : 664)
    }

    public func powerOn() {
        hasAttention = true
        settings = [0x28: 1]
        buffers = [[:], [:]]
        side = .front
    }

    // MARK: commands

    func ordered(_ command: Bytes) -> Sense? {
        guard let index = refusals.firstIndex(where: { command.starts(with: $0.command) }) else { return nil }
        guard refusals[index].after == 0 else {
            refusals[index].after -= 1
            return nil
        }
        let refusal = refusals.remove(at: index)
        return Sense(key: refusal.key, code: refusal.code)
    }

    /// C2.
    var readiness: Sense {
        guard mechanism.coverIsClosed else { return Sense(key: 2, code: 0xD1) }
        if mechanism.position == .jammed { return Sense(key: 3, code: jam) }
        guard !mechanism.headIsHot else { return Sense(key: 2, code: 0xF8) }
        return mechanism.hopperHasCards ? .good : Sense(key: 2, code: 0xD0)
    }

    /// C4: nil when no card is inside.
    var place: UInt8? {
        switch mechanism.position {
        case .empty: nil
        case .at(.print): 0
        case .at(.contact): 1
        case .at(.contactless): 2
        case .jammed: 0xFF
        }
    }

    private static let wrongPlace = Sense(key: 5, code: 0x26)

    private func station(_ place: UInt8) -> MachineStation? {
        switch place {
        case 0: .print
        case 1: .contact
        case 2: .contactless
        default: nil
        }
    }

    private func failed(_ fault: MechanicalFault, jam code: UInt8) -> Sense {
        switch fault {
        case .feeder: return Sense(key: 2, code: 0xD0)
        case .ribbonEnd: return Sense(key: 3, code: 0xB2)
        case .jam:
            jam = code
            errors += 1
            return Sense(key: 3, code: code)
        case .full: return Sense(key: 3, code: 0x94)
        }
    }

    /// C5.
    func load(to place: UInt8, turned: Bool, freshFilm: Bool) -> Sense {
        guard mechanism.coverIsClosed else { return Sense(key: 2, code: 0xD1) }
        guard mechanism.position == .empty, let station = station(place) else { return XIDMachine.wrongPlace }
        if freshFilm { mechanism.windFilm() }
        do throws(MechanicalFault) {
            side = .front
            try mechanism.feed(to: station)
            total += 1
            if turned { try turn() }
            return .good
        } catch {
            // a card that jammed on its way in was taken all the same (M4)
            if error == .jam, mechanism.position == .jammed { total += 1 }
            return failed(error, jam: 0x90)
        }
    }

    private func turn() throws(MechanicalFault) {
        let other: MachineSide = side == .front ? .back : .front
        try mechanism.turn(to: other)
        side = other
    }

    /// C6.
    func move(to place: UInt8, turned: Bool, freshFilm: Bool) -> Sense {
        guard mechanism.coverIsClosed else { return Sense(key: 2, code: 0xD1) }
        switch mechanism.position {
        case .empty: return XIDMachine.wrongPlace
        case .jammed: return Sense(key: 3, code: jam)
        case .at: break
        }
        if freshFilm { mechanism.windFilm() }
        do throws(MechanicalFault) {
            switch place {
            case 4, 5: try mechanism.eject(place == 5 ? .good : .reject)
            default:
                guard let station = station(place) else { return Sense(key: 5, code: 0x24) }
                if mechanism.position != .at(station) { try mechanism.move(to: station) }
                if turned { try turn() }
            }
            return .good
        } catch {
            return failed(error, jam: place >= 4 ? 0x94 : turned ? 0x91 : 0x93)
        }
    }

    /// C7.
    func engage(_ station: MachineStation) -> Sense {
        mechanism.position == .at(station) ? .good : XIDMachine.wrongPlace
    }

    /// C8: what is there when the writing ends, whole or not (P6).
    func keep(plane: UInt8, buffer: Int, _ part: Bytes) -> Bool {
        guard [1, 2, 3, 4, 6, 7].contains(plane), buffers.indices.contains(buffer), part.count <= width * height else {
            return false
        }
        if part.count == width * height {
            buffers[buffer][plane] = part
        } else {
            var old = buffers[buffer][plane] ?? Bytes(repeating: 0, count: width * height)
            old.replaceSubrange(0..<part.count, with: part)
            buffers[buffer][plane] = old
        }
        return true
    }

    /// C9: planes in the ribbon's order, as their numbers of P2.
    func print(planes: [UInt8], buffer: Int) -> Sense {
        guard mechanism.coverIsClosed else { return Sense(key: 2, code: 0xD1) }
        guard mechanism.position == .at(.print), !planes.isEmpty, buffers.indices.contains(buffer) else {
            return mechanism.position == .jammed ? Sense(key: 3, code: jam) : XIDMachine.wrongPlace
        }
        guard let ribbon = mechanism.ribbon else { return Sense(key: 3, code: 0xB0) }
        guard !mechanism.headIsHot else { return Sense(key: 2, code: 0xF8) }
        let letters: [UInt8: Character] = [1: "y", 2: "m", 3: "c", 4: "k", 6: "p", 7: "u"]
        for plane in planes {
            guard let letter = letters[plane], ribbon.contains(letter) else { return Sense(key: 5, code: 0x24) }
            // an unwritten plane is empty, an old one is printed as it is (P5)
            let dots = buffers[buffer][plane].map(seen) ?? Bytes(repeating: 0, count: picture.width * picture.height)
            do throws(MechanicalFault) {
                try mechanism.printOnFilm(letter, dots)
                head += 1
            } catch {
                return failed(error, jam: 0x93)
            }
        }
        return .good
    }

    /// C10.
    func transfer(_ then: UInt8) -> Sense {
        guard mechanism.coverIsClosed else { return Sense(key: 2, code: 0xD1) }
        guard mechanism.position == .at(.print) else {
            return mechanism.position == .jammed ? Sense(key: 3, code: jam) : XIDMachine.wrongPlace
        }
        do throws(MechanicalFault) {
            try mechanism.transferFilm()
        } catch {
            return failed(error, jam: 0x95)
        }
        do throws(MechanicalFault) {
            if then == 0x0A { try turn() }
            if then == 0x09 { try mechanism.eject(.good) }
            return .good
        } catch {
            return failed(error, jam: then == 0x0A ? 0x91 : 0x94)
        }
    }

    /// C15.
    func set(_ group: Bytes) -> Sense {
        guard group.count == 4, group[1] == 2, group[2] == 1, settings[group[0]] != nil else {
            return Sense(key: 5, code: 0x24)
        }
        settings[group[0]] = group[3]
        return .good
    }

    func setting(_ tag: UInt8) -> Bytes? { settings[tag].map { [tag, 2, 1, $0] } }

    /// A plane as a person sees it on the card (P3): turned back, its middle, the dots of the mechanism.
    private func seen(_ plane: Bytes) -> Bytes {
        let scale = width / picture.width
        let left = (width - picture.width * scale) / 2
        let top = (height - picture.height * scale) / 2
        var dots = Bytes(repeating: 0, count: picture.width * picture.height)
        plane.withUnsafeBufferPointer { source in
            dots.withUnsafeMutableBufferPointer { target in
                for y in 0..<picture.height {
                    for x in 0..<picture.width {
                        var sum = 0
                        for dy in 0..<scale {
                            for dx in 0..<scale {
                                let row = height - 1 - (top + y * scale + dy)
                                let column = width - 1 - (left + x * scale + dx)
                                sum += Int(source[row * width + column])
                            }
                        }
                        target[y * picture.width + x] = UInt8(sum / (scale * scale))
                    }
                }
            }
        }
        return dots
    }
}

// MARK: pages

extension XIDMachine {
    private func padded(_ text: String, _ count: Int, _ filler: UInt8 = 0x20) -> Bytes {
        Bytes(text.utf8.prefix(count)) + Bytes(repeating: filler, count: max(0, count - text.utf8.count))
    }

    /// C1.
    var inquiry: Bytes {
        [0x06, 0, 0, 0, 91, 0, 0, 0] + padded("GPRINTEC", 8) + padded(plate.model, 16) + padded(plate.firmware, 4)
            + padded(plate.serial, 12) + Bytes(repeating: 0, count: 48)
    }

    /// C11.
    var statusPage: Bytes {
        let now = readiness
        let state: Bytes = now == .good ? [0, 0, 0x0F, 0] : [0xFF, now.key, now.code, 0]
        var page: Bytes = [0x39, 0, 0, 0x48]
        for (number, value) in [
            (0, [0, 0, 0, 0]), (1, [0, 0, 0, 0x9C]), (2, [0, 0, 0, 0]), (3, state), (4, [0, 0, 0, 0x9C]),
            (5, [0, 0, 0, 0]),
        ] as [(UInt8, Bytes)] {
            page += [0, number, 0, 4] + value
        }
        page += [0, 6, 0, 2, 0xFE, 0]
        return page + Bytes(repeating: 0, count: 76 - page.count)
    }

    /// C12.
    var countersPage: Bytes {
        var page: Bytes = [0x38, 0, 0, 0x30]
        for (number, value) in [total, total, head, 0, errors, 0].enumerated() {
            page += [0, UInt8(number), 0, 4] + BigEndian.bytes(UInt32(value))
        }
        return page
    }

    /// C13.
    var inkPage: Bytes {
        let left = UInt16(clamping: mechanism.panelsLeft)
        let head: Bytes = [43, 0, 0, 0, 0x23, 38, mechanism.ribbon == nil ? 0 : inkType, 0]
        let page = head + BigEndian.bytes(left) + BigEndian.bytes(UInt16(750)) + padded("FC2221", 16)
        return page + Bytes(repeating: 0, count: 44 - page.count)
    }

    /// C14.
    var geometryPage: Bytes {
        let dpi: UInt16 = width > 1036 ? 600 : 300
        var page: Bytes = [63, 0, 0, 0, 0x28, 58]
        for value in [dpi, dpi, dpi == 600 ? 2026 : 1013, dpi == 600 ? 1278 : 639, UInt16(width), UInt16(height)] {
            page += BigEndian.bytes(value)
        }
        return page + Bytes(repeating: 0, count: 64 - page.count)
    }

    /// The page that a command of the USB side asks for; nil when it is none.
    func page(_ command: Bytes) -> Bytes? {
        switch (command[0], command[2]) {
        case (0x12, _): inquiry
        case (0x4D, 0x79): statusPage
        case (0x4D, 0x78): countersPage
        case (0x1A, 0x63): inkPage
        case (0x1A, 0x68): geometryPage
        case (0x1A, let tag): setting(tag).map { [7, 0, 0, 0] + $0 }
        default: nil
        }
    }
}
