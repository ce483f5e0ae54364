internal import Ground

/// What the issuer security domain does with the card's content (GlobalPlatform 2.3.1 clause 11).
extension Chip {
    /// Card data 73: GlobalPlatform 2.3.1, SCP03 with i = 70.
    private var cardRecognitionData: TLV {
        func object(_ tag: UInt32, _ identifier: String) -> TLV { TLV(tag, [TLV(0x06, Bytes(hex: identifier)!)]) }
        return TLV(
            0x73,
            [
                TLV(0x06, Bytes(hex: "2A864886FC6B01")!), object(0x60, "2A864886FC6B02020301"),
                object(0x63, "2A864886FC6B03"), object(0x64, "2A864886FC6B040370"),
            ])
    }

    var fileControlInformation: Bytes {
        TLV(0x6F, [TLV(0x84, Self.issuerAID), TLV(0xA5, [cardRecognitionData, TLV(0x9F65, [0xFF])])]).encoded
    }

    func getData(_ command: CommandAPDU) -> Answer {
        switch command.p1p2 {
        case 0x9F7F: return Answer(TLV(0x9F7F, cplc.bytes).encoded)
        case 0x0066: return Answer(TLV(0x66, [cardRecognitionData]).encoded)
        case 0x00E0:
            let keyInformation = (UInt8(1)...3).map { TLV(0xC0, [$0, keyVersion, 0x88, UInt8(keys.enc.count)]) }
            return Answer(TLV(0xE0, keyInformation).encoded)
        case 0x00C1: return Answer(TLV(0xC1, Bytes(BigEndian.bytes(sequenceCounter).suffix(3))).encoded)
        default: return .status(0x6A88)
        }
    }

    /// Registry entries as E3 templates (clause 11.4.3).
    func getStatus(_ command: CommandAPDU) -> Answer {
        guard command.p2 & 0xFE == 0x02 else { return .status(0x6A86) }
        guard let criterion = TLV.parseAll(command.data)?.first, criterion.tag == 0x4F else { return .status(0x6A80) }
        var entries: [(aid: Bytes, rest: [TLV])] = []
        switch command.p1 {
        case 0x80:
            let state = TLV(0x9F70, [life.rawValue])
            entries.append((Self.issuerAID, [state, TLV(0xC5, [0x9E, 0xFE, 0x80])]))
        case 0x40:
            if let instance {
                let state: UInt8 = instance.isLockedByIssuer ? 0x87 : instance.isSelectable ? 0x07 : 0x03
                entries.append(
                    (
                        instance.aid,
                        [
                            TLV(0x9F70, [state]), TLV(0xC5, instance.privileges), TLV(0xC4, Self.loadFileAID),
                            TLV(0xCC, Self.issuerAID),
                        ]
                    ))
            }
        case 0x20, 0x10:
            if loadFilePresent {
                let modules = command.p1 == 0x10 ? [TLV(0x84, Self.moduleAID)] : []
                entries.append((Self.loadFileAID, [TLV(0x9F70, [0x01])] + modules + [TLV(0xCC, Self.issuerAID)]))
            }
        default:
            return .status(0x6A86)
        }
        let found = entries.filter { $0.aid.starts(with: criterion.value) }
        guard !found.isEmpty, command.p2 & 1 == 0 else { return .status(0x6A88) }
        return Answer(found.flatMap { TLV(0xE3, [TLV(0x4F, $0.aid)] + $0.rest).encoded })
    }

    /// INSTALL [for install], [for make selectable] or both (clause 11.5).
    mutating func install(_ command: CommandAPDU) -> Answer {
        guard life != .cardLocked else { return .status(0x6985) }
        guard command.p2 == 0 else { return .status(0x6A86) }
        var reader = ByteReader(command.data)
        var fields: [Bytes] = []
        while let length = reader.byte(), let field = reader.read(Int(length)) { fields.append(field) }
        guard reader.isAtEnd, fields.count == 6 else { return .status(0x6A80) }
        switch command.p1 {
        case 0x04, 0x0C:
            guard loadFilePresent, fields[0] == Self.loadFileAID, fields[1] == Self.moduleAID else {
                return .status(0x6A88)
            }
            guard (5...16).contains(fields[2].count), [1, 3].contains(fields[3].count),
                TLV.parseAll(fields[4])?.contains(where: { $0.tag == 0xC9 }) == true
            else { return .status(0x6A80) }
            guard instance == nil else { return .status(0x6985) }
            let privileges = fields[3] + Bytes(repeating: 0, count: 3 - fields[3].count)
            instance = Instance(aid: fields[2], privileges: privileges, isSelectable: command.p1 == 0x0C)
            return Answer([0])
        case 0x08:
            guard instance?.aid == fields[2] else { return .status(0x6A88) }
            instance?.isSelectable = true
            return Answer([0])
        default:
            return .status(0x6A86)
        }
    }

    /// DELETE of the instance or of the load file (clause 11.2).
    mutating func delete(_ command: CommandAPDU) -> Answer {
        guard life != .cardLocked else { return .status(0x6985) }
        guard command.p1 == 0, command.p2 & 0x7F == 0 else { return .status(0x6A86) }
        guard let object = TLV.parseAll(command.data)?.first, object.tag == 0x4F else { return .status(0x6A80) }
        if let installed = instance, installed.aid == object.value {
            instance = nil
            return Answer([0])
        }
        guard loadFilePresent, object.value == Self.loadFileAID else { return .status(0x6A88) }
        guard instance == nil || command.p2 == 0x80 else { return .status(0x6985) }
        instance = nil
        loadFilePresent = false
        return Answer([0])
    }

    /// SET STATUS of the card (P1 80) or of the application (P1 40) (clause 11.10).
    mutating func setStatus(_ command: CommandAPDU) -> Answer {
        switch command.p1 {
        case 0x80:
            guard let target = Life(rawValue: command.p2) else { return .status(0x6A80) }
            let unlocks = life == .cardLocked && target == .secured
            guard unlocks || target.rawValue > life.rawValue || target == life else { return .status(0x6985) }
            life = target
            if target == .terminated { dropChannel() }
            return Answer()
        case 0x40:
            guard life != .cardLocked else { return .status(0x6985) }
            guard instance?.aid == command.data else { return .status(0x6A88) }
            instance?.isLockedByIssuer = command.p2 & 0x80 != 0
            return Answer()
        default:
            return .status(0x6A86)
        }
    }
}
