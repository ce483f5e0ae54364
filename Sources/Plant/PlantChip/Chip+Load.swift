internal import Ground

/// Loading code (GlobalPlatform 2.3.1 clauses 11.5.2.3.1 and 11.6): blocks in order, signatures, hash, then the CAP components.
extension Chip {
    /// A load under way.
    struct Loading: Sendable {
        let aid: Bytes
        let securityDomain: Bytes
        let hash: Bytes
        var stream = Bytes()
        var next: UInt8 = 0
    }

    mutating func installForLoad(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 3) else { return .status(0x6A80) }
        let (aid, domain, hash) = (fields.names[0], fields.names[1], fields.names[2])
        guard (5...16).contains(aid.count), [0, 20, 32, 48, 64].contains(hash.count) else { return .status(0x6A80) }
        guard domain.isEmpty || domains[domain] != nil else { return .status(0x6A88) }
        guard !loadFiles.contains(where: { $0.aid == aid }), instanceIndex(aid) == nil else { return .status(0x6985) }
        let wanted = TLV.parseAll(fields.parameters)?.first { $0.tag == 0xEF }?.first(0xC6)?.value ?? []
        guard fault != .memoryFull, freeMemory >= BigEndian.unsigned(wanted).map({ Int($0) }) ?? 0 else {
            return .status(0x6A84)
        }
        loading = Loading(aid: aid, securityDomain: domain.isEmpty ? domainAID : domain, hash: hash)
        return Answer([0])
    }

    mutating func load(_ command: CommandAPDU) -> Answer {
        guard var load = loading else { return .status(0x6985) }
        loading = nil
        guard command.p1 & 0x7F == 0 else { return .status(0x6A86) }
        guard command.p2 == load.next else { return .status(0x6A80) }
        load.next &+= 1
        load.stream += command.data
        guard load.stream.count <= freeMemory else { return .status(0x6A84) }
        guard command.p1 == 0x80 else {
            loading = load
            return Answer([0])
        }
        return finish(load)
    }

    private mutating func finish(_ load: Loading) -> Answer {
        guard let objects = TLV.parseAll(load.stream), let block = objects.last, block.tag == 0xC4,
            objects.dropLast().allSatisfy({ $0.tag == 0xE2 })
        else { return .status(0x6A80) }
        guard load.hash.isEmpty || Self.hash(block.value, count: load.hash.count) == load.hash else {
            return .status(0x6A80)
        }
        guard verify(Array(objects.dropLast()), load) else { return .status(0x6985) }
        guard let file = Self.executable(block.value), file.aid == load.aid else { return .status(0x6A80) }
        freeMemory -= block.value.count
        loadFiles.append(
            LoadedFile(
                aid: file.aid, securityDomain: load.securityDomain, modules: file.modules, version: file.version,
                size: block.value.count))
        return Answer([0])
    }

    /// DAP blocks (C.3): each by a domain's key of version 73 over the hash; a domain that mandates one must have signed.
    private func verify(_ blocks: [TLV], _ load: Loading) -> Bool {
        for block in blocks {
            guard let aid = block.first(0x4F)?.value, let signature = block.first(0xC3)?.value, !load.hash.isEmpty,
                let key = domains[aid]?.key(1, 0x73), Self.signature(load.hash, key) == signature
            else { return false }
        }
        let mandated = instances.filter {
            $0.privileges[0] & 0xC1 == 0xC1 || $0.aid == load.securityDomain && $0.privileges[0] & 0xC0 == 0xC0
        }
        return mandated.allSatisfy { domain in blocks.contains { $0.first(0x4F)?.value == domain.aid } }
    }

    private static func hash(_ data: Bytes, count: Int) -> Bytes {
        switch count {
        case 20: ChipCrypto.sha1(data)
        case 32: ChipCrypto.sha256(data)
        case 48: ChipCrypto.sha384(data)
        default: ChipCrypto.sha512(data)
        }
    }

    /// Reads the components as they come: header first, then the directory; the applets' AIDs are the modules.
    private static func executable(_ data: Bytes) -> (aid: Bytes, modules: [Bytes], version: Bytes)? {
        var reader = ByteReader(data)
        var components: [(tag: UInt8, body: Bytes)] = []
        while let tag = reader.byte() {
            guard (1...11).contains(tag), let count = reader.unsigned(2), let body = reader.read(Int(count)) else {
                return nil
            }
            components.append((tag, body))
        }
        let order: [UInt8] = [1, 2, 4, 3, 6, 7, 8, 10, 5, 9, 11]
        let places = components.compactMap { component in order.firstIndex(of: component.tag) }
        guard places.count == components.count, zip(places, places.dropFirst()).allSatisfy(<),
            let header = components.first(where: { $0.tag == 1 })?.body
        else { return nil }
        var head = ByteReader(header)
        guard head.unsigned(4) == 0xDECA_FFED, head.read(3) != nil, let minor = head.byte(), let major = head.byte(),
            let length = head.byte(), let aid = head.read(Int(length))
        else { return nil }
        var modules: [Bytes] = []
        if let applets = components.first(where: { $0.tag == 3 })?.body {
            var list = ByteReader(applets)
            guard let count = list.byte() else { return nil }
            for _ in 0..<count {
                guard let length = list.byte(), let module = list.read(Int(length)), list.read(2) != nil else {
                    return nil
                }
                modules.append(module)
            }
        }
        return (aid, modules, [major, minor])
    }
}
