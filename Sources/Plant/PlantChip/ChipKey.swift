internal import COpenSSL
internal import Ground

/// A key pair that lives in the chip: for Active or for Chip Authentication.
struct ChipKey: Sendable {
    enum Material: Sendable {
        /// Modulus and private exponent.
        case rsa(modulus: Bytes, exponent: Bytes)
        /// PKCS #8.
        case ec(Bytes)
    }

    let material: Material

    init(material: Material) { self.material = material }

    /// PKCS #8, RSA or EC; nil for anything else.
    init?(pkcs8 der: Bytes) {
        guard let key = Self.open(der) else { return nil }
        defer { EVP_PKEY_free(key) }
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            guard let n = Self.number(key, "n"), let d = Self.number(key, "d") else { return nil }
            material = .rsa(modulus: n, exponent: d)
        case EVP_PKEY_EC: material = .ec(der)
        default: return nil
        }
    }

    /// Born in the chip: an EC key on standardised parameters, or RSA with so many bits.
    static func fresh(_ parameter: Int) -> (key: ChipKey, info: Bytes)? {
        let made =
            parameter >= 512
            ? sakk_fresh_rsa_key(parameter) : ChipGroup.curveName(parameter).flatMap { sakk_fresh_ec_key($0) }
        guard let made else { return nil }
        defer { EVP_PKEY_free(made) }
        var info: UnsafeMutablePointer<UInt8>?
        let count = sakk_explicit_or_plain_pubkey(made, &info)
        guard count > 0, let info, let list = EVP_PKEY2PKCS8(made) else { return nil }
        defer {
            sakk_openssl_free(info)
            PKCS8_PRIV_KEY_INFO_free(list)
        }
        var der: UnsafeMutablePointer<UInt8>?
        let length = i2d_PKCS8_PRIV_KEY_INFO(list, &der)
        guard length > 0, let der else { return nil }
        defer { sakk_openssl_free(der) }
        let encoded = Bytes(UnsafeBufferPointer(start: der, count: Int(length)))
        return ChipKey(pkcs8: encoded).map { ($0, Bytes(UnsafeBufferPointer(start: info, count: Int(count)))) }
    }

    private static func open(_ der: Bytes) -> OpaquePointer? {
        var cursor: UnsafePointer<UInt8>?
        let key: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            cursor = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &cursor, buffer.count)
        }
        ERR_clear_error()
        return key
    }

    private static func number(_ key: OpaquePointer, _ name: String) -> Bytes? {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &value) == 1, let value else { return nil }
        return ChipNumber(owning: value).bytes
    }

    /// Private number of an EC key, for key agreement.
    var secret: Bytes? {
        guard case .ec(let der) = material, let key = Self.open(der) else { return nil }
        defer { EVP_PKEY_free(key) }
        return Self.number(key, "priv")
    }

    /// Active Authentication (Doc 9303-11 clause 6.1.2).
    func answer(to challenge: Bytes, random: inout ChipRandom) -> Bytes? {
        switch material {
        case .rsa(let modulus, let exponent): return recoverable(challenge, modulus, exponent, &random)
        case .ec(let der): return plain(challenge, der)
        }
    }

    /// ISO/IEC 9796-2 scheme 1: 6A, M1, hash, trailer. SHA-1 up to 1024 bits as the open applet does, else SHA-256.
    private func recoverable(
        _ challenge: Bytes, _ modulus: Bytes, _ exponent: Bytes, _ random: inout ChipRandom
    ) -> Bytes {
        let short = modulus.count <= 128
        let trailer: Bytes = short ? [0xBC] : [0x34, 0xCC]
        let recovered = random.bytes(modulus.count - 1 - (short ? 20 : 32) - trailer.count)
        let hash = short ? ChipCrypto.sha1(recovered + challenge) : ChipCrypto.sha256(recovered + challenge)
        let message = [0x6A] + recovered + hash + trailer
        return ChipNumber.power(ChipNumber(message), ChipNumber(exponent), mod: ChipNumber(modulus))
            .padded(to: modulus.count)
    }

    /// r and s side by side over SHA-256, or over the hash as long as a longer key.
    private func plain(_ challenge: Bytes, _ der: Bytes) -> Bytes? {
        guard let key = Self.open(der), let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_PKEY_free(key)
            EVP_MD_CTX_free(context)
        }
        guard let order = Self.number(key, "order") else { return nil }
        let bits = ChipNumber(order).bits
        let digest = bits >= 512 ? EVP_sha512() : bits >= 384 ? EVP_sha384() : bits < 256 ? EVP_sha224() : EVP_sha256()
        var count = 0
        guard EVP_DigestSignInit(context, nil, digest, nil, key) == 1,
            EVP_DigestSign(context, nil, &count, challenge, challenge.count) == 1
        else { return nil }
        var signature = Bytes(repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, challenge, challenge.count) == 1,
            let pair = TLV.parse(Bytes(signature.prefix(count)))?.children, pair.count == 2
        else { return nil }
        let width = (bits + 7) / 8
        return ChipNumber(pair[0].value).padded(to: width) + ChipNumber(pair[1].value).padded(to: width)
    }
}
