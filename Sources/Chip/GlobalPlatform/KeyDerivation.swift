public import Ground
internal import OpenSSLCrypto

/// Counter mode of NIST SP 800-108 with CMAC-AES and a counter of one byte, from 1.
public enum CounterModeKDF {
    /// `length` bytes of CMAC(before ‖ counter ‖ after).
    public static func derive(
        from key: borrowing SecretBytes, before: Bytes, after: Bytes, length: Int
    ) throws(SakkError) -> Bytes {
        var output = Bytes()
        var counter: UInt8 = 1
        while output.count < length {
            output += try AES.cmac(key: key, data: before + [counter] + after)
            counter += 1
        }
        return Bytes(output.prefix(length))
    }

    /// The same as a key: nothing of it stays behind in the heap.
    public static func deriveSecret(
        from key: borrowing SecretBytes, before: Bytes, after: Bytes, length: Int
    ) throws(SakkError) -> SecretBytes {
        var output = Bytes()
        // room at once: an array that grows leaves its old bytes behind
        output.reserveCapacity(length + 16)
        var counter: UInt8 = 1
        while output.count < length {
            var block = try AES.cmac(key: key, data: before + [counter] + after)
            output.append(contentsOf: block.prefix(length - output.count))
            block.wipe()
            counter += 1
        }
        return SecretBytes(wiping: &output)
    }
}

/// KCV: the first three bytes of a known block under the key.
public enum KeyCheckValue {
    /// AES: sixteen bytes 01 (GPC Amendment D 4.1.4).
    public static func aes(_ key: borrowing SecretBytes) throws(SakkError) -> Bytes {
        Bytes(try AES.ecbEncrypt(key: key, block: Bytes(repeating: 1, count: 16)).prefix(3))
    }

    /// Two-key triple DES: eight bytes 00 (GPCS 2.3.1 B.5).
    public static func tripleDES(_ key: borrowing SecretBytes) throws(SakkError) -> Bytes {
        Bytes(try TripleDES.ecbEncrypt(key: key, data: Bytes(repeating: 0, count: 8)).prefix(3))
    }
}

/// How the keys of one card follow from a master key and its ten bytes of key diversification data (KDD).
public enum Diversification: String, Sendable, CaseIterable {
    /// All cards have the master key itself: test stock only.
    case none
    /// CMAC counter mode over 00 00 00 k 00 ‖ KDD: AES masters of 16, 24 or 32 bytes.
    case kdf3
    /// EMV CPS 1.1, triple DES.
    case emv
    case visa2
    case visa

    /// Key `number` is 1 for ENC, 2 for MAC, 3 for DEK.
    public func key(
        from master: borrowing SecretBytes, kdd: Bytes, number: UInt8
    ) throws(SakkError) -> SecretBytes {
        guard kdd.count == 10 else {
            throw SakkError(
                "chip.kdd.malformed", source: "chip", text: "Key diversification data has ten bytes.",
                remedy: "Take the card out: it is not of this stock.")
        }
        let half: Bytes
        switch self {
        case .none: return master.copy()
        case .kdf3:
            return try CounterModeKDF.deriveSecret(
                from: master, before: [], after: [0, 0, 0, number, 0] + kdd, length: master.count)
        case .emv: half = Bytes(kdd[4...])
        case .visa2: half = Bytes(kdd[0...1] + kdd[4...7])
        case .visa: half = Bytes(kdd[0...3] + kdd[8...9])
        }
        var derived = try TripleDES.ecbEncrypt(key: master, data: half + [0xF0, number] + half + [0x0F, number])
        return SecretBytes(wiping: &derived)
    }
}

extension Diversification {
    /// The same with a master key that is elsewhere: `cmac` and `tripleDES` (ECB) work under it. `length` is the master
    /// key's, for `kdf3`. Throws `chip.kdd.malformed`, `keys.scheme` for `none` (the master key would have to be shown).
    public func key(
        kdd: Bytes, number: UInt8, length: Int, cmac: (Bytes) throws(SakkError) -> Bytes,
        tripleDES: (Bytes) throws(SakkError) -> Bytes
    ) throws(SakkError) -> SecretBytes {
        guard kdd.count == 10 else {
            throw SakkError(
                "chip.kdd.malformed", source: "chip", text: "Key diversification data has ten bytes.",
                remedy: "Take the card out: it is not of this stock.")
        }
        let half: Bytes
        switch self {
        case .none:
            throw SakkError(
                "keys.scheme", source: "keys",
                text: "Without diversification a master key would have to leave its token.",
                remedy: "Order cards with diversified keys, or use a key file for test stock.")
        case .kdf3:
            var derived = Bytes()
            for counter in 1...UInt8((length + 15) / 16) { derived += try cmac([counter, 0, 0, 0, number, 0] + kdd) }
            derived.removeLast(derived.count - length)
            return SecretBytes(wiping: &derived)
        case .emv: half = Bytes(kdd[4...])
        case .visa2: half = Bytes(kdd[0...1] + kdd[4...7])
        case .visa: half = Bytes(kdd[0...3] + kdd[8...9])
        }
        var derived = try tripleDES(half + [0xF0, number] + half + [0x0F, number])
        return SecretBytes(wiping: &derived)
    }
}

extension Array where Element == UInt8 {
    /// Overwrites key bytes that had to lie in an array for a moment.
    mutating func wipe() { _ = SecretBytes(wiping: &self) }
}
