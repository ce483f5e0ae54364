internal import Ground

/// GET DATA (GlobalPlatform 2.3.1 clause 11.3) and STORE DATA (11.11) of the selected security domain.
extension Chip {
    /// What STORE DATA has brought so far.
    struct Storing: Sendable {
        var next: UInt8 = 0
        var buffer = Bytes()
        /// Keys announced by DGI 00B9, waiting for their values.
        var announced: [TLV] = []
    }

    /// Card data 73: GlobalPlatform 2.3.1 and the secure channel with its options.
    private var cardRecognitionData: TLV {
        func object(_ tag: UInt32, _ identifier: String) -> TLV { TLV(tag, [TLV(0x06, Bytes(hex: identifier)!)]) }
        let channel: Bytes =
            switch offer {
            case .scp02(let options): [0x02, options]
            case .scp03(let options): [0x03, options]
            }
        return TLV(
            0x73,
            [
                TLV(0x06, Bytes(hex: "2A864886FC6B01")!), object(0x60, "2A864886FC6B02020301"),
                object(0x63, "2A864886FC6B03"), object(0x64, "2A864886FC6B04" + channel.hex),
            ])
    }

    func fileControlInformation(_ aid: Bytes) -> Bytes {
        TLV(0x6F, [TLV(0x84, aid), TLV(0xA5, [cardRecognitionData, TLV(0x9F65, [0xFF])])]).encoded
    }

    func getData(_ command: CommandAPDU) -> Answer {
        guard let object = object(UInt32(command.p1p2)) else { return .status(0x6A88) }
        // an interindustry class asks for the value alone
        return Answer(command.cla & 0x80 == 0 && object.tag != 0x9F7F ? object.value : object.encoded)
    }

    private func object(_ tag: UInt32) -> TLV? {
        let domain = domains[domainAID] ?? SecurityDomain()
        switch tag {
        case 0x9F7F: return hidesCPLCAfterLock && passport?.isLocked == true ? nil : TLV(tag, cplc.bytes)
        case 0x66: return TLV(0x66, [cardRecognitionData])
        case 0x67: return domain.data[tag].map { TLV(tag, $0) } ?? capabilities
        case 0xE0:
            let sorted = domain.keys.sorted { ($0.version, $0.identifier) < ($1.version, $1.identifier) }
            return TLV(
                0xE0, sorted.map { TLV(0xC0, [$0.identifier, $0.version, $0.kind.rawValue, UInt8($0.value.count)]) })
        case 0xC1: return counter(domain).map { TLV(tag, $0) }
        case 0xD3: return channel?.level.map { TLV(tag, [$0]) }
        case 0xFF21:
            return TLV(
                tag,
                [
                    TLV(0x81, [UInt8(min(255, instances.count))]), TLV(0x82, BigEndian.bytes(UInt32(freeMemory))),
                    TLV(0x83, BigEndian.bytes(UInt16(2048))),
                ])
        default: return domain.data[tag].map { TLV(tag, $0) }
        }
    }

    private func counter(_ domain: SecurityDomain) -> Bytes? {
        guard let version = domain.versions.first, let set = domain.set(version) else { return nil }
        let bytes = BigEndian.bytes(domain.counters[version] ?? 0)
        if set.kind == .des { return Bytes(bytes.suffix(2)) }
        guard case .scp03(let options) = offer, options & 0x10 != 0 else { return nil }
        return Bytes(bytes.suffix(3))
    }

    /// Card capability information (H.4): the secure channel, hash algorithms SHA-1 to SHA-512.
    private var capabilities: TLV {
        let (scp, options): (UInt8, UInt8) =
            switch offer {
            case .scp02(let options): (0x02, options)
            case .scp03(let options): (0x03, options)
            }
        let keys: [TLV] = scp == 0x03 ? [TLV(0x82, [0x07])] : []
        return TLV(
            0x67, [TLV(0xA0, [TLV(0x80, [scp]), TLV(0x81, [options])] + keys), TLV(0x83, [0x01, 0x02, 0x03, 0x04])])
    }

    mutating func storeData(_ command: CommandAPDU) -> Answer {
        guard life != .cardLocked else { return .status(0x6985) }
        guard command.p2 == storing.next else {
            storing = Storing()
            return .status(0x6A80)
        }
        storing.next &+= 1
        let isLast = command.p1 & 0x80 != 0
        let answer = personalising.map { forward(command, to: $0) } ?? keep(command)
        if isLast || answer.status != 0x9000 {
            storing = Storing()
            if isLast { personalising = nil }
        }
        return answer
    }

