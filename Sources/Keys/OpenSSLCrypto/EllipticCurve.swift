import COpenSSL
import Ground

/// A prime curve with its base point: the domain of ECDH and ECDSA (BSI TR-03111 clause 4).
struct EllipticCurve: Sendable {
    /// Immutable after it is made, freed once: may cross threads.
    private final class Handle: @unchecked Sendable {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { EC_GROUP_free(pointer) }
    }

    private let handle: Handle
    let prime: Big
    let a: Big
    let b: Big
    let order: Big
    let cofactor: Big
    /// Bytes of a coordinate.
    var fieldBytes: Int { prime.byteCount }
    var group: OpaquePointer { handle.pointer }

    /// Curves of Doc 9303-11 table 12 by OpenSSL's names.
    private static let names: [Int: String] = [
        8: "prime192v1", 9: "brainpoolP192r1", 10: "secp224r1", 11: "brainpoolP224r1", 12: "prime256v1",
        13: "brainpoolP256r1", 14: "brainpoolP320r1", 15: "secp384r1", 16: "brainpoolP384r1", 17: "brainpoolP512r1",
        18: "secp521r1",
    ]

    init?(standard parameter: Int) {
        guard let name = Self.names[parameter], let group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(name)) else {
            return nil
        }
        self.init(owning: group)
    }

    /// ECParameters in DER, named or explicit (RFC 3279 clause 2.3.5). Only prime fields.
    init?(parameters der: Bytes) {
        var cursor: UnsafePointer<UInt8>?
        let group: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            guard !buffer.isEmpty else { return nil }
            cursor = buffer.baseAddress
            let parsed = d2i_ECPKParameters(nil, &cursor, buffer.count)
            if parsed != nil, cursor != buffer.baseAddress?.advanced(by: buffer.count) {
                EC_GROUP_free(parsed)
                return nil
            }
            return parsed
        }
        ERR_clear_error()
        guard let group else { return nil }
        guard EC_GROUP_get_field_type(group) == NID_X9_62_prime_field, EC_GROUP_get_degree(group) <= 521 else {
            EC_GROUP_free(group)
            return nil
        }
        self.init(owning: group)
        // a hostile order would make every multiplication take minutes
        guard order.bits <= prime.bits + 1, cofactor.bits <= 64, !order.isZero, !cofactor.isZero else { return nil }
    }

    private init(owning group: OpaquePointer) {
        handle = Handle(group)
        prime = Big()
        a = Big()
        b = Big()
        order = Big()
        cofactor = Big()
        EC_GROUP_get_curve(group, prime.pointer, a.pointer, b.pointer, nil)
        EC_GROUP_get_order(group, order.pointer, nil)
        EC_GROUP_get_cofactor(group, cofactor.pointer, nil)
    }

    /// The same curve with another base point of the same order.
    func with(generator: Bytes) -> EllipticCurve? {
        guard let point = point(generator), let copy = EC_GROUP_dup(group) else { return nil }
        guard EC_GROUP_set_generator(copy, point.pointer, order.pointer, cofactor.pointer) == 1 else {
            EC_GROUP_free(copy)
            return nil
        }
        return EllipticCurve(owning: copy)
    }

    /// A point of the curve that OpenSSL keeps.
    final class Point {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { EC_POINT_clear_free(pointer) }
    }

    /// An uncompressed point (04 x y) of the right length that is on the curve and not infinity.
    func point(_ encoded: Bytes) -> Point? {
        guard encoded.count == 1 + 2 * fieldBytes, encoded[0] == 4, let fresh = EC_POINT_new(group) else { return nil }
        let point = Point(fresh)
        guard EC_POINT_oct2point(group, fresh, encoded, encoded.count, nil) == 1,
            EC_POINT_is_on_curve(group, fresh, nil) == 1, EC_POINT_is_at_infinity(group, fresh) == 0
        else {
            ERR_clear_error()
            return nil
        }
        return point
    }

    /// `scalar` times `point`, or times the base point when `point` is nil; nil for infinity.
    func multiply(_ scalar: Big, _ point: Point?) -> Point? {
        guard let fresh = EC_POINT_new(group) else { return nil }
        let result = Point(fresh)
        let done =
            point.map { EC_POINT_mul(group, fresh, nil, $0.pointer, scalar.pointer, nil) }
            ?? EC_POINT_mul(group, fresh, scalar.pointer, nil, nil, nil)
        guard done == 1, EC_POINT_is_at_infinity(group, fresh) == 0 else {
            ERR_clear_error()
            return nil
        }
        return result
    }

    func add(_ left: Point, _ right: Point) -> Point? {
        guard let fresh = EC_POINT_new(group) else { return nil }
        let result = Point(fresh)
        guard EC_POINT_add(group, fresh, left.pointer, right.pointer, nil) == 1,
            EC_POINT_is_at_infinity(group, fresh) == 0
        else { return nil }
        return result
    }

    func encode(_ point: Point) -> Bytes {
        var output = Bytes(repeating: 0, count: 1 + 2 * fieldBytes)
        let form = POINT_CONVERSION_UNCOMPRESSED
        let count = EC_POINT_point2oct(group, point.pointer, form, &output, output.count, nil)
        return count == output.count ? output : []
    }

    /// ECParameters in DER, as the group was made.
    var parameters: Bytes {
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_ECPKParameters(group, &output)
        guard count > 0, let output else { return [] }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    /// Point encoding of the integrated mapping (Doc 9303-11 appendix B.2). Nil for a field whose prime is not 3 modulo 4,
    /// and for the few values that have no image.
    func encodedPoint(of value: Big) -> Bytes? {
        guard BN_mod_word(prime.pointer, 4) == 3, !value.isZero else { return nil }
        let field = Modulus(prime)
        let one = Big(1)
        let alpha = field.negate(field.multiply(value, value))
        let sum = field.add(alpha, field.multiply(alpha, alpha))
        guard let inverseSum = field.inverse(sum), let inverseA = field.inverse(a) else { return nil }
        let x2 = field.negate(field.multiply(field.multiply(b, inverseA), field.add(one, inverseSum)))
        let x3 = field.multiply(alpha, x2)
        let h2 = right(x2, field)
        let u = field.multiply(field.multiply(field.multiply(value, value), value), h2)
        let exponent = prime.minus(one).minus(prime.plus(one).shiftedRight(2))
        let root = field.power(h2, exponent)
        let isSquare = field.multiply(field.multiply(root, root), h2).isOne
        let x = isSquare ? x2 : x3
        let y = field.multiply(root, isSquare ? h2 : u)
        guard let point = point([4] + x.bytes(count: fieldBytes) + y.bytes(count: fieldBytes)) else { return nil }
        return multiply(cofactor, point).map(encode)
    }

    /// The right side of the curve's equation.
    private func right(_ x: Big, _ field: Modulus) -> Big {
        let cube = field.multiply(field.multiply(x, x), x)
        return field.add(field.add(cube, field.multiply(a, x)), b)
    }
}
