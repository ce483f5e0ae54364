import COpenSSL
public import Ground

/// AES (FIPS 197) with keys of 16, 24 or 32 bytes: CBC and ECB without padding, CMAC (SP 800-38B), GCM (SP 800-38D).
public enum AES {
    public static func cbcEncrypt(key: borrowing SecretBytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try key.withBytes { (key) throws(SakkError) in try cbc(key, iv, data, encrypt: true) }
    }

    public static func cbcDecrypt(key: borrowing SecretBytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try key.withBytes { (key) throws(SakkError) in try cbc(key, iv, data, encrypt: false) }
    }

    public static func cbcEncrypt(key: Bytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try withRaw(key) { (key) throws(SakkError) in try cbc(key, iv, data, encrypt: true) }
    }

    public static func cbcDecrypt(key: Bytes, iv: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try withRaw(key) { (key) throws(SakkError) in try cbc(key, iv, data, encrypt: false) }
    }

    public static func ecbEncrypt(key: borrowing SecretBytes, block: Bytes) throws(SakkError) -> Bytes {
        try key.withBytes { (key) throws(SakkError) in try ecb(key, block) }
    }

    public static func ecbEncrypt(key: Bytes, block: Bytes) throws(SakkError) -> Bytes {
        try withRaw(key) { (key) throws(SakkError) in try ecb(key, block) }
    }

    /// All sixteen bytes of the MAC.
    public static func cmac(key: borrowing SecretBytes, data: Bytes) throws(SakkError) -> Bytes {
        try key.withBytes { (key) throws(SakkError) in try cmac(raw: key, data) }
    }

    public static func cmac(key: Bytes, data: Bytes) throws(SakkError) -> Bytes {
        try withRaw(key) { (key) throws(SakkError) in try cmac(raw: key, data) }
    }

    private static func cbc(
        _ key: UnsafeRawBufferPointer, _ iv: Bytes, _ data: Bytes, encrypt: Bool
    ) throws(SakkError) -> Bytes {
        guard iv.count == 16 else { throw keyFailure("An AES initial vector has 16 bytes.") }
        return try BlockCipher.run(CipherKind.aesInCBC[key.count], key: key, iv: iv, data: data, encrypt: encrypt)
    }

    private static func ecb(_ key: UnsafeRawBufferPointer, _ block: Bytes) throws(SakkError) -> Bytes {
        return try BlockCipher.run(CipherKind.aesInECB[key.count], key: key, iv: nil, data: block, encrypt: true)
    }

    private static func cmac(raw key: UnsafeRawBufferPointer, _ data: Bytes) throws(SakkError) -> Bytes {
        let names = [16: "AES-128-CBC", 24: "AES-192-CBC", 32: "AES-256-CBC"]
        guard let name = names[key.count] else { throw keyFailure("An AES key has 16, 24 or 32 bytes.") }
        var output = Bytes(repeating: 0, count: 16)
        let keyBytes = key.bindMemory(to: UInt8.self).baseAddress
        guard sakk_cmac(name, keyBytes, key.count, data, data.count, &output) == 1 else {
            throw keyFailure("The MAC failed.")
        }
        return output
    }
}

extension AES {
    /// Ciphertext with the 16-byte tag at its end. A nonce (12 bytes) serves one key once.
    public static func gcmSeal(
        key: borrowing SecretBytes, nonce: Bytes, data: Bytes, aad: Bytes
    ) throws(SakkError) -> Bytes {
        try key.withBytes { (key) throws(SakkError) in
            try gcm(key, nonce, data, aad, tag: nil)
        }
    }

    /// Throws `crypto.sealed` when the data, the associated data or the key is not what it was.
    public static func gcmOpen(
        key: borrowing SecretBytes, nonce: Bytes, sealed: Bytes, aad: Bytes
    ) throws(SakkError) -> Bytes {
        guard sealed.count >= 16 else { throw sealedFailure() }
        return try key.withBytes { (key) throws(SakkError) in
            try gcm(key, nonce, Bytes(sealed.dropLast(16)), aad, tag: Bytes(sealed.suffix(16)))
        }
    }

    private static func gcm(
        _ key: UnsafeRawBufferPointer, _ nonce: Bytes, _ data: Bytes, _ aad: Bytes, tag: Bytes?
    ) throws(SakkError) -> Bytes {
        guard nonce.count == 12, let cipher = CipherKind.aesInGCM[key.count]?.pointer,
            let context = EVP_CIPHER_CTX_new()
        else {
            throw keyFailure("AES-GCM takes a key of 16, 24 or 32 bytes and a nonce of 12.")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        let encrypt: Int32 = tag == nil ? 1 : 0
        var output = Bytes(repeating: 0, count: data.count + 16)
        var written: Int32 = 0
        var ignored: Int32 = 0
        let keyBytes = key.bindMemory(to: UInt8.self).baseAddress
        guard EVP_CipherInit_ex(context, cipher, nil, keyBytes, nonce, encrypt) == 1,
            aad.isEmpty || EVP_CipherUpdate(context, nil, &ignored, aad, Int32(aad.count)) == 1,
            data.isEmpty || EVP_CipherUpdate(context, &output, &written, data, Int32(data.count)) == 1
        else { throw keyFailure("AES-GCM failed.") }
        var finalBytes = Bytes(repeating: 0, count: 16)
        if var tag {
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, &tag) == 1,
                EVP_CipherFinal_ex(context, &finalBytes, &ignored) == 1
            else { throw sealedFailure() }
            return Bytes(output.prefix(Int(written)))
        }
        var made = Bytes(repeating: 0, count: 16)
        guard EVP_CipherFinal_ex(context, &finalBytes, &ignored) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, &made) == 1
        else { throw keyFailure("AES-GCM failed.") }
        return Bytes(output.prefix(Int(written))) + made
    }

    private static func sealedFailure() -> SakkError {
        cryptoFailure(
            "crypto.sealed", "Sealed data does not open: it was changed, or this is not its key.",
            remedy: "Check that the right key file is in use; else restore the data from a backup.")
    }
}

/// `withUnsafeBytes` with a typed error.
func withRaw<Value>(
    _ bytes: Bytes, _ body: (UnsafeRawBufferPointer) throws(SakkError) -> Value
) throws(SakkError) -> Value {
    let result = bytes.withUnsafeBytes { raw in
        do throws(SakkError) { return Result<Value, SakkError>.success(try body(raw)) } catch { return .failure(error) }
    }
    return try result.get()
}
