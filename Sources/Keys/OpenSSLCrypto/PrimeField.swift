import COpenSSL
import Ground

/// A subgroup of the multiplicative group of a prime field, the domain of classic Diffie-Hellman (RFC 2631, RFC 5114).
struct PrimeField: Sendable {
    let prime: Big
    let generator: Big
    /// Order of the generator; nil where PKCS #3 does not tell it.
    let order: Big?

    init?(standard parameter: Int) {
        var p: OpaquePointer?
        var q: OpaquePointer?
        var g: OpaquePointer?
        guard sakk_rfc5114_group(Int32(parameter), &p, &q, &g) == 1, let p, let q, let g else { return nil }
        prime = Big(owning: p)
        order = Big(owning: q)
        generator = Big(owning: g)
    }

    /// An odd prime candidate of at most 4096 bits and a generator within it; primality is the signer's promise.
    init?(prime: Bytes, generator: Bytes, order: Bytes?) {
        guard prime.count <= 513, generator.count <= 513, (order?.count ?? 0) <= 513 else { return nil }
        let p = Big(prime)
        let g = Big(generator)
        guard (256...4096).contains(p.bits), p.isOdd, !g.isZero, !g.isOne, g < p else { return nil }
        let q = order.map { Big($0) }
        if let q, q.isZero || !(q < p) { return nil }
        self.init(p, g, q)
    }

    private init(_ prime: Big, _ generator: Big, _ order: Big?) {
        self.prime = prime
        self.generator = generator
        self.order = order
    }

    var modulus: Modulus { Modulus(prime) }

    /// Private keys are below the order, or below the prime where the order is not known.
    var exponentBound: Big { order ?? prime }

    /// (p - 1) / q; nil without a known order that divides.
    var cofactor: Big? {
        guard let order else { return nil }
        return prime.minus(Big(1)).divided(by: order)
    }

    func with(generator: Big) throws(SakkError) -> PrimeField {
        guard !generator.isZero, !generator.isOne else { throw AgreementDomain.badKey() }
        return PrimeField(prime, generator, order)
    }

    /// RFC 2631 clause 2.1.5: between 2 and p - 2, and in the subgroup where its order is known.
    func isValid(_ element: Big) -> Bool {
        guard !element.isZero, !element.isOne, element < prime else { return false }
        guard element < prime.minus(Big(1)) else { return false }
        guard let order else { return true }
        return modulus.power(element, order).isOne
    }
}
