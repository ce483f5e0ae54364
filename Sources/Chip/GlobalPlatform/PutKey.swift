public import Ground
import OpenSSLCrypto
public import SmartCard

/// PUT KEY of three AES keys, GPCS 2.3.1 11.8 and Amendment D 7.2: the keys under the static Key-DEK.
public enum PutKey {
    /// AES-CBC, initial vector zero; a key of 24 bytes is filled to 32 with zeros.
    public static func encrypted(
        _ key: borrowing SecretBytes, under dek: borrowing SecretBytes
    ) throws(SakkError) -> Bytes {
        let plain = key.withBytes { Bytes($0) }
        let padded = plain + Bytes(repeating: 0, count: (16 - plain.count % 16) % 16)
        return try AES.cbcEncrypt(key: dek, iv: Bytes(repeating: 0, count: 16), data: padded)
    }

    /// - Parameters:
    ///   - replacing: version of the key set to replace; 0 adds one (factory keys FF are then replaced by the card).
    ///   - expectedAnswer: new version and the three check values, which the card's answer must equal.
    public static func command(
        _ keys: borrowing CardKeys, version: UInt8, replacing: UInt8, under dek: borrowing SecretBytes
    ) throws(SakkError) -> (command: APDUCommand, expectedAnswer: Bytes) {
        var data: Bytes = [version]
        var answer: Bytes = [version]
        func add(_ key: borrowing SecretBytes) throws(SakkError) {
            let sealed = try encrypted(key, under: dek)
            let kcv = try KeyCheckValue.aes(key)
            data += [0x88, UInt8(sealed.count + 1), UInt8(key.count)] + sealed + [UInt8(kcv.count)] + kcv
            answer += kcv
        }
        try add(keys.enc)
        try add(keys.mac)
        try add(keys.dek)
        return (APDUCommand(0x80, 0xD8, replacing, 0x81, data: data, le: 256), answer)
    }
}
