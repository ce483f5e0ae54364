internal import COpenSSL
internal import Ground

/// The chip's own cryptography over OpenSSL. The plant shares none with the controller, so one mistake cannot hide
/// in both.
enum ChipCrypto {
    private static func run(_ cipher: OpaquePointer?, key: Bytes, iv: Bytes, data: Bytes, encrypt: Bool) -> Bytes {
        guard !data.isEmpty else { return [] }
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = Bytes(repeating: 0, count: data.count + 32)
        var written: Int32 = 0
        precondition(EVP_CipherInit_ex(context, cipher, nil, key, iv, encrypt ? 1 : 0) == 1)
        precondition(EVP_CIPHER_CTX_set_padding(context, 0) == 1)
        precondition(EVP_CipherUpdate(context, &output, &written, data, Int32(data.count)) == 1)
        precondition(Int(written) == data.count, "cipher data must be whole blocks")
        return Bytes(output.prefix(data.count))
    }

    /// AES in CBC mode without padding; the key's length chooses AES-128, -192 or -256.
    static func aesCBC(key: Bytes, iv: Bytes = Bytes(repeating: 0, count: 16), _ data: Bytes, encrypt: Bool) -> Bytes {
        let cipher =
            switch key.count {
            case 16: EVP_aes_128_cbc()
            case 24: EVP_aes_192_cbc()
            default: EVP_aes_256_cbc()
            }
        return run(cipher, key: key, iv: iv, data: data, encrypt: encrypt)
    }

    /// AES-CMAC (NIST SP 800-38B), 16 bytes.
    static func cmac(key: Bytes, _ data: Bytes) -> Bytes {
        func doubled(_ block: Bytes) -> Bytes {
            var result = block
            for index in 0..<16 {
                result[index] = block[index] << 1 | (index < 15 ? block[index + 1] >> 7 : 0)
            }
            if block[0] & 0x80 != 0 { result[15] ^= 0x87 }
            return result
        }
        let first = doubled(aesCBC(key: key, Bytes(repeating: 0, count: 16), encrypt: true))
        let whole = !data.isEmpty && data.count % 16 == 0
        var message = whole ? data : padded(data, block: 16)
        let subkey = whole ? first : doubled(first)
        for index in 0..<16 { message[message.count - 16 + index] ^= subkey[index] }
        return Bytes(aesCBC(key: key, message, encrypt: true).suffix(16))
    }

    /// Two-key triple DES in CBC mode without padding; the key has 16 bytes.
    static func tripleDESCBC(
        key: Bytes, iv: Bytes = Bytes(repeating: 0, count: 8), _ data: Bytes, encrypt: Bool
    ) -> Bytes {
        run(EVP_des_ede3_cbc(), key: key + key.prefix(8), iv: iv, data: data, encrypt: encrypt)
    }

    /// Two-key triple DES in ECB mode.
    static func tripleDESECB(key: Bytes, _ data: Bytes, encrypt: Bool) -> Bytes {
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = Bytes(repeating: 0, count: data.count + 32)
        var written: Int32 = 0
        precondition(
            EVP_CipherInit_ex(context, EVP_des_ede3_ecb(), nil, key + key.prefix(8), nil, encrypt ? 1 : 0) == 1)
        precondition(EVP_CIPHER_CTX_set_padding(context, 0) == 1)
        precondition(EVP_CipherUpdate(context, &output, &written, data, Int32(data.count)) == 1)
        return Bytes(output.prefix(data.count))
    }

    /// ISO/IEC 9797-1 MAC algorithm 3 with padding method 2, 8 bytes. Single DES is triple DES with equal keys.
    static func retailMAC(key: Bytes, _ data: Bytes) -> Bytes {
        let message = padded(data, block: 8)
        let left = Bytes(key.prefix(8))
        let head = run(
            EVP_des_ede3_cbc(), key: left + left + left, iv: Bytes(repeating: 0, count: 8),
            data: Bytes(message.dropLast(8)), encrypt: true)
        let chaining = head.isEmpty ? Bytes(repeating: 0, count: 8) : Bytes(head.suffix(8))
        return tripleDESCBC(key: key, iv: chaining, Bytes(message.suffix(8)), encrypt: true)
    }

    static func sha1(_ data: Bytes) -> Bytes { digest(EVP_sha1(), data, count: 20) }
    static func sha256(_ data: Bytes) -> Bytes { digest(EVP_sha256(), data, count: 32) }

    static func sha384(_ data: Bytes) -> Bytes { digest(EVP_sha384(), data, count: 48) }
    static func sha512(_ data: Bytes) -> Bytes { digest(EVP_sha512(), data, count: 64) }

    private static func digest(_ algorithm: OpaquePointer?, _ data: Bytes, count: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: count)
        precondition(EVP_Digest(data, data.count, &output, nil, algorithm, nil) == 1)
        return output
    }

    /// ISO/IEC 9797-1 padding method 2: 80, then zeros to a whole block.
    static func padded(_ data: Bytes, block: Int) -> Bytes {
        let zeros = block - 1 - data.count % block
        return data + [0x80] + Bytes(repeating: 0, count: zeros)
    }

    /// Takes padding method 2 away; nil when there is none.
    static func unpadded(_ data: Bytes) -> Bytes? {
        guard let end = data.lastIndex(where: { $0 != 0 }), data[end] == 0x80 else { return nil }
        return Bytes(data[..<end])
    }
}
