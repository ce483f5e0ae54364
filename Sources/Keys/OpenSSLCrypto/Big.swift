import COpenSSL
import Ground

/// A whole number of any size, for the group arithmetic of this module. Wiped when it is let go.
final class Big: @unchecked Sendable {
    // never changed after the function that made it returns
    let pointer: OpaquePointer

    init() {
        guard let fresh = BN_new() else { preconditionFailure("out of memory") }
        pointer = fresh
    }

    /// Takes the pointer over.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    convenience init(_ bytes: Bytes) {
        guard let fresh = BN_bin2bn(bytes, Int32(bytes.count), nil) else { preconditionFailure("out of memory") }
        self.init(owning: fresh)
    }

    convenience init(_ word: UInt) {
        self.init()
        BN_set_word(pointer, word)
    }

    deinit { BN_clear_free(pointer) }

    var bits: Int { Int(BN_num_bits(pointer)) }
    var byteCount: Int { (bits + 7) / 8 }
    var isZero: Bool { BN_is_zero(pointer) == 1 }
    var isOne: Bool { BN_is_one(pointer) == 1 }

    /// Big-endian without leading zeros.
    var bytes: Bytes {
        var output = Bytes(repeating: 0, count: byteCount)
        BN_bn2bin(pointer, &output)
        return output
    }

    /// Big-endian, filled with zeros in front.
    func bytes(count: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: count)
        BN_bn2binpad(pointer, &output, Int32(count))
        return output
    }

    var isOdd: Bool { BN_is_odd(pointer) == 1 }

    // arguments outlive the call; a temporary whose pointer is taken out does not
    func plus(_ other: Big) -> Big { Big { BN_add($0, pointer, other.pointer) } }
    func minus(_ other: Big) -> Big { Big { BN_sub($0, pointer, other.pointer) } }
    func shiftedRight(_ count: Int) -> Big { Big { BN_rshift($0, pointer, Int32(count)) } }

    /// Nil when `other` is zero or does not divide.
    func divided(by other: Big) -> Big? {
        guard let scratch = BN_CTX_new() else { return nil }
        defer { BN_CTX_free(scratch) }
        let result = Big()
        let rest = Big()
        guard BN_div(result.pointer, rest.pointer, pointer, other.pointer, scratch) == 1, rest.isZero else {
            ERR_clear_error()
            return nil
        }
        return result
    }

    private convenience init(_ compute: (OpaquePointer) -> Int32) {
        self.init()
        let done = compute(pointer)
        precondition(done == 1, "arithmetic on whole numbers fails only without memory")
    }

    static func < (left: Big, right: Big) -> Bool { BN_cmp(left.pointer, right.pointer) < 0 }
    static func == (left: Big, right: Big) -> Bool { BN_cmp(left.pointer, right.pointer) == 0 }

    /// A number from 1 to `bound` - 1 that nobody can guess.
    static func random(below bound: Big) throws(SakkError) -> Big {
        let result = Big()
        repeat {
            guard BN_priv_rand_range(result.pointer, bound.pointer) == 1 else {
                throw cryptoFailure(
                    "crypto.random", "No random numbers are to be had.", remedy: "Check the system's random source.")
            }
        } while result.isZero
        return result
    }
}

/// Arithmetic modulo one number.
struct Modulus {
    let value: Big
    private let scratch = Scratch()

    private final class Scratch {
        let pointer: OpaquePointer
        init() {
            guard let fresh = BN_CTX_new() else { preconditionFailure("out of memory") }
            pointer = fresh
        }
        deinit { BN_CTX_free(pointer) }
    }

    init(_ value: Big) { self.value = value }

    func reduce(_ a: Big) -> Big { made { BN_nnmod($0, a.pointer, value.pointer, scratch.pointer) } }
    func add(_ a: Big, _ b: Big) -> Big {
        made { BN_mod_add($0, a.pointer, b.pointer, value.pointer, scratch.pointer) }
    }
    func subtract(_ a: Big, _ b: Big) -> Big {
        made { BN_mod_sub($0, a.pointer, b.pointer, value.pointer, scratch.pointer) }
    }
    func multiply(_ a: Big, _ b: Big) -> Big {
        made { BN_mod_mul($0, a.pointer, b.pointer, value.pointer, scratch.pointer) }
    }
    func negate(_ a: Big) -> Big { subtract(Big(0), a) }

    /// Nil without an inverse.
    func inverse(_ a: Big) -> Big? {
        let result = Big()
        guard BN_mod_inverse(result.pointer, a.pointer, value.pointer, scratch.pointer) != nil else {
            ERR_clear_error()
            return nil
        }
        return result
    }

    /// `a` to the power of `exponent`, in a time that does not tell the exponent when the modulus is odd.
    func power(_ a: Big, _ exponent: Big) -> Big {
        made {
            value.isOdd
                ? BN_mod_exp_mont_consttime($0, a.pointer, exponent.pointer, value.pointer, scratch.pointer, nil)
                : BN_mod_exp($0, a.pointer, exponent.pointer, value.pointer, scratch.pointer)
        }
    }

    private func made(_ compute: (OpaquePointer) -> Int32) -> Big {
        let result = Big()
        let done = compute(result.pointer)
        precondition(done == 1, "modular arithmetic with a modulus above one does not fail")
        return result
    }
}
