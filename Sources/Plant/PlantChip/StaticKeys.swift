internal import Ground

/// The three static keys of a key set, ENC, MAC, DEK.
struct StaticKeys: Sendable, Equatable {
    var enc: Bytes
    var mac: Bytes
    var dek: Bytes

    init(enc: Bytes, mac: Bytes, dek: Bytes) {
        self.enc = enc
        self.mac = mac
        self.dek = dek
    }

    /// KDF3: CMAC counter mode over `counter 00 00 00 k 00 KDD`, no label and no length field.
    init(master: Bytes, diversificationData: Bytes) {
        func derive(_ kind: UInt8) -> Bytes {
            var output = Bytes()
            var counter: UInt8 = 1
            while output.count < master.count {
                output += ChipCrypto.cmac(key: master, [counter, 0, 0, 0, kind, 0] + diversificationData)
                counter += 1
            }
            return Bytes(output.prefix(master.count))
        }
        self.init(enc: derive(1), mac: derive(2), dek: derive(3))
    }

    /// As the maker derived them.
    init(_ scheme: VirtualCardConfiguration.TransportKeys.Scheme, master: Bytes, diversificationData kdd: Bytes) {
        func double(_ part: Bytes, _ kind: UInt8) -> Bytes {
            ChipCrypto.tripleDESECB(key: master, part + [0xF0, kind] + part + [0x0F, kind], encrypt: true)
        }
        func all(_ part: Bytes) -> StaticKeys {
            StaticKeys(enc: double(part, 1), mac: double(part, 2), dek: double(part, 3))
        }
        self =
            switch scheme {
            case .kdf3: StaticKeys(master: master, diversificationData: kdd)
            case .visa2: all(Bytes(kdd[0...1] + kdd[4...7]))
            case .visa: all(Bytes(kdd[0...3] + kdd[8...9]))
            case .emv: all(Bytes(kdd[4...9]))
            case .none: StaticKeys(enc: master, mac: master, dek: master)
            }
    }
}

/// One key of a security domain.
struct ChipKeyEntry: Sendable, Equatable {
    /// 80 DES, 88 AES.
    enum Kind: UInt8, Sendable {
        case des = 0x80
        case aes = 0x88

        var block: Int { self == .des ? 8 : 16 }

        func checkValue(_ key: Bytes) -> Bytes {
            let known =
                self == .des
                ? ChipCrypto.tripleDESECB(key: key, Bytes(repeating: 0, count: 8), encrypt: true)
                : ChipCrypto.aesCBC(key: key, Bytes(repeating: 1, count: 16), encrypt: true)
            return Bytes(known.prefix(3))
        }
    }

    var identifier: UInt8
    var version: UInt8
    var kind: Kind
    var value: Bytes
}

/// What a security domain keeps: its keys, their counters, its data objects.
struct SecurityDomain: Sendable {
    var keys: [ChipKeyEntry] = []
    /// Secure channel counter of each key version.
    var counters: [UInt8: UInt32] = [:]
    var data: [UInt32: Bytes] = [:]

    /// Versions that have all three keys, in the order they came.
    var versions: [UInt8] {
        var found: [UInt8] = []
        for key in keys where !found.contains(key.version) && set(key.version) != nil { found.append(key.version) }
        return found
    }

    func key(_ identifier: UInt8, _ version: UInt8) -> ChipKeyEntry? {
        keys.first { $0.identifier == identifier && $0.version == version }
    }

    /// The key set of a version: three keys of one kind.
    func set(_ version: UInt8) -> (kind: ChipKeyEntry.Kind, keys: StaticKeys)? {
        guard let enc = key(1, version), let mac = key(2, version), let dek = key(3, version), enc.kind == mac.kind,
            mac.kind == dek.kind
        else { return nil }
        return (enc.kind, StaticKeys(enc: enc.value, mac: mac.value, dek: dek.value))
    }
}
