internal import COpenSSL
internal import Ground

/// A card verifiable certificate as the chip understands it (Doc 9303-12 clause 7.2).
struct ChipCertificate: Sendable {
    let body: Bytes
    let signature: Bytes
    let authority: Bytes
    let holder: Bytes
    let key: ChipTerminalKey
    /// Role in the top two bits: 11 authority, 10 and 01 document verifier, 00 terminal.
    let authorization: Bytes
    let effective: Bytes
    let expires: Bytes

    /// 7F21 with body and signature, or both side by side as PSO:Verify Certificate brings them. A key without domain
    /// parameters takes those of `issuer`.
    init?(_ bytes: Bytes, issuer: ChipTerminalKey?) {
        guard let outer = TLV.parseAll(bytes) else { return nil }
        let parts = outer.count == 1 && outer[0].tag == 0x7F21 ? outer[0].children ?? [] : outer
        guard parts.count == 2, parts[0].tag == 0x7F4E, parts[1].tag == 0x5F37,
            let authority = parts[0].first(0x42)?.value, let holder = parts[0].first(0x5F20)?.value,
            let key = parts[0].first(0x7F49).flatMap({ ChipTerminalKey($0, issuer: issuer) }),
            let rights = parts[0].first(0x7F4C)?.first(0x53)?.value, !rights.isEmpty,
            let effective = parts[0].first(0x5F25)?.value, let expires = parts[0].first(0x5F24)?.value
        else { return nil }
        body = parts[0].encoded
        signature = parts[1].value
        self.authority = authority
        self.holder = holder
        self.key = key
        authorization = rights
        self.effective = effective
        self.expires = expires
    }
}

/// A public key of Terminal Authentication: algorithm and numbers (Doc 9303-11 clause 9.4).
struct ChipTerminalKey: Sendable {
    /// Last two arcs of id-TA: family 1 RSA or 2 ECDSA, and the hash.
    let algorithm: Bytes
    /// Objects 81 to 87 by tag.
    let numbers: [UInt32: Bytes]

    init?(_ object: TLV, issuer: ChipTerminalKey?) {
        guard let fields = object.children, let first = fields.first, first.tag == 0x06,
            first.value.starts(with: [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02]), first.value.count == 10
        else { return nil }
        algorithm = Bytes(first.value.suffix(2))
        var numbers = Dictionary(fields.dropFirst().map { ($0.tag, $0.value) }, uniquingKeysWith: { $1 })
        if algorithm[0] == 2, numbers[0x81] == nil {
            for (tag, value) in issuer?.numbers ?? [:] where tag != 0x86 { numbers[tag] = value }
        }
        self.numbers = numbers
    }

    private var digest: OpaquePointer? {
        switch algorithm {
        case [1, 4], [2, 3]: EVP_sha256()
        case [1, 6], [2, 5]: EVP_sha512()
        case [2, 2]: EVP_sha224()
        case [2, 4]: EVP_sha384()
        default: nil
        }
    }

    func verifies(_ signature: Bytes, of message: Bytes) -> Bool {
        guard let digest, let key = publicKey, let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        var inner: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &inner, digest, nil, key) == 1 else { return false }
        var encoded = signature
        if algorithm[0] == 1 {
            guard sakk_set_rsa_pss(inner, digest) == 1 else { return false }
        } else {
            guard signature.count % 2 == 0, !signature.isEmpty else { return false }
            let half = signature.count / 2
            let parts = [Bytes(signature.prefix(half)), Bytes(signature.suffix(half))].map(Self.integer)
            encoded = TLV(0x30, parts).encoded
        }
        return EVP_DigestVerify(context, encoded, encoded.count, message, message.count) == 1
    }

    /// A positive INTEGER of DER.
    private static func integer(_ bytes: Bytes) -> TLV {
        let digits = Bytes(bytes.drop { $0 == 0 })
        return TLV(0x02, (digits.first ?? 0x80) & 0x80 != 0 ? [0] + digits : digits)
    }

    /// SubjectPublicKeyInfo from the numbers; the caller frees the key.
    private var publicKey: OpaquePointer? {
        let info: TLV
        if algorithm[0] == 1 {
            guard let n = numbers[0x81], let e = numbers[0x82] else { return nil }
            let key = TLV(0x30, [Self.integer(n), Self.integer(e)]).encoded
            let identifier = TLV(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01])
            info = TLV(0x30, [TLV(0x30, [identifier, TLV(0x05, Bytes())]), TLV(0x03, [0] + key)])
        } else {
            guard let p = numbers[0x81], let a = numbers[0x82], let b = numbers[0x83], let g = numbers[0x84],
                let r = numbers[0x85], let y = numbers[0x86]
            else { return nil }
            let curve = TLV(0x30, [TLV(0x04, a), TLV(0x04, b)])
            let field = TLV(0x30, [TLV(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01]), Self.integer(p)])
            let parameters = TLV(
                0x30, [TLV(0x02, [1]), field, curve, TLV(0x04, g), Self.integer(r), TLV(0x02, [1])])
            let identifier = TLV(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01])
            info = TLV(0x30, [TLV(0x30, [identifier, parameters]), TLV(0x03, [0] + y)])
        }
        return info.encoded.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_PUBKEY(nil, &cursor, buffer.count)
        }
    }
}

