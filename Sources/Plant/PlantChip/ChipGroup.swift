internal import COpenSSL
internal import Ground

/// The group a chip agrees keys in: a subgroup of a prime field or a prime curve (Doc 9303-11 clause 9.5). The chip's own
/// code: the reader has another.
enum ChipGroup {
    case field(prime: ChipNumber, order: ChipNumber, generator: ChipNumber)
    case curve(Curve)

    /// A prime curve; the base point may be another than the curve's own.
    final class Curve {
        let group: OpaquePointer
        let prime = ChipNumber()
        let a = ChipNumber()
        let b = ChipNumber()
        let order = ChipNumber()
        let base: Bytes

        init?(_ group: OpaquePointer?, base: Bytes? = nil) {
            guard let group else { return nil }
            self.group = group
            EC_GROUP_get_curve(group, prime.pointer, a.pointer, b.pointer, nil)
            EC_GROUP_get_order(group, order.pointer, nil)
            let width = 1 + 2 * ((prime.bits + 7) / 8)
            var own = Bytes(repeating: 0, count: width)
            EC_POINT_point2oct(
                group, EC_GROUP_get0_generator(group), POINT_CONVERSION_UNCOMPRESSED, &own, width, nil)
            self.base = base ?? own
        }

        deinit { EC_GROUP_free(group) }

        var width: Int { (prime.bits + 7) / 8 }

        /// k1 P1 [+ k2 P2]; nil when a point is not on the curve or the sum is infinity.
        func combine(_ k1: ChipNumber, _ p1: Bytes, _ k2: ChipNumber? = nil, _ p2: Bytes = []) -> Bytes? {
            let result = EC_POINT_new(group)!
            let term = EC_POINT_new(group)!
            defer {
                EC_POINT_free(result)
                EC_POINT_free(term)
                ERR_clear_error()
            }
            guard load(p1, into: term), EC_POINT_mul(group, result, nil, term, k1.pointer, nil) == 1 else { return nil }
            if let k2 {
                guard load(p2, into: term), EC_POINT_mul(group, term, nil, term, k2.pointer, nil) == 1,
                    EC_POINT_add(group, result, result, term, nil) == 1
                else { return nil }
            }
            guard EC_POINT_is_at_infinity(group, result) == 0 else { return nil }
            var output = Bytes(repeating: 0, count: 1 + 2 * width)
            EC_POINT_point2oct(group, result, POINT_CONVERSION_UNCOMPRESSED, &output, output.count, nil)
            return output
        }

        private func load(_ encoded: Bytes, into point: OpaquePointer) -> Bool {
            encoded.count == 1 + 2 * width && encoded.first == 4
                && EC_POINT_oct2point(group, point, encoded, encoded.count, nil) == 1
                && EC_POINT_is_on_curve(group, point, nil) == 1
        }
    }

    private static let curves: [Int: String] = [
        8: "prime192v1", 9: "brainpoolP192r1", 10: "secp224r1", 11: "brainpoolP224r1", 12: "prime256v1",
        13: "brainpoolP256r1", 14: "brainpoolP320r1", 15: "secp384r1", 16: "brainpoolP384r1", 17: "brainpoolP512r1",
        18: "secp521r1",
    ]

    static func curveName(_ parameter: Int) -> String? { curves[parameter] }

    init?(parameter: Int) {
        if let name = Self.curves[parameter] {
            guard let curve = Curve(EC_GROUP_new_by_curve_name(OBJ_sn2nid(name))) else { return nil }
            self = .curve(curve)
            return
        }
        var p: OpaquePointer?
        var q: OpaquePointer?
        var g: OpaquePointer?
        guard sakk_rfc5114_group(Int32(parameter), &p, &q, &g) == 1 else { return nil }
        self = .field(
            prime: ChipNumber(owning: p!), order: ChipNumber(owning: q!), generator: ChipNumber(owning: g!))
    }

    var isCurve: Bool {
        if case .curve = self { return true }
        return false
    }

    var primeBits: Int {
        switch self {
        case .field(let prime, _, _): prime.bits
        case .curve(let curve): curve.prime.bits
        }
    }

    /// Bytes of the group order.
    var orderBytes: Int { (order.bits + 7) / 8 }

    private var order: ChipNumber {
        switch self {
        case .field(_, let order, _): order
        case .curve(let curve): curve.order
        }
    }

    /// A private key below the order, never zero.
    func privateKey(_ random: inout ChipRandom) -> Bytes {
        let drawn = ChipNumber.reduced(ChipNumber(random.bytes(orderBytes)), mod: order)
        return drawn.isZero ? [1] : drawn.padded(to: orderBytes)
    }

    func publicKey(_ secret: Bytes) -> Bytes? {
        switch self {
        case .field(let prime, _, let generator):
            ChipNumber.power(generator, ChipNumber(secret), mod: prime).bytes
        case .curve(let curve): curve.combine(ChipNumber(secret), curve.base)
        }
    }

    /// Shared secret at full length; nil for a key that is not in the group.
    func agree(_ secret: Bytes, _ peer: Bytes) -> Bytes? {
        switch self {
        case .field(let prime, _, _):
            guard let element = element(peer) else { return nil }
            return ChipNumber.power(element, ChipNumber(secret), mod: prime).padded(to: (prime.bits + 7) / 8)
        case .curve(let curve):
            return curve.combine(ChipNumber(secret), peer).map { Bytes($0[1...curve.width]) }
        }
    }

