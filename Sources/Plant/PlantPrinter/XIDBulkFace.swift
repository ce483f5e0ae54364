public import Ground

/// The machine's USB side: bulk-only transport with its commands (T3 to T8, C1 to C17).
public final class XIDBulkFace: PrinterFirmware {
    public let machine: XIDMachine
    private var inbox = Bytes()
    private var sense = XIDMachine.Sense.good
    /// A block that is none: everything is dropped until the transport is reset (T5).
    private var isLost = false

    public init(_ machine: XIDMachine) { self.machine = machine }

    public var plate: MachinePlate { machine.plate }
    public var deviceID: String? { nil }
    public func accept(_ bytes: Bytes) { if !isLost { inbox += bytes } }
    public func softReset() {}

    public func massStorageReset() {
        // what came of a plane lies in the buffer already (P6)
        if inbox.count > 31, inbox[15] == 0x2A {
            _ = machine.keep(plane: inbox[17], buffer: Int(inbox[18]), Bytes(inbox[31...]))
        }
        inbox = []
        isLost = false
    }

    public func powerOn() {
        inbox = []
        isLost = false
        sense = .good
        machine.powerOn()
    }

    /// Takes what came over the wire; the transfers of the commands that are now whole.
    public func receive(_ bytes: Bytes) -> [Bytes] {
        accept(bytes)
        var transfers: [Bytes] = []
        while let answer = respond() { transfers += answer }
        return transfers
    }

    public func respond() -> [Bytes]? {
        guard inbox.count >= 31 else { return nil }
        guard inbox.starts(with: Bytes("USBC".utf8)), inbox[13] == 0, (1...16).contains(inbox[14]) else {
            inbox = []
            isLost = true
            return nil
        }
        func little(_ range: Range<Int>) -> Int { inbox[range].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let tag = Bytes(inbox[4..<8])
        let length = little(8..<12)
        let isIn = inbox[12] & 0x80 != 0
        let command = Bytes(inbox[15..<31])
        let needed = 31 + (isIn ? 0 : length)
        guard inbox.count >= needed else { return nil }
        let data = Bytes(inbox[31..<needed])
        inbox.removeFirst(needed)
        let (ended, answer, used) = carryOut(command, data)
        if command[0] != 0x03 { sense = ended }
        let given = Bytes(answer.prefix(length))
        let residue = UInt32(length - (isIn ? given.count : used))
        let status = Bytes("USBS".utf8) + tag + BigEndian.bytes(residue).reversed() + [ended == .good ? 0 : 1]
        return given.isEmpty ? [status] : [given, status]
    }

    /// Sense, data for the host, bytes used of the host's.
    private func carryOut(_ command: Bytes, _ data: Bytes) -> (XIDMachine.Sense, Bytes, Int) {
        if command[0] == 0x03 {
            var page = Bytes(repeating: 0, count: 20)
            (page[0], page[2], page[7], page[12]) = (0x70, sense.key, 0x0C, sense.code)
            sense = .good
            return (.good, page, 0)
        }
        if machine.hasAttention, command[0] != 0x12 {
            machine.hasAttention = false
            return (XIDMachine.Sense(key: 6, code: 0x28), [], 0)
        }
        if let refusal = machine.ordered(command) { return (refusal, [], 0) }
        switch command[0] {
        case 0x00: return (machine.readiness, [], 0)
        case 0x01:
            machine.powerOn()
            return (.good, [], 0)
        case 0x12, 0x1A, 0x4D:
            guard let page = machine.page(command) else { return (XIDMachine.Sense(key: 5, code: 0x24), [], 0) }
            return (.good, page, 0)
        case 0x34:
            guard let place = machine.place else { return (.good, [4, 0, 0, 0, 0, 0, 0, 0], 0) }
            return (.good, [0, 0, 0, 0, 0, 0, 0, place], 0)
        case 0x15: return (machine.set(data), [], data.count)
        case 0x2A:
            let named = Int(command[6]) << 16 | Int(command[7]) << 8 | Int(command[8])
            guard named == machine.width * machine.height,
                machine.keep(plane: command[2], buffer: Int(command[3]), Bytes(data.prefix(named)))
            else { return (XIDMachine.Sense(key: 5, code: 0x24), [], 0) }
            return (.good, [], data.count)
        case 0x31: return (move(command), [], 0)
        case 0x32:
            switch command[1] {
            case 0, 1: return (machine.engage(.contact), [], 0)
            case 4, 5: return (machine.engage(.contactless), [], 0)
            default: return (XIDMachine.Sense(key: 5, code: 0x24), [], 0)
            }
        default: return (XIDMachine.Sense(key: 5, code: 0x20), [], 0)
        }
    }

    private func move(_ command: Bytes) -> XIDMachine.Sense {
        let turned = command[4] & 0x02 != 0
        let fresh = command[4] & 0x04 != 0
        switch command[1] {
        case 0x01: return machine.load(to: command[7], turned: turned, freshFilm: fresh)
        case 0x0B: return machine.move(to: command[7], turned: turned, freshFilm: fresh)
        case 0x08:
            var planes: [UInt8] = []
            if command[2] & 0x02 != 0 { planes += [1, 2, 3] }
            if command[2] & 0x04 != 0 { planes.append(4) }
            if command[2] & 0x10 != 0 { planes.append(6) }
            if command[2] & 0x08 != 0 { planes.append(7) }
            return machine.print(planes: planes, buffer: Int(command[4]))
        case 0x09, 0x0A, 0x0D: return machine.transfer(command[1])
        default: return XIDMachine.Sense(key: 5, code: 0x24)
        }
    }
}
