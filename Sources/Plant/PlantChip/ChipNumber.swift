internal import COpenSSL
internal import Ground

/// A whole number on the chip. Arguments of its functions outlive the call; a pointer taken out of a temporary would not.
final class ChipNumber {
    let pointer: OpaquePointer

    init() { pointer = BN_new()! }
    init(owning pointer: OpaquePointer) { self.pointer = pointer }
    convenience init(_ bytes: Bytes) { self.init(owning: BN_bin2bn(bytes, Int32(bytes.count), nil)!) }
    convenience init(small: UInt8) { self.init([small]) }

    deinit { BN_clear_free(pointer) }

    var bits: Int { Int(BN_num_bits(pointer)) }
    var bytes: Bytes { padded(to: (bits + 7) / 8) }
    var isZero: Bool { BN_is_zero(pointer) == 1 }
    var isOne: Bool { BN_is_one(pointer) == 1 }

    func padded(to count: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: count)
        BN_bn2binpad(pointer, &output, Int32(count))
        return output
    }

    func isBelow(_ other: ChipNumber) -> Bool { BN_cmp(pointer, other.pointer) < 0 }

    static func sum(_ a: ChipNumber, _ b: ChipNumber) -> ChipNumber { make { BN_add($0, a.pointer, b.pointer) } }
    static func difference(_ a: ChipNumber, _ b: ChipNumber) -> ChipNumber {
        make { BN_sub($0, a.pointer, b.pointer) }
    }
    static func product(_ a: ChipNumber, _ b: ChipNumber, mod m: ChipNumber) -> ChipNumber {
        scratched { BN_mod_mul($0, a.pointer, b.pointer, m.pointer, $1) }
    }
    static func sum(_ a: ChipNumber, _ b: ChipNumber, mod m: ChipNumber) -> ChipNumber {
        scratched { BN_mod_add($0, a.pointer, b.pointer, m.pointer, $1) }
    }
    static func power(_ a: ChipNumber, _ e: ChipNumber, mod m: ChipNumber) -> ChipNumber {
        scratched { BN_mod_exp($0, a.pointer, e.pointer, m.pointer, $1) }
    }
    static func reduced(_ a: ChipNumber, mod m: ChipNumber) -> ChipNumber {
        scratched { BN_nnmod($0, a.pointer, m.pointer, $1) }
    }
    static func quotient(_ a: ChipNumber, _ b: ChipNumber) -> ChipNumber {
        scratched { BN_div($0, nil, a.pointer, b.pointer, $1) }
    }

    /// Nil without an inverse.
    static func inverse(_ a: ChipNumber, mod m: ChipNumber) -> ChipNumber? {
        guard let result = BN_mod_inverse(nil, a.pointer, m.pointer, nil) else {
            ERR_clear_error()
            return nil
        }
        return ChipNumber(owning: result)
    }

    private static func make(_ compute: (OpaquePointer) -> Int32) -> ChipNumber {
        let result = ChipNumber()
        precondition(compute(result.pointer) == 1)
        return result
    }

    private static func scratched(_ compute: (OpaquePointer, OpaquePointer) -> Int32) -> ChipNumber {
        let scratch = BN_CTX_new()!
        defer { BN_CTX_free(scratch) }
        return make { compute($0, scratch) }
    }
}
