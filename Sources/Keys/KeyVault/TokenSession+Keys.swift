internal import CPKCS11
internal import Ground

// Keys that sign and keys that cards' keys are derived from.
extension TokenSession {
    /// An EC pair on a named curve (DER of its ECParameters), or RSA of `bits`.
    func generatePair(
        curve: Bytes?, bits: Int, label: String, id: KeyID
    ) throws(TokenFailure) -> (publicKey: CK_OBJECT_HANDLE, privateKey: CK_OBJECT_HANDLE) {
        var publicKey: CK_OBJECT_HANDLE = 0
        var privateKey: CK_OBJECT_HANDLE = 0
        let result =
            if let curve {
                sakk_p11_generate_pair(
                    calls, handle, curve, CK_ULONG(curve.count), 0, label, id.bytes, &publicKey, &privateKey)
            } else {
                sakk_p11_generate_pair(
                    calls, handle, nil, 0, CK_ULONG(bits), label, id.bytes, &publicKey, &privateKey)
            }
        try check(CryptokiError(result))
        return (publicKey, privateKey)
    }

    func generateImportPair(bits: Int, label: String, id: KeyID) throws(TokenFailure) {
        var publicKey: CK_OBJECT_HANDLE = 0
        var privateKey: CK_OBJECT_HANDLE = 0
        try check(
            CryptokiError(
                sakk_p11_generate_import_pair(
                    calls, handle, CK_ULONG(bits), label, id.bytes, &publicKey, &privateKey)))
    }

    /// `aesBytes` 0 makes a two-key triple DES key.
    func generateMaster(aesBytes: Int, label: String, id: KeyID) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var key: CK_OBJECT_HANDLE = 0
        try check(
            CryptokiError(sakk_p11_generate_master(calls, handle, CK_ULONG(aesBytes), label, id.bytes, &key)))
        return key
    }

    func unwrapMaster(
        _ wrapped: Bytes, with unwrapping: CK_OBJECT_HANDLE, isAES: Bool, label: String, id: KeyID
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var key: CK_OBJECT_HANDLE = 0
        let type = CK_KEY_TYPE(isAES ? 0x1F : 0x14)
        try check(
            CryptokiError(
                sakk_p11_unwrap_master(
                    calls, handle, unwrapping, wrapped, CK_ULONG(wrapped.count), type, label, id.bytes, &key)))
        return key
    }

    /// CKM_ECDSA and CKM_RSA_PKCS.
    static let ecdsa: UInt = 0x1041
    static let rsa: UInt = 0x01

    /// Nil when the key is gone.
    func sign(_ data: Bytes, key: CK_OBJECT_HANDLE, mechanism: UInt) throws(TokenFailure) -> Bytes? {
        var result = CryptokiError.ok
        // the widest curve makes 132 bytes, RSA of 4096 bits 512; room for less is quicker to have and to wipe
        let room = mechanism == Self.ecdsa ? 160 : 1024
        let signature = Bytes(unsafeUninitializedCapacity: room) { output, count in
            var length = CK_ULONG(room)
            result = CryptokiError(
                sakk_p11_sign(
                    calls, handle, key, CK_MECHANISM_TYPE(mechanism), data, CK_ULONG(data.count), output.baseAddress,
                    &length))
            count = result == .ok ? Int(length) : 0
        }
        guard result != .ok else { return signature }
        if CryptokiError.gone.contains(result) { return nil }
        try check(result)
        return signature
    }

    /// Nil when the key is gone.
    func encryptBlocks(_ data: Bytes, key: CK_OBJECT_HANDLE, mechanism: UInt) throws(TokenFailure) -> Bytes? {
        var output = Bytes(repeating: 0, count: data.count + 32)
        var length = CK_ULONG(output.count)
        let result = CryptokiError(
            sakk_p11_encrypt_blocks(
                calls, handle, key, CK_MECHANISM_TYPE(mechanism), data, CK_ULONG(data.count), &output, &length))
        if CryptokiError.gone.contains(result) { return nil }
        try check(result)
        return Bytes(output.prefix(Int(length)))
    }
}
