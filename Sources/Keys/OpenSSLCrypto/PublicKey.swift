import COpenSSL
public import Ground

/// A public key for verifying signatures of chips and certificates, RSA or EC, from a SubjectPublicKeyInfo.
public struct PublicKey: Sendable {
    public enum Kind: Sendable, Equatable {
        case rsa(bits: Int)
        /// `orderBytes` is the length of one half of a plain signature.
        case ec(orderBytes: Int, orderBits: Int)
    }

    let handle: KeyHandle
    public let kind: Kind

    /// RFC 5280 SubjectPublicKeyInfo; curves may be named or given by explicit parameters. Nil for another algorithm, and
    /// for RSA keys above 8192 bits or with an exponent above 64 bits, which only cost time.
    public init?(info der: Bytes) {
        var cursor: UnsafePointer<UInt8>?
        let parsed: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            guard !buffer.isEmpty else { return nil }
            cursor = buffer.baseAddress
            let key = d2i_PUBKEY(nil, &cursor, buffer.count)
            if key != nil, cursor != buffer.baseAddress?.advanced(by: buffer.count) {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        ERR_clear_error()
        guard let parsed else { return nil }
        handle = KeyHandle(parsed)
        guard let kind = Self.kind(of: parsed) else { return nil }
        self.kind = kind
    }

    /// SubjectPublicKeyInfo with the curve's parameters written out; nil where the key cannot be written so.
    public var explicitInfo: Bytes? {
        var output: UnsafeMutablePointer<UInt8>?
        let count = sakk_explicit_pubkey(handle.pointer, &output)
        ERR_clear_error()
        guard count > 0, let output else { return nil }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    private static func kind(of key: OpaquePointer) -> Kind? {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA, EVP_PKEY_RSA_PSS:
            guard let exponent = number(key, "e"), exponent.bits <= 64, let modulus = number(key, "n"),
                (512...8192).contains(modulus.bits)
            else { return nil }
            return .rsa(bits: modulus.bits)
        case EVP_PKEY_EC:
            guard let order = number(key, "order"), order.bits <= 521 else { return nil }
            return .ec(orderBytes: order.byteCount, orderBits: order.bits)
        default: return nil
        }
    }

    static func number(_ key: OpaquePointer, _ name: String) -> Big? {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &value) == 1, let value else {
            ERR_clear_error()
            return nil
        }
        return Big(owning: value)
    }

    /// RSA to the public exponent without any padding: the message representative, at the modulus' length. Nil for
    /// another key or a signature out of range.
    public func recover(_ signature: Bytes) -> Bytes? {
        guard case .rsa(let bits) = kind, signature.count == (bits + 7) / 8,
            let context = EVP_PKEY_CTX_new(handle.pointer, nil)
        else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var output = Bytes(repeating: 0, count: signature.count)
        var count = output.count
        guard EVP_PKEY_encrypt_init(context) == 1, sakk_set_rsa_raw(context) == 1,
            EVP_PKEY_encrypt(context, &output, &count, signature, signature.count) == 1
        else {
            ERR_clear_error()
            return nil
        }
        return Bytes(output.prefix(count))
    }

    /// ECDSA with the plain signature format r, s of BSI TR-03111 clause 5.2.1.
    public func verifies(plain signature: Bytes, of message: Bytes, digest: Digest) -> Bool {
        guard case .ec(let half, _) = kind, signature.count == 2 * half, let value = ECDSA_SIG_new() else {
            return false
        }
        defer { ECDSA_SIG_free(value) }
        let r = BN_bin2bn(Bytes(signature.prefix(half)), Int32(half), nil)
        let s = BN_bin2bn(Bytes(signature.suffix(half)), Int32(half), nil)
        ECDSA_SIG_set0(value, r, s)
        var der: UnsafeMutablePointer<UInt8>?
        let count = i2d_ECDSA_SIG(value, &der)
        guard count > 0, let der else { return false }
        defer { sakk_openssl_free(der) }
        let encoded = Bytes(UnsafeBufferPointer(start: der, count: Int(count)))
        return verifies(encoded, message, digest) { _ in 1 }
    }

    /// RSASSA-PSS with the salt as long as the hash.
    public func verifies(pss signature: Bytes, of message: Bytes, digest: Digest) -> Bool {
        guard case .rsa = kind else { return false }
        return verifies(signature, message, digest) { sakk_set_rsa_pss($0, digest.algorithm) }
    }

    private func verifies(
        _ signature: Bytes, _ message: Bytes, _ digest: Digest, prepare: (OpaquePointer?) -> Int32
    ) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var inner: OpaquePointer?
        return EVP_DigestVerifyInit(context, &inner, digest.algorithm, nil, handle.pointer) == 1
            && prepare(inner) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

extension PublicKey {
    /// The modulus less a number of its length: ISO/IEC 9796-2 lets a signer take the smaller of the two.
    public func complement(of representative: Bytes) -> Bytes? {
        guard let modulus = Self.number(handle.pointer, "n") else { return nil }
        let value = Big(representative)
        guard value < modulus else { return nil }
        return Modulus(modulus).subtract(Big(0), value).bytes(count: representative.count)
    }
}

extension Digest {
    /// Bytes of the hash.
    public var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}
