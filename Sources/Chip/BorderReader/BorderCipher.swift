internal import Ground
internal import OpenSSLCrypto

/// Triple DES as Basic Access Control uses it: IV 0, and a failure is the chip's failure.
enum BorderCipher {
    private static let zero = Bytes(repeating: 0, count: 8)

    static func encrypt(_ key: Bytes, _ data: Bytes) throws(BorderFault) -> Bytes {
        do { return try TripleDES.cbcEncrypt(key: key, iv: zero, data: data) } catch {
            throw .chip("data cannot be encrypted")
        }
    }

    static func decrypt(_ key: Bytes, _ data: Bytes) throws(BorderFault) -> Bytes {
        guard !data.isEmpty, data.count % 8 == 0 else { throw .chip("a cryptogram is not whole blocks") }
        do { return try TripleDES.cbcDecrypt(key: key, iv: zero, data: data) } catch {
            throw .chip("a cryptogram cannot be decrypted")
        }
    }

    /// Retail MAC with padding method 2.
    static func mac(_ key: Bytes, _ data: Bytes) throws(BorderFault) -> Bytes {
        let padded = ISO9797.pad2(data, block: 8)
        do { return try TripleDES.retailMAC(key: key, data: padded) } catch { throw .chip("a checksum cannot be made") }
    }
}
