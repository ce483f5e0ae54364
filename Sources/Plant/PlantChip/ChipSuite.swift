internal import Ground

/// Symmetric algorithms of an access protocol on the chip (Doc 9303-11 clauses 9.7, 9.8).
enum ChipSuite: UInt8, Sendable {
    case tripleDES = 1
    case aes128 = 2
    case aes192 = 3
    case aes256 = 4

    var keyLength: Int { [16, 16, 24, 32][Int(rawValue) - 1] }
    var blockLength: Int { self == .tripleDES ? 8 : 16 }

    func key(_ secret: Bytes, _ counter: UInt8) -> Bytes {
        let input = secret + [0, 0, 0, counter]
        let hash = keyLength > 16 ? ChipCrypto.sha256(input) : ChipCrypto.sha1(input)
        let key = Bytes(hash.prefix(keyLength))
        return self == .tripleDES ? key.map { $0.nonzeroBitCount % 2 == 1 ? $0 : $0 ^ 1 } : key
    }

    func cipher(_ key: Bytes, iv: Bytes? = nil, _ data: Bytes, encrypt: Bool) -> Bytes {
        let iv = iv ?? Bytes(repeating: 0, count: blockLength)
        return self == .tripleDES
            ? ChipCrypto.tripleDESCBC(key: key, iv: iv, data, encrypt: encrypt)
            : ChipCrypto.aesCBC(key: key, iv: iv, data, encrypt: encrypt)
    }

    /// Eight bytes. A message of secure messaging is padded for AES as well.
    func checksum(_ key: Bytes, _ message: Bytes, padded: Bool) -> Bytes {
        if self == .tripleDES { return ChipCrypto.retailMAC(key: key, message) }
        let whole = padded ? ChipCrypto.padded(message, block: 16) : message
        return Bytes(ChipCrypto.cmac(key: key, whole).prefix(8))
    }
}
