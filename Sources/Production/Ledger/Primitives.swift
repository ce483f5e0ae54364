import COpenSSL
import Ground

/// The few primitives that the ledger needs, in one place.
enum Hash {
    static func sha256(_ bytes: Bytes) -> Bytes {
        var digest = Bytes(repeating: 0, count: 32)
        _ = SHA256(bytes, bytes.count, &digest)
        return digest
    }
}

/// RFC 2104 over SHA-256.
enum HMAC {
    static func sha256(key: Bytes, _ message: Bytes) -> Bytes {
        var block = key.count > 64 ? Hash.sha256(key) : key
        block += Bytes(repeating: 0, count: 64 - block.count)
        let inner = Hash.sha256(block.map { $0 ^ 0x36 } + message)
        return Hash.sha256(block.map { $0 ^ 0x5C } + inner)
    }
}

enum Random {
    static func bytes(_ count: Int) throws(SakkError) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw AES.failure("random") }
        return bytes
    }
}

/// AES-256-GCM with a 12-byte nonce; the 16-byte tag follows the ciphertext.
enum AES {
    static func failure(_ what: String) -> SakkError {
        SakkError(
            "crypto.failed", source: "openssl", text: "The operation \(what) failed.",
            remedy: "Stop the line and call the engineer.")
    }

    static func gcmSeal(key: Bytes, nonce: Bytes, plaintext: Bytes, authenticating: Bytes) throws(SakkError) -> Bytes {
        guard let context = EVP_CIPHER_CTX_new() else { throw failure("seal") }
        defer { EVP_CIPHER_CTX_free(context) }
        var output = Bytes(repeating: 0, count: plaintext.count + 16)
        var length: Int32 = 0
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_EncryptUpdate(context, nil, &length, authenticating, Int32(authenticating.count)) == 1,
            EVP_EncryptUpdate(context, &output, &length, plaintext, Int32(plaintext.count)) == 1
        else { throw failure("seal") }
        var tag = Bytes(repeating: 0, count: 16)
        guard EVP_EncryptFinal_ex(context, &tag, &length) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
        else { throw failure("seal") }
        output.replaceSubrange(plaintext.count..., with: tag)
        return output
    }

    static func gcmOpen(key: Bytes, nonce: Bytes, ciphertext: Bytes, authenticating: Bytes) throws(SakkError) -> Bytes {
        guard ciphertext.count >= 16, let context = EVP_CIPHER_CTX_new() else { throw failure("open") }
        defer { EVP_CIPHER_CTX_free(context) }
        let count = ciphertext.count - 16
        var tag = Bytes(ciphertext.suffix(16))
        var output = Bytes(repeating: 0, count: count + 16)
        var length: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &length, authenticating, Int32(authenticating.count)) == 1,
            EVP_DecryptUpdate(context, &output, &length, ciphertext, Int32(count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1,
            EVP_DecryptFinal_ex(context, &tag, &length) == 1
        else { throw failure("open") }
        return Bytes(output.prefix(count))
    }
}
