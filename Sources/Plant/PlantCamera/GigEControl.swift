internal import Ground

/// The control channel of a GigE Vision camera (GVCP, GigE Vision 1.2 chapters 14 and 15) as a pure state machine: datagrams in,
/// datagrams and acts out.
struct GigEControl {
    struct Peer: Hashable {
        var address: UInt32
        var port: UInt16
    }

    enum Act: Hashable {
        case reply(Bytes)
        case expose(Exposure)
        /// Packets of a frame once more.
        case resend(frame: UInt16, first: Int, last: Int)
        /// The acquisition was started or stopped: what is under way is dropped.
        case drop
    }

    /// What the registers said at the trigger.
    struct Exposure: Hashable {
        var microseconds: UInt32
        var gainTenths: UInt32
        var width: Int
        var height: Int
        var pixelFormat: UInt32
        /// Output lines that were on, bit 0 is Line1.
        var lines: UInt8
        var target: Peer
        /// Of an IP packet, with its headers.
        var packetBytes: Int
    }

    /// GigE Vision 1.2, 28: bootstrap registers.
    private enum Bootstrap {
        static let control = 0xA00
        static let heartbeat = 0x938
        static let streamPort = 0xD00
        static let packetSize = 0xD04
        static let streamAddress = 0xD18
    }

    private var memory: Bytes
    private var controller: Peer?
    private var heardAt: Int64 = 0
    /// The last command that was answered: asked again because the answer was late, it is answered again and not done twice.
    private var answered: (peer: Peer, command: Bytes, reply: Bytes)?

    init(serial: String, width: Int, height: Int, sourcePort: UInt16) {
        let description = Bytes(GigEDescription.xml.utf8)
        memory = Bytes(repeating: 0, count: GigEDescription.address + description.count + 8)
        memory.replaceSubrange(GigEDescription.address..<GigEDescription.address + description.count, with: description)
        let place = String(GigEDescription.address, radix: 16)
        for (address, text) in [
            (0x48, "Sakk"), (0x68, "Bench"), (0x88, "1"), (0xD8, String(serial.prefix(15))),
            (0x200, "Local:sakk-bench.xml;\(place);\(String(description.count, radix: 16))"),
        ] {
            memory.replaceSubrange(address..<address + text.utf8.count, with: Bytes(text.utf8))
        }
        for (address, value) in [
            (0x0, 0x0001_0002), (0x4, 0x8000_0001), (0x600, 1), (0x904, 1),
            // commands may be concatenated, memory written, packets asked for again
            (0x934, 0x7), (Bootstrap.heartbeat, 3000), (0x93C, 0), (0x940, 1_000_000_000),
            (Bootstrap.packetSize, 1500), (0xD1C, Int(sourcePort)),
        ] { set(address, UInt32(truncatingIfNeeded: value)) }
        for (register, value) in [
            (GigERegister.sensorWidth, width), (.sensorHeight, height), (.width, width), (.height, height),
            (.pixelFormat, 0x0108_0009), (.exposure, 10_000), (.temperature, 415),
        ] { set(register.rawValue, UInt32(value)) }
    }

    /// - Parameter now: milliseconds of any clock that only runs forward.
    mutating func handle(_ datagram: Bytes, from peer: Peer, now: Int64) -> [Act] {
        guard datagram.count >= 8, datagram[0] == 0x42, let command = word(datagram, 2), let length = word(datagram, 4),
            datagram.count >= 8 + length
        else { return [] }
        let body = Bytes(datagram[8..<8 + length])
        let number = Bytes(datagram[6..<8])
        let wantsReply = datagram[1] & 1 != 0
        if controller == peer || command == 0x40 { heardAt = now }
        // a controller that was not heard for so long has lost the camera
        if controller != nil, now - heardAt > Int64(get(Bootstrap.heartbeat)) { release() }

        if wantsReply, let answered, answered.peer == peer, answered.command == datagram {
            return [.reply(answered.reply)]
        }
        func answer(_ code: Int, _ content: Bytes, _ status: UInt16) -> [Act] {
            guard wantsReply else { return [] }
            return [
                .reply(
                    BigEndian.bytes(status) + BigEndian.bytes(UInt16(code)) + BigEndian.bytes(UInt16(content.count))
                        + number + content)
            ]
        }
        let acts = acts(command, body, peer, now, answer)
        for case .reply(let reply) in acts { answered = (peer, datagram, reply) }
        return acts
    }