    private func element(_ peer: Bytes) -> ChipNumber? {
        guard case .field(let prime, let order, _) = self else { return nil }
        let value = ChipNumber(peer)
        guard value.isBelow(prime), !value.isZero, !value.isOne,
            ChipNumber.power(value, order, mod: prime).isOne
        else { return nil }
        return value
    }

    /// Generic mapping: s G + H (Doc 9303-11 clause 4.4.3.3.1).
    func mapped(nonce: Bytes, secret: Bytes, peer: Bytes) -> ChipGroup? {
        switch self {
        case .field(let prime, let order, let generator):
            guard let element = element(peer) else { return nil }
            let h = ChipNumber.power(element, ChipNumber(secret), mod: prime)
            let s = ChipNumber.power(generator, ChipNumber(nonce), mod: prime)
            return .field(prime: prime, order: order, generator: ChipNumber.product(s, h, mod: prime))
        case .curve(let curve):
            guard let base = curve.combine(ChipNumber(nonce), curve.base, ChipNumber(secret), peer) else { return nil }
            return Curve(EC_GROUP_dup(curve.group), base: base).map { .curve($0) }
        }
    }

    /// Integrated mapping of the pseudo-random stream (clause 4.4.3.3.2).
    func mapped(stream: Bytes) -> ChipGroup? {
        switch self {
        case .field(let prime, let order, _):
            let one = ChipNumber(small: 1)
            let cofactor = ChipNumber.quotient(ChipNumber.difference(prime, one), order)
            let base = ChipNumber.power(ChipNumber.reduced(ChipNumber(stream), mod: prime), cofactor, mod: prime)
            return base.isOne || base.isZero ? nil : .field(prime: prime, order: order, generator: base)
        case .curve(let curve):
            let value = ChipNumber.reduced(ChipNumber(stream), mod: curve.prime)
            guard let base = Self.encode(value, curve) else { return nil }
            return Curve(EC_GROUP_dup(curve.group), base: base).map { .curve($0) }
        }
    }

    /// Point encoding in Jacobian coordinates (appendix B.3). Standardised curves have cofactor one.
    private static func encode(_ t: ChipNumber, _ curve: Curve) -> Bytes? {
        let p = curve.prime
        func times(_ factors: ChipNumber...) -> ChipNumber {
            factors.dropFirst().reduce(factors[0]) { ChipNumber.product($0, $1, mod: p) }
        }
        func plus(_ a: ChipNumber, _ b: ChipNumber) -> ChipNumber { ChipNumber.sum(a, b, mod: p) }
        func minus(_ a: ChipNumber) -> ChipNumber { ChipNumber.reduced(ChipNumber.difference(p, a), mod: p) }
        guard p.bytes.last.map({ $0 & 3 }) == 3, !t.isZero else { return nil }
        let one = ChipNumber(small: 1)
        let alpha = minus(times(t, t))
        let both = plus(alpha, times(alpha, alpha))
        let z = times(curve.a, both)
        let x2 = minus(times(curve.b, z, plus(one, both)))
        let x3 = times(alpha, x2)
        let z2 = times(z, z)
        let z4 = times(z2, z2)
        let h2 = plus(plus(times(x2, x2, x2), times(curve.a, x2, z4)), times(curve.b, z4, z2))
        let u = times(minus(alpha), t, h2)
        let quarter = ChipNumber.quotient(ChipNumber.sum(p, one), ChipNumber(small: 4))
        let root = ChipNumber.power(
            h2, ChipNumber.difference(ChipNumber.difference(p, one), quarter), mod: p)
        let isSquare = times(root, root, h2).isOne
        let x = isSquare ? x2 : x3
        let y = times(root, isSquare ? h2 : u)
        guard let inverse = ChipNumber.inverse(z, mod: p) else { return nil }
        let square = times(inverse, inverse)
        // appendix B calls both forms identical; they are up to the sign of y, which is the Legendre symbol of z. The worked
        // example H.1 has the affine form's.
        let half = ChipNumber.quotient(ChipNumber.difference(p, one), ChipNumber(small: 2))
        let affine = times(y, square, inverse)
        let isResidue = ChipNumber.power(z, half, mod: p).isOne
        return [4] + times(x, square).padded(to: curve.width)
            + (isResidue ? affine : minus(affine)).padded(to: curve.width)
    }

    /// Public key as Terminal Authentication shortens it (clause 7.1.4).
    func compressed(_ publicKey: Bytes) -> Bytes {
        switch self {
        case .field: ChipCrypto.sha1(publicKey)
        case .curve(let curve): Bytes(publicKey[1...curve.width])
        }
    }

    /// Chip authentication data of CAM: mapping key divided by the static key, modulo the order (clause 4.4.3.5.1).
    func quotient(_ mapping: Bytes, by secret: Bytes) -> Bytes? {
        guard let inverse = ChipNumber.inverse(ChipNumber(secret), mod: order) else { return nil }
        return ChipNumber.product(inverse, ChipNumber(mapping), mod: order).padded(to: orderBytes)
    }
}
