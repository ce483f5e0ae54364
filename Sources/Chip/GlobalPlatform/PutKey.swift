public import Ground
import OpenSSLCrypto
public import SmartCard

/// Key types of table 11-16 that a secure channel uses.
public enum CardKeyType: UInt8, Sendable {
    case des = 0x80
    case aes = 0x88

    public func checkValue(_ key: borrowing SecretBytes) throws(SakkError) -> Bytes {
        self == .aes ? try KeyCheckValue.aes(key) : try KeyCheckValue.tripleDES(key)
    }
}

/// PUT KEY, GPCS 2.3.1 11.8: keys under the data encryption key of the session (SCP02: session DEK, SCP03: static Key-DEK).
public enum PutKey {
    /// Seals whole blocks of key bytes.
    public typealias Seal = (Bytes) throws(SakkError) -> Bytes

    /// AES-CBC under a static Key-DEK, initial vector zero; a key of 24 bytes is filled to 32 with zeros.
    public static func encrypted(
        _ key: borrowing SecretBytes, under dek: borrowing SecretBytes
    ) throws(SakkError) -> Bytes {
        var plain = padded(key, block: 16)
        defer { plain.wipe() }
        return try AES.cbcEncrypt(key: dek, iv: Bytes(repeating: 0, count: 16), data: plain)
    }

    /// Three keys ENC, MAC, DEK with identifiers 1, 2, 3 (P2 81).
    /// - Parameters:
    ///   - replacing: version of the key set to replace; 0 adds one (factory keys FF are then replaced by the card).
    ///   - expectedAnswer: new version and the three check values, which the card's answer must equal.
    public static func command(
        _ keys: borrowing CardKeys, type: CardKeyType, version: UInt8, replacing: UInt8, through channel: SecureChannel
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        try command(
            keys, type: type, version: version, replacing: replacing, block: channel.sensitiveBlock,
            seal: channel.sealSensitive)
    }

    static func command(
        _ keys: borrowing CardKeys, type: CardKeyType, version: UInt8, replacing: UInt8, block: Int, seal: Seal
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        let parts = [
            try part(keys.enc, type, block: block, seal: seal), try part(keys.mac, type, block: block, seal: seal),
            try part(keys.dek, type, block: block, seal: seal),
        ]
        return command(parts, identifier: 0x81, version: version, replacing: replacing)
    }

    /// One key with an identifier (1 to 127) of its own.
    public static func command(
        _ key: borrowing SecretBytes, type: CardKeyType, identifier: UInt8, version: UInt8, replacing: UInt8,
        through channel: SecureChannel
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        let part = try part(key, type, block: channel.sensitiveBlock, seal: channel.sealSensitive)
        return command([part], identifier: identifier & 0x7F, version: version, replacing: replacing)
    }

    /// Three AES keys under a static Key-DEK.
    public static func command(
        _ keys: borrowing CardKeys, version: UInt8, replacing: UInt8, under dek: borrowing SecretBytes
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        func part(_ key: borrowing SecretBytes) throws(SakkError) -> Part {
            Part(type: .aes, count: key.count, sealed: try encrypted(key, under: dek), kcv: try KeyCheckValue.aes(key))
        }
        return command(
            [try part(keys.enc), try part(keys.mac), try part(keys.dek)], identifier: 0x81, version: version,
            replacing: replacing)
    }

    private struct Part {
        let type: CardKeyType
        let count: Int
        let sealed: Bytes
        let kcv: Bytes

        /// Table 11-68 with the component block of table 11-70 (AES: its real length first) or 11-71 (DES).
        var encoded: Bytes {
            let component = type == .aes ? TLV.lengthBytes(count) + sealed : sealed
            return [type.rawValue] + TLV.lengthBytes(component.count) + component + [UInt8(kcv.count)] + kcv
        }
    }

    private static func part(
        _ key: borrowing SecretBytes, _ type: CardKeyType, block: Int, seal: Seal
    ) throws(SakkError) -> Part {
        var plain = padded(key, block: block)
        defer { plain.wipe() }
        return Part(type: type, count: key.count, sealed: try seal(plain), kcv: try type.checkValue(key))
    }

    private static func padded(_ key: borrowing SecretBytes, block: Int) -> Bytes {
        key.withBytes { source in
            let count = (source.count + block - 1) / block * block
            return Bytes(unsafeUninitializedCapacity: count) { target, filled in
                for index in 0..<count { target[index] = index < source.count ? source[index] : 0 }
                filled = count
            }
        }
    }

    private static func command(
        _ parts: [Part], identifier: UInt8, version: UInt8, replacing: UInt8
    ) -> (command: APDUCommand, expectedAnswer: Bytes) {
        (
            APDUCommand(0x80, 0xD8, replacing, identifier, data: [version] + parts.flatMap(\.encoded), le: 256),
            [version] + parts.flatMap(\.kcv)
        )
    }
}
