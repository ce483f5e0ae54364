import COpenSSL
public import Ground

extension PrivateKey {
    /// Unencrypted PKCS #8 in DER.
    public init(der: Bytes) throws(SakkError) {
        var cursor: UnsafePointer<UInt8>?
        let pointer: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            guard !buffer.isEmpty else { return nil }
            cursor = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &cursor, buffer.count)
        }
        guard let pointer else { throw keyFailure("This is not a private key in DER.") }
        self.init(handle: KeyHandle(pointer))
    }

    /// A fresh EC key on standardised domain parameters (Doc 9303-11 table 12), or RSA of `bits`.
    public static func fresh(curve parameter: Int) throws(SakkError) -> PrivateKey {
        guard let curve = EllipticCurve(standard: parameter) else { throw keyFailure("There is no such curve.") }
        let name = OBJ_nid2sn(EC_GROUP_get_curve_name(curve.group))
        guard let name, let pointer = sakk_fresh_ec_key(name) else { throw keyFailure("No key could be made.") }
        return PrivateKey(handle: KeyHandle(pointer))
    }

    public static func fresh(rsaBits bits: Int) throws(SakkError) -> PrivateKey {
        guard let pointer = sakk_fresh_rsa_key(bits) else { throw keyFailure("No key could be made.") }
        return PrivateKey(handle: KeyHandle(pointer))
    }

    /// SubjectPublicKeyInfo. `explicit` writes the curve's parameters out, as 9303-12 asks for them.
    public func publicKeyInfo(explicit: Bool = false) throws(SakkError) -> Bytes {
        var output: UnsafeMutablePointer<UInt8>?
        let count = explicit ? sakk_explicit_pubkey(handle.pointer, &output) : i2d_PUBKEY(handle.pointer, &output)
        guard count > 0, let output else { throw keyFailure("The public key cannot be written.") }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    /// PKCS #8, in the clear: for a chip's own key on its way into the chip.
    public func pkcs8() throws(SakkError) -> Bytes {
        guard let info = EVP_PKEY2PKCS8(handle.pointer) else { throw keyFailure("The key cannot be written.") }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_PKCS8_PRIV_KEY_INFO(info, &output)
        guard count > 0, let output else { throw keyFailure("The key cannot be written.") }
        defer {
            OPENSSL_cleanse(output, Int(count))
            sakk_openssl_free(output)
        }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    /// ECDSA as r and s side by side (BSI TR-03111 clause 5.2.1).
    public func signPlain(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
        let der = try sign(message, digest) { _ in 1 }
        guard let half = PublicKey(info: try publicKeyInfo()), case .ec(let count, _) = half.kind else {
            throw keyFailure("This is not an EC key.")
        }
        guard let plain = ECDSASignature.plain(der: der, half: count) else {
            throw keyFailure("The signature has no plain form.")
        }
        return plain
    }

    /// RSASSA-PSS with the salt as long as the hash.
    public func signPSS(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
        try sign(message, digest) { sakk_set_rsa_pss($0, digest.algorithm) }
    }

    func sign(
        _ message: Bytes, _ digest: Digest, prepare: (OpaquePointer?) -> Int32
    ) throws(SakkError) -> Bytes {
        guard let context = EVP_MD_CTX_new() else { throw keyFailure("Out of memory.") }
        defer { EVP_MD_CTX_free(context) }
        var inner: OpaquePointer?
        var count = 0
        guard EVP_DigestSignInit(context, &inner, digest.algorithm, nil, handle.pointer) == 1, prepare(inner) == 1,
            EVP_DigestSign(context, nil, &count, message, message.count) == 1
        else { throw keyFailure("The signature could not be made.") }
        var output = Bytes(repeating: 0, count: count)
        guard EVP_DigestSign(context, &output, &count, message, message.count) == 1 else {
            throw keyFailure("The signature could not be made.")
        }
        return Bytes(output.prefix(count))
    }
}
