public import Ground

/// The machine's network twin (N1 to N13): one connection at a time.
public final class XIDNetworkFace: PrinterFirmware {
    public let machine: XIDMachine
    private var inbox = Bytes()
    private var isGreeted = false

    public init(_ machine: XIDMachine) { self.machine = machine }

    public var plate: MachinePlate { machine.plate }
    public var deviceID: String? { nil }
    public func accept(_ bytes: Bytes) { inbox += bytes }
    public func massStorageReset() {}

    /// A connection ended: half a message is dropped, what came of a plane lies in the buffer (P6).
    public func softReset() {
        if inbox.count > 28, inbox.starts(with: [0xF0, 0, 2, 0]) {
            let part = Bytes(inbox[28...].prefix(machine.width * machine.height))
            _ = machine.keep(plane: UInt8(inbox[16].trailingZeroBitCount + 1), buffer: 0, part)
        }
        inbox = []
        isGreeted = false
    }

    public func powerOn() {
        inbox = []
        isGreeted = false
        machine.powerOn()
    }

    /// N2: said when a connection begins.
    public func greeting() -> Bytes {
        var data = Bytes(repeating: 0, count: 56)
        data.replaceSubrange(14..<(14 + plate.serial.utf8.prefix(12).count), with: plate.serial.utf8.prefix(12))
        data.replaceSubrange(40..<56, with: Bytes(repeating: 0x20, count: 16))
        data.replaceSubrange(40..<(40 + plate.model.utf8.count), with: plate.model.utf8)
        let sense = machine.hasAttention ? XIDMachine.Sense(key: 6, code: 0x28) : .good
        machine.hasAttention = false
        return message(0xF300_0200, sense, [0, 0, 0, 0], data)
    }

    private func message(_ type: UInt32, _ sense: XIDMachine.Sense, _ sequence: Bytes, _ data: Bytes) -> Bytes {
        let padded = data + Bytes(repeating: 0, count: (4 - data.count % 4) % 4)
        return BigEndian.bytes(type) + BigEndian.bytes(UInt32(2 + padded.count / 4)) + [0, sense.key, sense.code, 0]
            + sequence + padded
    }

    public func respond() -> [Bytes]? {
        guard inbox.count >= 8 else { return nil }
        func word(_ index: Int) -> UInt32 { inbox[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        let type = word(0)
        let length = 8 + 4 * Int(word(4))
        guard inbox.count >= length, length >= 16 else { return nil }
        let sequence = Bytes(inbox[12..<16])
        let data = Bytes(inbox[16..<length])
        inbox.removeFirst(length)
        let (sense, answer) = carryOut(type, data)
        return [message(type &+ 0x0100_0000, sense, sequence, answer)]
    }

    private func carryOut(_ type: UInt32, _ data: Bytes) -> (XIDMachine.Sense, Bytes) {
        let bad = XIDMachine.Sense(key: 5, code: 0x24)
        if type == 0xF200_0300 {
            isGreeted = true
            return (.good, [])
        }
        guard isGreeted else { return (XIDMachine.Sense(key: 5, code: 0x20), []) }
        switch type {
        case 0xF000_0100 where data.count >= 4: return command(data)
        case 0xF000_0200 where data.count >= 12:
            let count = Int(BigEndian.unsigned(data[8..<12]) ?? 0)
            guard count == machine.width * machine.height, data.count >= 12 + count,
                data[0].nonzeroBitCount == 1,
                machine.keep(
                    plane: UInt8(data[0].trailingZeroBitCount + 1), buffer: 0, Bytes(data[12..<(12 + count)]))
            else { return (bad, []) }
            return (.good, [])
        case 0xF000_0400 where data.count >= 4:
            guard let group = machine.setting(data[0]) else { return (bad, []) }
            return (.good, group)
        case 0xF000_0800: return (machine.set(data), [])
        case 0xF000_0600 where data.count >= 12:
            guard let page = machine.page(data) else { return (bad, []) }
            return (.good, page)
        default: return (XIDMachine.Sense(key: 5, code: 0x20), [])
        }
    }

    private func command(_ word: Bytes) -> (XIDMachine.Sense, Bytes) {
        let turned = word[2] & 0x10 != 0
        let fresh = word[2] & 0x80 != 0
        if let refusal = machine.ordered(word) { return (refusal, []) }
        switch word[0] {
        case 0x01: return (machine.readiness, [])
        case 0x02:
            guard let place = machine.place else { return (.good, [0, 0, 1, 0]) }
            return (.good, [0, 0, 0, place])
        case 0x03:
            machine.powerOn()
            machine.hasAttention = false
            return (.good, [])
        case 0x04: return (machine.load(to: word[3], turned: turned, freshFilm: fresh), [])
        case 0x05: return (machine.move(to: word[3], turned: turned, freshFilm: fresh), [])
        case 0x06:
            let planes = (0..<7).filter { word[3] & 1 << $0 != 0 }.map { UInt8($0 + 1) }
            return (machine.print(planes: planes, buffer: 0), [])
        case 0x07: return (machine.transfer(turned ? 0x0A : word[3] == 5 ? 0x09 : 0x0D), [])
        case 0x0A: return (.good, [])
        default: return (XIDMachine.Sense(key: 5, code: 0x20), [])
        }
    }
}
