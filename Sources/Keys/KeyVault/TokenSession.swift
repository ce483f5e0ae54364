internal import CPKCS11
internal import Ground

/// One session of one thread: the calls of Cryptoki that the vault makes, each as a Swift function.
struct TokenSession: @unchecked Sendable {
    // the handle is used by one thread at a time: the pool hands it out and takes it back
    let calls: CK_FUNCTION_LIST_PTR
    let handle: CK_SESSION_HANDLE
    let generation: Int
    /// The module was made to forget before this act: what is not found now is not there.
    var isFresh = false

    enum Kind: UInt {
        case data = 0
        case publicKey = 2
        case privateKey = 3
        case secretKey = 4
    }

    /// What a key is made for.
    enum Purpose: Int32 {
        case sealing = 0
        case signing = 1
    }

    func close() { _ = sakk_p11_close_session(calls, handle) }

    /// Objects with this label (nil: any) and this id (nil: any).
    func find(_ kind: Kind, label: String?, id: KeyID? = nil) throws(TokenFailure) -> [CK_OBJECT_HANDLE] {
        var room = 64
        while true {
            var objects = [CK_OBJECT_HANDLE](repeating: 0, count: room)
            var count = CK_ULONG(room)
            let result = CryptokiError(
                label.withOptionalCString { label in
                    sakk_p11_find(calls, handle, CK_OBJECT_CLASS(kind.rawValue), label, id?.bytes, &objects, &count)
                })
            if result == .bufferTooSmall && room < 1 << 20 {
                room *= 16
                continue
            }
            try check(result)
            return Array(objects.prefix(Int(count)))
        }
    }

    /// The value of an attribute, at most 1024 bytes; nil when the object does not have it.
    func attribute(_ type: UInt, of object: CK_OBJECT_HANDLE) throws(TokenFailure) -> Bytes? {
        var value = Bytes(repeating: 0, count: 1024)
        var length = CK_ULONG(value.count)
        let result = CryptokiError(
            sakk_p11_attribute(calls, handle, object, CK_ATTRIBUTE_TYPE(type), &value, &length))
        if result == .attributeTypeInvalid || result == .attributeSensitive { return nil }
        try check(result)
        return length <= 1024 ? Bytes(value.prefix(Int(length))) : nil
    }

    /// False for an object that went away since it was found, or that another process is making just now.
    func exists(_ object: CK_OBJECT_HANDLE) throws(TokenFailure) -> Bool {
        do throws(TokenFailure) {
            return try attribute(CKAttribute.label, of: object) != nil
        } catch {
            if case .call(let code) = error, CryptokiError.gone.contains(code) { return false }
            throw error
        }
    }

    func generate(_ purpose: Purpose, label: String, id: KeyID) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var key: CK_OBJECT_HANDLE = 0
        try check(CryptokiError(sakk_p11_generate(calls, handle, purpose.rawValue, label, id.bytes, &key)))
        return key
    }

    func mark(_ label: String) throws(TokenFailure) {
        var object: CK_OBJECT_HANDLE = 0
        try check(CryptokiError(sakk_p11_mark(calls, handle, label, &object)))
    }

    /// An object that is gone already is no error.
    func destroy(_ object: CK_OBJECT_HANDLE) throws(TokenFailure) {
        let result = CryptokiError(sakk_p11_destroy(calls, handle, object))
        if !CryptokiError.gone.contains(result) { try check(result) }
    }

    /// The sealed bytes, and the IV that was used (some tokens take one of their own). Nil when the key is gone.
    func seal(
        _ data: UnsafeRawBufferPointer, key: CK_OBJECT_HANDLE, iv: Bytes, aad: Bytes
    ) throws(TokenFailure) -> (iv: Bytes, sealed: Bytes)? {
        var iv = iv
        var sealed = Bytes(repeating: 0, count: data.count + 32)
        var length = CK_ULONG(sealed.count)
        let result = CryptokiError(
            sakk_p11_gcm(
                calls, handle, key, 1, &iv, aad, CK_ULONG(aad.count), data.baseAddress, CK_ULONG(data.count), &sealed,
                &length))
        if CryptokiError.gone.contains(result) { return nil }
        try check(result)
        guard Int(length) == data.count + WrappedKey.tagCount else { throw .call(.functionFailed) }
        return (iv, Bytes(sealed.prefix(Int(length))))
    }

    enum Opening: ~Copyable {
        case opened(SecretBytes)
        case keyGone
        /// The token said no; for some, the word is the same for a broken seal and a broken token.
        case refused(CryptokiError)
    }

    func open(_ sealed: Bytes, key: CK_OBJECT_HANDLE, iv: Bytes, aad: Bytes) throws(TokenFailure) -> Opening {
        var iv = iv
        // a token may ask for as much room as the sealed bytes take
        var length = CK_ULONG(sealed.count)
        var result = CryptokiError.ok
        let room = SecretBytes(count: sealed.count) { target in
            result = CryptokiError(
                sakk_p11_gcm(
                    calls, handle, key, 0, &iv, aad, CK_ULONG(aad.count), sealed, CK_ULONG(sealed.count),
                    target.baseAddress, &length))
        }
        if CryptokiError.gone.contains(result) { return .keyGone }
        if CryptokiError.unsealed.contains(result) { return .refused(result) }
        try check(result)
        guard Int(length) == sealed.count - WrappedKey.tagCount else { throw .call(.functionFailed) }
        return room.withBytes { bytes in
            .opened(
                SecretBytes(count: Int(length)) { target in
                    target.copyMemory(from: .init(rebasing: bytes[..<Int(length)]))
                })
        }
    }

    /// Nil when the key is gone.
    func hmac(_ data: Bytes, key: CK_OBJECT_HANDLE) throws(TokenFailure) -> Bytes? {
        var tag = Bytes(repeating: 0, count: 32)
        let result = CryptokiError(sakk_p11_hmac(calls, handle, key, data, CK_ULONG(data.count), &tag))
        if CryptokiError.gone.contains(result) { return nil }
        try check(result)
        return tag
    }

    func check(_ result: CryptokiError) throws(TokenFailure) {
        guard result == .ok else { throw .call(result) }
    }
}

extension String? {
    fileprivate func withOptionalCString<Value>(_ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        switch self {
        case .some(let text): text.withCString(body)
        case .none: body(nil)
        }
    }
}
