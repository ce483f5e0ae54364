public import Ground

/// Domain parameters of a Diffie-Hellman key agreement, in a prime field or on a prime curve, as PACE and Chip
/// Authentication use them (Doc 9303-11 clauses 9.5 and 9.6). Public keys are uncompressed points (04 x y) or unsigned
/// integers without leading zeros; private keys are unsigned integers. Every public key that comes in is validated.
public struct AgreementDomain: Sendable {
    public enum Kind: Sendable {
        case dh
        case ecdh
    }

    enum Group: Sendable {
        case field(PrimeField)
        case curve(EllipticCurve)
    }

    let group: Group

    public var kind: Kind {
        switch group {
        case .field: .dh
        case .curve: .ecdh
        }
    }

    /// Standardised domain parameters by their number (Doc 9303-11 table 12): 0 to 2 and 8 to 18; nil for another.
    public static func standard(_ parameter: Int) -> AgreementDomain? {
        if let field = PrimeField(standard: parameter) { return AgreementDomain(group: .field(field)) }
        return EllipticCurve(standard: parameter).map { AgreementDomain(group: .curve($0)) }
    }

    /// Numbers of the standardised domain parameters.
    public static let standardParameters = [0, 1, 2] + Array(8...18)

    init(group: Group) { self.group = group }

    /// From ECParameters in DER, named or explicit.
    public init?(curveParameters der: Bytes) {
        guard let curve = EllipticCurve(parameters: der) else { return nil }
        group = .curve(curve)
    }

    /// A prime field; `order` is the order of the generator where it is known. At most 4096 bits.
    public init?(prime: Bytes, generator: Bytes, order: Bytes?) {
        guard let field = PrimeField(prime: prime, generator: generator, order: order) else { return nil }
        group = .field(field)
    }

    /// Bytes of a coordinate or of the field's prime.
    public var fieldBytes: Int {
        switch group {
        case .field(let field): field.prime.byteCount
        case .curve(let curve): curve.fieldBytes
        }
    }

    /// A fresh private key and its public key.
    public func keyPair() throws(SakkError) -> (private: Bytes, public: Bytes) {
        let key: Big
        switch group {
        case .field(let field): key = try Big.random(below: field.exponentBound)
        case .curve(let curve): key = try Big.random(below: curve.order)
        }
        let secret = key.bytes
        return (secret, try publicKey(of: secret))
    }

    public func publicKey(of privateKey: Bytes) throws(SakkError) -> Bytes {
        let key = Big(privateKey)
        switch group {
        case .field(let field): return field.modulus.power(field.generator, key).bytes
        case .curve(let curve):
            guard let point = curve.multiply(key, nil) else { throw Self.badKey() }
            return curve.encode(point)
        }
    }

    /// Whether a public key belongs to the group and is not a trivial element.
    public func isValid(publicKey: Bytes) -> Bool {
        switch group {
        case .field(let field): field.isValid(Big(publicKey))
        case .curve(let curve): curve.point(publicKey).map { curve.multiply(curve.cofactor, $0) != nil } ?? false
        }
    }

    /// The shared secret: x coordinate or field element, at the field's full length (BSI TR-03111 FE2OS).
    public func agree(privateKey: Bytes, publicKey: Bytes) throws(SakkError) -> Bytes {
        switch group {
        case .field(let field):
            let peer = Big(publicKey)
            guard field.isValid(peer) else { throw Self.badKey() }
            return field.modulus.power(peer, Big(privateKey)).bytes(count: fieldBytes)
        case .curve(let curve):
            let encoded = curve.encode(try point(curve, privateKey, publicKey))
            return Bytes(encoded[1..<(1 + fieldBytes)])
        }
    }

    /// `scalar` times a public key: for the Chip Authentication Mapping.
    public func multiply(publicKey: Bytes, by scalar: Bytes) throws(SakkError) -> Bytes {
        switch group {
        case .field(let field):
            let peer = Big(publicKey)
            guard field.isValid(peer) else { throw Self.badKey() }
            return field.modulus.power(peer, Big(scalar)).bytes
        case .curve(let curve): return curve.encode(try point(curve, scalar, publicKey))
        }
    }

    /// The public key as Terminal Authentication names it (clauses 7.1.4.1.3 and 7.1.4.2.3): the x coordinate, or the
    /// SHA-1 hash of the field element.
    public func compressed(publicKey: Bytes) -> Bytes {
        switch kind {
        case .dh: Digest.sha1(publicKey)
        case .ecdh: Bytes(publicKey.dropFirst().prefix(fieldBytes))
        }
    }

    private func point(_ curve: EllipticCurve, _ scalar: Bytes, _ encoded: Bytes) throws(SakkError)
        -> EllipticCurve.Point
    {
        guard let peer = curve.point(encoded), let whole = curve.multiply(curve.cofactor, peer),
            let result = curve.multiply(Big(scalar), whole)
        else { throw Self.badKey() }
        return result
    }

    static func badKey() -> SakkError {
        SakkError(
            "crypto.agreement.key", source: "crypto",
            text: "A public key is not an element of the group that was agreed on.",
            remedy: "Do not go on with this chip; its answer is wrong.")
    }
}

extension AgreementDomain {
    /// Generic mapping (clause 4.4.3.3.1): the new base is `nonce` times the old one, plus the anonymous agreement.
    public func mapped(nonce: Bytes, privateKey: Bytes, publicKey: Bytes) throws(SakkError) -> AgreementDomain {
        switch group {
        case .field(let field):
            let peer = Big(publicKey)
            guard field.isValid(peer) else { throw Self.badKey() }
            let modulus = field.modulus
            let shared = modulus.power(peer, Big(privateKey))
            let base = modulus.multiply(modulus.power(field.generator, Big(nonce)), shared)
            return AgreementDomain(group: .field(try field.with(generator: base)))
        case .curve(let curve):
            let shared = try point(curve, privateKey, publicKey)
            let scalar = Modulus(curve.order).reduce(Big(nonce))
            guard let left = curve.multiply(scalar, nil), let sum = curve.add(left, shared),
                let mapped = curve.with(generator: curve.encode(sum))
            else { throw Self.badKey() }
            return AgreementDomain(group: .curve(mapped))
        }
    }

    /// Integrated mapping (clause 4.4.3.3.2) of the pseudo-random number R(s,t), which is reduced here.
    public func mapped(pseudoRandom: Bytes) throws(SakkError) -> AgreementDomain {
        switch group {
        case .field(let field):
            guard let cofactor = field.cofactor else { throw Self.badKey() }
            let base = field.modulus.power(field.modulus.reduce(Big(pseudoRandom)), cofactor)
            return AgreementDomain(group: .field(try field.with(generator: base)))
        case .curve(let curve):
            let value = Modulus(curve.prime).reduce(Big(pseudoRandom))
            guard let point = curve.encodedPoint(of: value), let mapped = curve.with(generator: point) else {
                throw Self.badKey()
            }
            return AgreementDomain(group: .curve(mapped))
        }
    }

    /// The base point or base element, for comparison with worked examples.
    public var generator: Bytes {
        switch group {
        case .field(let field): field.generator.bytes
        case .curve(let curve): curve.multiply(Big(1), nil).map(curve.encode) ?? []
        }
    }

    /// Bits of the field's prime.
    public var fieldBits: Int {
        switch group {
        case .field(let field): field.prime.bits
        case .curve(let curve): curve.prime.bits
        }
    }
}
