internal import Ground

/// What a security domain does with the card's content (GlobalPlatform 2.3.1 clauses 11.2, 11.5 and 11.10).
extension Chip {
    /// INSTALL data: names and the hash with one length byte, parameters and token with BER lengths.
    struct InstallFields {
        var names: [Bytes] = []
        var parameters = Bytes()
        var token = Bytes()

        init?(_ data: Bytes, names count: Int) {
            var reader = ByteReader(data)
            for _ in 0..<count {
                guard let length = reader.byte(), let field = reader.read(Int(length)) else { return nil }
                names.append(field)
            }
            guard let parameters = InstallFields.field(&reader), let token = InstallFields.field(&reader),
                reader.isAtEnd
            else { return nil }
            self.parameters = parameters
            self.token = token
        }

        private static func field(_ reader: inout ByteReader) -> Bytes? {
            guard let first = reader.byte() else { return nil }
            switch first {
            case 0...0x80: return reader.read(Int(first))
            case 0x81: return reader.byte().flatMap { reader.read(Int($0)) }
            case 0x82: return reader.unsigned(2).flatMap { reader.read(Int($0)) }
            default: return nil
            }
        }
    }

    mutating func install(_ command: CommandAPDU) -> Answer {
        guard life != .cardLocked else { return .status(0x6985) }
        guard command.p2 == 0 else { return .status(0x6A86) }
        if let refused = refusedToken(command) { return refused }
        switch command.p1 {
        case 0x02: return installForLoad(command)
        case 0x04, 0x0C: return installForInstall(command)
        case 0x08: return makeSelectable(command)
        case 0x10: return extradite(command)
        case 0x20: return beginPersonalisation(command)
        case 0x40: return updateRegistry(command)
        default: return .status(0x6A86)
        }
    }

    /// A token (C.4) must be the signature of the issuer's token key, version 70.
    private func refusedToken(_ command: CommandAPDU) -> Answer? {
        let names = [0x02: 3, 0x20: 5][Int(command.p1)] ?? 4
        guard command.p1 != 0x20, let fields = InstallFields(command.data, names: names), !fields.token.isEmpty else {
            return nil
        }
        guard let key = domains[Self.issuerAID]?.key(1, 0x70) else { return .status(0x6985) }
        let tokenLength = fields.token.count + (fields.token.count > 0x80 ? 2 : 1)
        let data = Bytes(command.data.dropLast(tokenLength))
        let input = [command.p1, command.p2, UInt8(data.count)] + data
        return Self.signature(input, key) == fields.token ? nil : .status(0x6982)
    }

    static func signature(_ data: Bytes, _ key: ChipKeyEntry) -> Bytes {
        key.kind == .aes ? ChipCrypto.cmac(key: key.value, data) : ChipCrypto.retailMAC(key: key.value, data)
    }