/// Terminal Authentication on the chip (Doc 9303-11 clause 7.1): from the trust point to a terminal's rights.
struct PassportTerminal: Sendable {
    /// Lives in the chip's memory and moves with link certificates.
    struct TrustPoint: Sendable {
        var certificate: ChipCertificate
        /// Six digits, YYMMDD: the newest effective date that a trusted certificate brought.
        var date: Bytes
    }

    private var chosen: Bytes?
    private var imported: ChipCertificate?
    private var rights: UInt8?
    private var terminal: ChipCertificate?
    private var challenge: Bytes?
    private(set) var granted: UInt8 = 0
    private var isDone = false

    mutating func choose(_ data: Bytes) -> Answer {
        guard let object = TLV.parse(data), object.tag == 0x83 else { return .status(0x6A80) }
        chosen = object.value
        return Answer()
    }

    /// PSO:Verify Certificate.
    mutating func verify(_ data: Bytes, trust: inout TrustPoint?) -> Answer {
        guard let point = trust, let chosen else { return .status(0x6985) }
        let issuer: ChipCertificate
        if point.certificate.holder == chosen {
            issuer = point.certificate
            rights = nil
        } else if let imported, imported.holder == chosen {
            issuer = imported
        } else {
            return .status(0x6A88)
        }
        guard let certificate = ChipCertificate(data, issuer: issuer.key), certificate.authority == chosen else {
            return .status(0x6A80)
        }
        guard issuer.key.verifies(certificate.signature, of: certificate.body) else { return .status(0x6300) }
        let isLink = certificate.authorization[0] & 0xC0 == 0xC0
        guard isLink || !certificate.expires.lexicographicallyPrecedes(point.date) else { return .status(0x6300) }
        // only an authority makes verifiers, only a verifier makes terminals
        let role = issuer.authorization[0] >> 6
        let own = certificate.authorization[0] >> 6
        guard role == 3 ? own != 0 : role != 0 && own == 0 else { return .status(0x6300) }
        if point.date.lexicographicallyPrecedes(certificate.effective), own != 0 {
            trust?.date = certificate.effective
        }
        if isLink { trust?.certificate = certificate }
        let inherited = rights ?? issuer.authorization.last! & 0x3F
        rights = inherited & certificate.authorization.last!
        imported = certificate
        return Answer()
    }

    mutating func selectTerminal(_ data: Bytes) -> Answer {
        guard !isDone else { return .status(0x6982) }
        guard let object = TLV.parse(data), object.tag == 0x83, let imported, imported.holder == object.value,
            imported.authorization[0] & 0xC0 == 0
        else { return .status(0x6A88) }
        terminal = imported
        return Answer()
    }

    var awaitsChallenge: Bool { terminal != nil && !isDone }

    mutating func draw(_ random: inout ChipRandom) -> Answer {
        let value = random.bytes(8)
        challenge = value
        return Answer(value)
    }

    /// EXTERNAL AUTHENTICATE over chip identity, challenge and the terminal's ephemeral key.
    mutating func authenticate(_ signature: Bytes, identity: Bytes, terminalKey: Bytes?) -> Answer {
        guard !isDone, let terminal, let challenge, let terminalKey else { return .status(0x6982) }
        self.challenge = nil
        guard terminal.key.verifies(signature, of: identity + challenge + terminalKey) else { return .status(0x6300) }
        isDone = true
        granted = rights ?? 0
        return Answer()
    }
}
