internal import Ground
internal import OpenSSLCrypto

/// The symmetric side of an access protocol (Doc 9303-11 clauses 9.7 and 9.8): key derivation, encryption, checksum.
enum CipherSuite: UInt8, Sendable, CaseIterable {
    /// Raw values are the last arc of the protocol's object identifier.
    case tripleDES = 1
    case aes128 = 2
    case aes192 = 3
    case aes256 = 4

    var keyBytes: Int {
        switch self {
        case .tripleDES, .aes128: 16
        case .aes192: 24
        case .aes256: 32
        }
    }

    var block: Int { self == .tripleDES ? 8 : 16 }

    /// Key derivation function with counter 1 for encryption, 2 for checksums, 3 for a password (clause 9.7.1).
    func derive(_ secret: Bytes, counter: UInt8) -> Bytes {
        let digest: Digest = keyBytes > 16 ? .sha256 : .sha1
        let key = Bytes(digest.of(secret + [0, 0, 0, counter]).prefix(keyBytes))
        return self == .tripleDES ? TripleDES.adjustParity(key) : key
    }

    func keys(from secret: Bytes) -> SessionKeys {
        SessionKeys(suite: self, enc: derive(secret, counter: 1), mac: derive(secret, counter: 2))
    }

    func encrypt(_ key: Bytes, iv: Bytes? = nil, _ data: Bytes) throws(BorderFault) -> Bytes {
        let iv = iv ?? Bytes(repeating: 0, count: block)
        do throws(SakkError) {
            return self == .tripleDES
                ? try TripleDES.cbcEncrypt(key: key, iv: iv, data: data)
                : try AES.cbcEncrypt(key: key, iv: iv, data: data)
        } catch {
            throw .chip("data cannot be encrypted")
        }
    }

    func decrypt(_ key: Bytes, iv: Bytes? = nil, _ data: Bytes) throws(BorderFault) -> Bytes {
        guard !data.isEmpty, data.count % block == 0 else { throw .chip("a cryptogram is not whole blocks") }
        let iv = iv ?? Bytes(repeating: 0, count: block)
        do throws(SakkError) {
            return self == .tripleDES
                ? try TripleDES.cbcDecrypt(key: key, iv: iv, data: data)
                : try AES.cbcDecrypt(key: key, iv: iv, data: data)
        } catch {
            throw .chip("a cryptogram cannot be decrypted")
        }
    }

    /// Eight bytes: retail MAC with padding method 2, or CMAC cut short. `data` is not padded yet; secure messaging pads
    /// for AES too, an authentication token does not.
    func checksum(_ key: Bytes, _ data: Bytes, padding: Bool = true) throws(BorderFault) -> Bytes {
        do throws(SakkError) {
            if self == .tripleDES { return try TripleDES.retailMAC(key: key, data: ISO9797.pad2(data, block: 8)) }
            let message = padding ? ISO9797.pad2(data, block: 16) : data
            return Bytes(try AES.cmac(key: key, data: message).prefix(8))
        } catch {
            throw .chip("a checksum cannot be made")
        }
    }
}

/// Keys of one session.
struct SessionKeys: Equatable {
    let suite: CipherSuite
    let enc: Bytes
    let mac: Bytes
}
