internal import Ground

/// Keys of the selected security domain: PUT KEY (GlobalPlatform 2.3.1 clause 11.8) and DELETE [key] (11.2.2.3.2).
extension Chip {
    mutating func putKey(_ command: CommandAPDU) -> Answer? {
        guard life != .cardLocked, let channel else { return .status(0x6985) }
        // more than one command for one operation is a thing of asymmetric keys
        guard command.p1 & 0x80 == 0 else { return .status(0x6A86) }
        let old = command.p1
        let first = command.p2 & 0x7F
        var reader = ByteReader(command.data)
        guard let version = reader.byte(), (1...0x7F).contains(version) else { return .status(0x6A80) }
        var keys: [ChipKeyEntry] = []
        var answer: Bytes = [version]
        while !reader.isAtEnd {
            guard let typed = reader.byte(), let kind = ChipKeyEntry.Kind(rawValue: typed), let length = reader.byte(),
                length <= 0x80, let component = reader.read(Int(length)), let kcvLength = reader.byte(),
                let kcv = reader.read(Int(kcvLength)), let value = Self.value(component, kind, channel)
            else { return .status(0x6A80) }
            guard [3, 0].contains(kcv.count), kcv.isEmpty || kind.checkValue(value) == kcv else {
                return .status(0x6982)
            }
            keys.append(
                ChipKeyEntry(identifier: first + UInt8(keys.count), version: version, kind: kind, value: value))
            answer += kcv
        }
        guard !keys.isEmpty, keys.count == 1 || command.p2 & 0x80 != 0 else { return .status(0x6A80) }
        return commit(keys, replacing: old, answer)
    }

    /// Table 11-70 (length of the key first) where the component is not whole cipher blocks, else table 11-71.
    private static func value(_ component: Bytes, _ kind: ChipKeyEntry.Kind, _ channel: ChipSecureChannel) -> Bytes? {
        var sealed = component
        var count = component.count
        if component.count % channel.sensitiveBlock != 0 {
            guard let length = component.first else { return nil }
            count = Int(length)
            sealed = Bytes(component.dropFirst())
        }
        guard let plain = channel.openSensitive(sealed), count <= plain.count else { return nil }
        guard kind == .des ? count == 16 : [16, 24, 32].contains(count) else { return nil }
        return Bytes(plain.prefix(count))
    }

    private mutating func commit(_ keys: [ChipKeyEntry], replacing old: UInt8, _ answer: Bytes) -> Answer? {
        guard var domain = domains[domainAID] else { return .status(0x6985) }
        let isTaken = keys.contains { $0.version != old && domain.key($0.identifier, $0.version) != nil }
        guard !isTaken else { return .status(0x6A80) }
        if old == 0 {
            guard fault != .memoryFull else { return .status(0x6A84) }
            // the maker's first keys are there only until the issuer's come
            domain.keys.removeAll { $0.version == 0xFF }
        } else {
            for key in keys {
                guard let before = domain.key(key.identifier, old) else { return .status(0x6A88) }
                guard before.kind == key.kind, before.value.count == key.value.count else { return .status(0x6A80) }
                domain.keys.removeAll { $0.identifier == key.identifier && $0.version == old }
            }
        }
        domain.keys += keys
        domain.counters[keys[0].version] = 0
        guard case .tornPutKey(let afterCommit) = fault else {
            domains[domainAID] = domain
            return Answer(answer)
        }
        fault = .none
        if afterCommit { domains[domainAID] = domain }
        return nil
    }

    mutating func deleteKeys(_ objects: [TLV]) -> Answer {
        guard var domain = domains[domainAID] else { return .status(0x6985) }
        let identifier = objects.first { $0.tag == 0xD0 }?.value.first
        let version = objects.first { $0.tag == 0xD2 }?.value.first
        guard objects.allSatisfy({ $0.value.count == 1 }) else { return .status(0x6A80) }
        func isMeant(_ key: ChipKeyEntry) -> Bool {
            (identifier == nil || key.identifier == identifier) && (version == nil || key.version == version)
        }
        guard domain.keys.contains(where: isMeant) else { return .status(0x6A88) }
        let had = !domain.versions.isEmpty
        domain.keys.removeAll(where: isMeant)
        // a card whose last key set is gone could never be opened again
        guard !had || !domain.versions.isEmpty else { return .status(0x6985) }
        domains[domainAID] = domain
        return Answer([0])
    }
}
