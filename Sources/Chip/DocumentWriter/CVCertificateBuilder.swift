public import Ground
public import OpenSSLCrypto

/// Makes card verifiable certificates (9303-12, 7.2): for the plant's own inspection system, which reads fingerprints back.
/// A country's authority has a tool of its own.
public struct CVCertificateBuilder: Sendable {
    public enum Role: UInt8, Sendable {
        case authority = 0xC0
        case domesticVerifier = 0x80
        case foreignVerifier = 0x40
        case inspectionSystem = 0x00
    }

    /// Signature algorithm of the holder's key: last two arcs of id-TA.
    public enum Algorithm: Sendable {
        case rsaPSS256, rsaPSS512, ecdsa224, ecdsa256, ecdsa384, ecdsa512

        var arcs: Bytes {
            switch self {
            case .rsaPSS256: [1, 4]
            case .rsaPSS512: [1, 6]
            case .ecdsa224: [2, 2]
            case .ecdsa256: [2, 3]
            case .ecdsa384: [2, 4]
            case .ecdsa512: [2, 5]
            }
        }
    }

    /// Certification authority reference and holder reference: country, mnemonic, sequence number; 8 to 16 characters.
    public var authority: String
    public var holder: String
    public var role: Role
    /// Bit 0 fingers, bit 1 irises.
    public var rights: UInt8
    public var effective: CivilDate
    public var expires: CivilDate

    public init(
        authority: String, holder: String, role: Role, rights: UInt8, effective: CivilDate, expires: CivilDate
    ) {
        self.authority = authority
        self.holder = holder
        self.role = role
        self.rights = rights
        self.effective = effective
        self.expires = expires
    }

    static let terminal: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02]
    /// id-IS: 0.4.0.127.0.7.3.1.2.1
    private static let inspection: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x01, 0x02, 0x01]

    /// The certificate of `key`'s public half, signed by `signer`. EC keys carry their domain parameters only in an
    /// authority's certificate (7.2.2.3).
    public func certificate(
        for key: PrivateKey, algorithm: Algorithm, signer: PrivateKey, signerAlgorithm: Algorithm
    ) throws(SakkError) -> Bytes {
        let numbers = try Self.numbers(of: try key.publicKeyInfo(explicit: true), withDomain: role == .authority)
        let body = TLV(
            0x7F4E,
            [
                TLV(0x5F29, [0]), TLV(0x42, Bytes(authority.utf8)),
                TLV(0x7F49, [TLV(0x06, Self.terminal + algorithm.arcs)] + numbers),
                TLV(0x5F20, Bytes(holder.utf8)),
                TLV(0x7F4C, [TLV(0x06, Self.inspection), TLV(0x53, [role.rawValue | rights & 0x3F])]),
                TLV(0x5F25, Self.digits(effective)), TLV(0x5F24, Self.digits(expires)),
            ])
        let signature: Bytes
        switch signerAlgorithm {
        case .rsaPSS256: signature = try signer.signPSS(body.encoded, digest: .sha256)
        case .rsaPSS512: signature = try signer.signPSS(body.encoded, digest: .sha512)
        case .ecdsa224: signature = try signer.signPlain(body.encoded, digest: .sha224)
        case .ecdsa256: signature = try signer.signPlain(body.encoded, digest: .sha256)
        case .ecdsa384: signature = try signer.signPlain(body.encoded, digest: .sha384)
        case .ecdsa512: signature = try signer.signPlain(body.encoded, digest: .sha512)
        }
        return TLV(0x7F21, [body, TLV(0x5F37, signature)]).encoded
    }

    /// YYMMDD, one digit in each byte.
    private static func digits(_ date: CivilDate) -> Bytes { date.yymmdd.utf8.map { $0 - UInt8(ascii: "0") } }

    /// Objects 81 to 87 from a SubjectPublicKeyInfo with explicit parameters (9303-11, 9.4).
    static func numbers(of info: Bytes, withDomain: Bool) throws(SakkError) -> [TLV] {
        let malformed = SakkError(
            "lds.cvc.key", source: "document writer", text: "This key cannot stand in a card verifiable certificate.",
            remedy: "Use an RSA key or a key on a prime curve.")
        guard let parts = TLV.parse(info)?.children, parts.count == 2,
            let algorithm = parts[0].children
        else { throw malformed }
        let bits = Bytes(parts[1].value.dropFirst())
        func unsigned(_ object: TLV) -> Bytes { Bytes(object.value.drop { $0 == 0 }) }
        if let rsa = TLV.parse(bits)?.children, rsa.count == 2, algorithm.last?.tag == 0x05 {
            return [TLV(0x81, unsigned(rsa[0])), TLV(0x82, unsigned(rsa[1]))]
        }
        guard let domain = algorithm.last?.children, domain.count >= 5, let field = domain[1].children,
            field.count == 2, let curve = domain[2].children, curve.count >= 2
        else { throw malformed }
        let point = TLV(0x86, bits)
        guard withDomain else { return [point] }
        return [
            TLV(0x81, unsigned(field[1])), TLV(0x82, curve[0].value), TLV(0x83, curve[1].value),
            TLV(0x84, domain[3].value), TLV(0x85, unsigned(domain[4])), point, TLV(0x87, [1]),
        ]
    }
}
