public import Ground

/// A key that signs and is never shown: in memory, or in a token.
public protocol SigningKey: Sendable {
    var kind: SigningKeyKind { get }
    /// SubjectPublicKeyInfo in DER, a curve by its name.
    func publicKeyInfo() throws(SakkError) -> Bytes
    /// Over the hash of `message`: ECDSA as Ecdsa-Sig-Value in DER (RFC 3279 2.2.3), RSA as RSASSA-PKCS1-v1_5.
    func sign(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes
}

public enum SigningKeyKind: String, Sendable {
    case ecdsa
    case rsa
}

extension SigningKeyKind {
    /// AlgorithmIdentifier of a signature (RFC 5758 3.2; RFC 4055 5), in DER. Made once for each.
    func algorithm(_ digest: Digest) -> Bytes {
        self == .ecdsa ? Self.ecdsaAlgorithms[digest.place] : Self.rsaAlgorithms[digest.place]
    }

    private static let ecdsaAlgorithms = Digest.allCases.map(SigningKeyKind.ecdsa.made)
    private static let rsaAlgorithms = Digest.allCases.map(SigningKeyKind.rsa.made)

    private func made(_ digest: Digest) -> Bytes {
        switch self {
        case .ecdsa:
            // ecdsa-with-SHA2: 1.2.840.10045.4.3.x; the parameters are absent
            let arc: UInt8 =
                switch digest {
                case .sha224: 1
                case .sha256: 2
                case .sha384: 3
                case .sha512: 4
                case .sha1: 0
                }
            let oid: Bytes =
                arc == 0
                ? [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01]
                : [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, arc]
            return [0x30, UInt8(oid.count + 2), 0x06, UInt8(oid.count)] + oid
        case .rsa:
            // sha…WithRSAEncryption: 1.2.840.113549.1.1.x; the parameters are NULL
            let arc: UInt8 =
                switch digest {
                case .sha1: 5
                case .sha224: 14
                case .sha256: 11
                case .sha384: 12
                case .sha512: 13
                }
            let oid: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, arc]
            return [0x30, UInt8(oid.count + 4), 0x06, UInt8(oid.count)] + oid + [0x05, 0x00]
        }
    }
}

extension Digest {
    /// Object identifier's value (NIST CSOR 2.16.840.1.101.3.4.2; SHA-1 1.3.14.3.2.26).
    var objectIdentifier: Bytes {
        let arc: UInt8
        switch self {
        case .sha1: return [0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha256: arc = 1
        case .sha384: arc = 2
        case .sha512: arc = 3
        case .sha224: arc = 4
        }
        return [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc]
    }

    /// AlgorithmIdentifier with absent parameters, in DER (RFC 5754 2). Made once for each.
    public var algorithmIdentifier: Bytes { Self.algorithmIdentifiers[place] }

    private static let algorithmIdentifiers = allCases.map { digest -> Bytes in
        let oid = digest.objectIdentifier
        return [0x30, UInt8(oid.count + 2), 0x06, UInt8(oid.count)] + oid
    }

    /// Index in `allCases`.
    fileprivate var place: Int {
        switch self {
        case .sha1: 0
        case .sha224: 1
        case .sha256: 2
        case .sha384: 3
        case .sha512: 4
        }
    }

    /// DigestInfo of RFC 8017 9.2: what RSASSA-PKCS1-v1_5 pads.
    public func digestInfo(_ message: Bytes) -> Bytes {
        let algorithm = TLV(0x30, [TLV(0x06, objectIdentifier), TLV(0x05, Bytes())])
        return TLV(0x30, [algorithm, TLV(0x04, of(message))]).encoded
    }
}

/// Ecdsa-Sig-Value (RFC 3279 2.2.3) from r and s side by side.
public enum ECDSASignature {
    /// r and s side by side, `half` bytes each (BSI TR-03111 5.2.1), from Ecdsa-Sig-Value; nil for other bytes.
    public static func plain(der: Bytes, half: Int) -> Bytes? {
        guard let parts = TLV.parse(der)?.children, parts.count == 2, parts.allSatisfy({ $0.tag == 0x02 }) else {
            return nil
        }
        var plain = Bytes()
        for part in parts {
            let number = Bytes(part.value.drop { $0 == 0 })
            guard number.count <= half else { return nil }
            plain += Bytes(repeating: 0, count: half - number.count) + number
        }
        return plain
    }

    public static func der(plain: Bytes) -> Bytes {
        let half = plain.count / 2
        let (r, s) = (plain.prefix(half), plain.suffix(half))
        let whole = DERWriter.size(DERWriter.unsignedCount(r)) + DERWriter.size(DERWriter.unsignedCount(s))
        return DERWriter.bytes(DERWriter.size(whole)) { der in
            der.open(0x30, whole)
            der.append(unsigned: r)
            der.append(unsigned: s)
        }
    }
}