    /// To the application: a list of encrypted groupings is put together and opened here, as the service of its domain.
    private mutating func forward(_ command: CommandAPDU, to aid: Bytes) -> Answer {
        guard let index = instanceIndex(aid) else { return .status(0x6985) }
        var inner = command
        if command.p1 & 0x78 == 0x68 {
            storing.buffer += command.data
            var groupings: [(UInt16, Bytes)] = []
            while let grouping = Self.grouping(&storing.buffer) {
                guard let plain = channel?.openSensitive(grouping.value) else { return .status(0x6A80) }
                groupings.append((grouping.identifier, plain))
            }
            guard !groupings.isEmpty else { return Answer() }
            inner.p1 &= ~0x60
            inner.data = groupings.flatMap { identifier, value in
                BigEndian.bytes(identifier)
                    + (value.count < 0xFF ? [UInt8(value.count)] : [0xFF] + BigEndian.bytes(UInt16(value.count)))
                    + value
            }
        }
        if instances[index].passport != nil {
            return instances[index].passport?.process(inner, random: &random) ?? .status(0x6985)
        }
        instances[index].stored += inner.data
        return Answer()
    }

    /// One whole grouping from the front of the buffer; nil while it is not all there.
    private static func grouping(_ buffer: inout Bytes) -> (identifier: UInt16, value: Bytes)? {
        var reader = ByteReader(buffer)
        guard let identifier = reader.unsigned(2), let first = reader.byte() else { return nil }
        guard let length = first == 0xFF ? reader.unsigned(2).map({ Int($0) }) : Int(first),
            let value = reader.read(length)
        else { return nil }
        buffer = Bytes(reader.remaining)
        return (UInt16(identifier), value)
    }

    /// Tags that a domain keeps; the card makes the others itself (11.11.2.3).
    private static let storable: Set<UInt32> = [0x42, 0x45, 0x66, 0x67, 0x5F50]

    /// To the security domain itself: BER-TLV objects, or groupings 0070 (objects) and 00B9 with 8113 (keys, 11.11.4).
    private mutating func keep(_ command: CommandAPDU) -> Answer {
        storing.buffer += command.data
        let isLast = command.p1 & 0x80 != 0
        guard command.p1 & 0x18 == 0x08 else {
            guard isLast else { return Answer() }
            return keep(objects: storing.buffer)
        }
        while let grouping = Self.grouping(&storing.buffer) {
            let answer = keep(grouping: grouping.identifier, grouping.value)
            guard answer.status == 0x9000 else { return answer }
        }
        return isLast && !storing.buffer.isEmpty ? .status(0x6A80) : Answer()
    }

    private mutating func keep(objects: Bytes) -> Answer {
        guard let objects = TLV.parseAll(objects), objects.allSatisfy({ Self.storable.contains($0.tag) }) else {
            return .status(0x6A80)
        }
        for object in objects { domains[domainAID]?.data[object.tag] = object.value }
        return Answer()
    }

    private mutating func keep(grouping: UInt16, _ value: Bytes) -> Answer {
        switch grouping {
        case 0x0070: return keep(objects: value)
        case 0x00B9:
            guard let templates = TLV.parseAll(value), templates.allSatisfy({ $0.tag == 0xB9 }) else {
                return .status(0x6A80)
            }
            storing.announced = templates
            return Answer()
        case 0x8113:
            guard !storing.announced.isEmpty else { return .status(0x6985) }
            return keep(key: value, storing.announced.removeFirst())
        default: return .status(0x6A80)
        }
    }

    private mutating func keep(key sealed: Bytes, _ template: TLV) -> Answer {
        func byte(_ tag: UInt32) -> UInt8? { template.first(tag)?.value.first }
        guard let kind = byte(0x80).flatMap(ChipKeyEntry.Kind.init), let length = byte(0x81).map(Int.init),
            let identifier = byte(0x82), let version = byte(0x83), let check = template.first(0x84)?.value,
            let plain = channel?.openSensitive(sealed), plain.count >= length
        else { return .status(0x6A80) }
        let value = Bytes(plain.prefix(length))
        guard kind.checkValue(value) == check else { return .status(0x6982) }
        domains[domainAID]?.keys.removeAll { $0.identifier == identifier && $0.version == version }
        domains[domainAID]?.keys.append(
            ChipKeyEntry(identifier: identifier, version: version, kind: kind, value: value))
        return Answer()
    }
}