    private mutating func acts(
        _ command: Int, _ body: Bytes, _ peer: Peer, _ now: Int64, _ answer: (Int, Bytes, UInt16) -> [Act]
    ) -> [Act] {
        switch command {
        case 0x02: return answer(0x03, Bytes(memory[0..<0xF8]), 0)
        case 0x80:
            let values = stride(from: 0, to: body.count - 3, by: 4).flatMap { at in
                BigEndian.bytes(get(Int(long(body, at))))
            }
            return answer(0x81, values, 0)
        case 0x82: return write(body, from: peer, now: now, answer)
        case 0x84:
            guard body.count >= 8, let count = word(body, 6), count <= 536 else {
                return answer(0x85, [], 0x8002)
            }
            let address = Int(long(body, 0))
            guard address + count <= memory.count + 8 else { return answer(0x85, [], 0x8003) }
            let end = min(address + count, memory.count)
            let content = Bytes(memory[min(address, end)..<end])
            return answer(0x85, Bytes(body[0..<4]) + content + Bytes(repeating: 0, count: count - content.count), 0)
        case 0x40:
            guard body.count >= 12, let frame = word(body, 2) else { return [] }
            let (first, last) = (Int(long(body, 4) & 0xFF_FFFF), Int(long(body, 8) & 0xFF_FFFF))
            return first <= last ? [.resend(frame: UInt16(frame), first: first, last: last)] : []
        default: return answer(command + 1, [], 0x8001)
        }
    }

    private mutating func write(
        _ body: Bytes, from peer: Peer, now: Int64, _ answer: (Int, Bytes, UInt16) -> [Act]
    ) -> [Act] {
        var acts: [Act] = []
        var written = 0
        for at in stride(from: 0, to: body.count - 7, by: 8) {
            let (address, value) = (Int(long(body, at)), long(body, at + 4))
            // access denied: another one has it, or nobody took it
            let isClaim = address == Bootstrap.control
            guard controller == peer || (isClaim && controller == nil) else {
                return answer(0x83, [0, 0, 0, UInt8(written)], 0x8006)
            }
            if isClaim {
                controller = value & 3 != 0 ? peer : nil
                heardAt = now
                if controller == nil { release() }
            }
            set(address, value)
            switch GigERegister(rawValue: address) {
            case .acquisition: acts.append(.drop)
            case .triggerSoftware:
                let isArmed = get(.acquisition) == 1 && get(.triggerMode) == 1 && get(.triggerSource) == 1
                if isArmed { acts.append(.expose(exposure)) }
            default: break
            }
            written += 1
        }
        return answer(0x83, [0, 0, 0, UInt8(written)], 0) + acts
    }

    /// A line gives what its source says, where it is an output.
    private var lines: UInt8 {
        var lines: UInt8 = 0
        for line in 0..<GigEDescription.lines {
            let source = Int(get(GigERegister.lineSource.rawValue + 4 * line))
            let isOutput = get(GigERegister.lineMode.rawValue + 4 * line) == 1
            guard isOutput, (1...GigEDescription.lines).contains(source) else { continue }
            if get(GigERegister.outputValue.rawValue + 4 * (source - 1)) == 1 { lines |= 1 << line }
        }
        return lines
    }

    private var exposure: Exposure {
        Exposure(
            microseconds: get(.exposure), gainTenths: get(.gain), width: Int(get(.width)), height: Int(get(.height)),
            pixelFormat: get(.pixelFormat), lines: lines,
            target: Peer(
                address: get(Bootstrap.streamAddress), port: UInt16(truncatingIfNeeded: get(Bootstrap.streamPort))),
            packetBytes: Int(get(Bootstrap.packetSize) & 0xFFFF))
    }

    /// As after a power failure: nobody controls it, nothing is acquired.
    mutating func release() {
        controller = nil
        set(Bootstrap.control, 0)
        set(GigERegister.acquisition.rawValue, 0)
    }

    private func get(_ register: GigERegister) -> UInt32 { get(register.rawValue) }

    private func get(_ address: Int) -> UInt32 { address + 4 <= memory.count ? long(memory, address) : 0 }

    private mutating func set(_ address: Int, _ value: UInt32) {
        guard address + 4 <= GigEDescription.address else { return }
        memory.replaceSubrange(address..<address + 4, with: BigEndian.bytes(value))
    }

    private func word(_ bytes: Bytes, _ at: Int) -> Int? {
        at + 2 <= bytes.count ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : nil
    }

    private func long(_ bytes: Bytes, _ at: Int) -> UInt32 {
        guard at >= 0, at + 4 <= bytes.count else { return 0 }
        return bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