    private mutating func installForInstall(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 4) else { return .status(0x6A80) }
        let (file, module, aid, privileges) = (fields.names[0], fields.names[1], fields.names[2], fields.names[3])
        guard loadFiles.contains(where: { $0.aid == file && $0.modules.contains(module) }) else {
            return .status(0x6A88)
        }
        guard (5...16).contains(aid.count), [1, 3].contains(privileges.count),
            TLV.parseAll(fields.parameters)?.contains(where: { $0.tag == 0xC9 }) == true
        else { return .status(0x6A80) }
        guard instanceIndex(aid) == nil, aid != Self.issuerAID,
            // an applet with one instance is enough for a passport
            module != Self.moduleAID || passport == nil
        else { return .status(0x6985) }
        guard fault != .memoryFull, freeMemory >= 512 else { return .status(0x6A84) }
        freeMemory -= 512
        let isDomain = module == Self.domainModuleAID
        var passport: PassportApplet?
        if module == Self.moduleAID {
            passport = PassportApplet(packageIsLocked: loadFiles.contains { $0.aid == file && $0.isLocked })
            passport?.fingerGuard = fault.fingerGuard
        }
        guard isDomain == (privileges[0] & 0x80 != 0) else { return .status(0x6A80) }
        instances.append(
            Instance(
                aid: aid, loadFile: file, module: module,
                privileges: privileges + Bytes(repeating: 0, count: 3 - privileges.count), securityDomain: domainAID,
                isSelectable: command.p1 == 0x0C, passport: passport))
        if isDomain { domains[aid] = SecurityDomain() }
        return Answer([0])
    }

    private mutating func makeSelectable(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 4) else { return .status(0x6A80) }
        guard let index = instanceIndex(fields.names[2]) else { return .status(0x6A88) }
        instances[index].isSelectable = true
        return Answer([0])
    }

    private mutating func extradite(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 4), fields.names[1].isEmpty, fields.names[3].isEmpty
        else {
            return .status(0x6A80)
        }
        guard domains[fields.names[0]] != nil else { return .status(0x6A88) }
        if let index = instanceIndex(fields.names[2]) {
            instances[index].securityDomain = fields.names[0]
            return Answer([0])
        }
        guard let index = loadFiles.firstIndex(where: { $0.aid == fields.names[2] }) else { return .status(0x6A88) }
        loadFiles[index].securityDomain = fields.names[0]
        return Answer([0])
    }

    private mutating func updateRegistry(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 4), fields.names[1].isEmpty else {
            return .status(0x6A80)
        }
        guard let index = instanceIndex(fields.names[2]) else { return .status(0x6A88) }
        guard fields.names[0].isEmpty || domains[fields.names[0]] != nil else { return .status(0x6A88) }
        if !fields.names[0].isEmpty { instances[index].securityDomain = fields.names[0] }
        let privileges = fields.names[3]
        if !privileges.isEmpty {
            guard [1, 3].contains(privileges.count) else { return .status(0x6A80) }
            instances[index].privileges = privileges + Bytes(repeating: 0, count: 3 - privileges.count)
        }
        return Answer([0])
    }

    private mutating func beginPersonalisation(_ command: CommandAPDU) -> Answer {
        guard let fields = InstallFields(command.data, names: 4), fields.names[0].isEmpty, fields.names[1].isEmpty
        else {
            return .status(0x6A80)
        }
        guard let index = instanceIndex(fields.names[2]) else { return .status(0x6A88) }
        guard instances[index].securityDomain == domainAID, !instances[index].isLockedByIssuer else {
            return .status(0x6985)
        }
        personalising = fields.names[2]
        storing = Storing()
        return Answer([0])
    }

    /// DELETE of an instance, of a load file (with P2 80 and its instances), or of keys (clause 11.2).
    mutating func delete(_ command: CommandAPDU) -> Answer {
        guard life != .cardLocked else { return .status(0x6985) }
        guard command.p1 == 0, command.p2 & 0x7F == 0 else { return .status(0x6A86) }
        guard let objects = TLV.parseAll(command.data), let object = objects.first else { return .status(0x6A80) }
        if object.tag == 0xD0 || object.tag == 0xD2 { return deleteKeys(objects) }
        guard object.tag == 0x4F else { return .status(0x6A80) }
        if let index = instanceIndex(object.value) {
            let hasContent =
                instances.contains { $0.securityDomain == object.value }
                || loadFiles.contains {
                    $0.securityDomain == object.value
                }
            guard !hasContent else { return .status(0x6985) }
            domains[object.value] = nil
            let gone = instances.remove(at: index)
            if gone.passport?.locksPackage == true, let file = loadFiles.firstIndex(where: { $0.aid == gone.loadFile })
            {
                loadFiles[file].isLocked = true
            }
            freeMemory += 512
            return Answer([0])
        }
        guard let index = loadFiles.firstIndex(where: { $0.aid == object.value }) else { return .status(0x6A88) }
        let dependents = instances.filter { $0.loadFile == object.value }
        guard dependents.isEmpty || command.p2 == 0x80 else { return .status(0x6985) }
        freeMemory += loadFiles[index].size + 512 * dependents.count
        for dependent in dependents { domains[dependent.aid] = nil }
        instances.removeAll { $0.loadFile == object.value }
        loadFiles.remove(at: index)
        return Answer([0])
    }

    /// SET STATUS of the card (P1 80), of an application or security domain (40), of a domain with all its own (60).
    mutating func setStatus(_ command: CommandAPDU) -> Answer {
        switch command.p1 {
        case 0x80:
            guard let target = Life(rawValue: command.p2) else { return .status(0x6A80) }
            let unlocks = life == .cardLocked && target == .secured
            guard unlocks || target.rawValue > life.rawValue else { return .status(0x6985) }
            life = target
            if target == .terminated { dropChannel() }
            return Answer()
        case 0x40, 0x60:
            guard life != .cardLocked else { return .status(0x6985) }
            guard let index = instanceIndex(command.data) else { return .status(0x6A88) }
            let locks = command.p2 & 0x80 != 0
            if command.p1 == 0x60 {
                for other in instances.indices where instances[other].securityDomain == command.data {
                    instances[other].isLockedByIssuer = locks
                }
                instances[index].isLockedByIssuer = locks
                return Answer()
            }
            if !locks, command.p2 == 0x0F, instances[index].isSecurityDomain, !instances[index].isLockedByIssuer {
                guard !instances[index].isPersonalized else { return .status(0x6985) }
                instances[index].isPersonalized = true
                return Answer()
            }
            guard instances[index].isLockedByIssuer != locks else { return .status(0x6985) }
            instances[index].isLockedByIssuer = locks
            return Answer()
        default:
            return .status(0x6A86)
        }
    }
}
