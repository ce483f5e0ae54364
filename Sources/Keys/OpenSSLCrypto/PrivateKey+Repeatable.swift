import COpenSSL
public import Ground

extension PrivateKey {
    /// ECDSA over SHA-256 with the nonce of RFC 6979, as r and s side by side (BSI TR-03111 clause 5.2.1): the same message
    /// gets the same signature. Throws for a key that is none of a named curve.
    public func signRepeatable(_ message: Bytes) throws(SakkError) -> Bytes {
        var name = [CChar](repeating: 0, count: 80)
        var length = 0
        guard kind == .ecdsa, EVP_PKEY_get_group_name(handle.pointer, &name, name.count, &length) == 1,
            let group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(name)),
            let secret = PublicKey.number(handle.pointer, "priv")
        else { throw keyFailure("This is not an EC key of a named curve.") }
        defer { EC_GROUP_free(group) }
        guard let order = EC_GROUP_get0_order(group), let scratch = BN_CTX_secure_new(),
            let point = EC_POINT_new(group)
        else { throw keyFailure("Out of memory.") }
        defer {
            BN_CTX_free(scratch)
            EC_POINT_clear_free(point)
        }
        let hash = RepeatableNonces.number(Digest.sha256(message), bits: Int(BN_num_bits(order)))
        let nonces = RepeatableNonces(secret: secret, hash: hash, order: order, scratch)
        let count = Int(BN_num_bits(order) + 7) / 8
        let (r, s, inverse) = (Big(), Big(), Big())
        while true {
            let nonce = nonces.next()
            guard EC_POINT_mul(group, point, nonce.pointer, nil, nil, scratch) == 1,
                EC_POINT_get_affine_coordinates(group, point, r.pointer, nil, scratch) == 1,
                BN_nnmod(r.pointer, r.pointer, order, scratch) == 1,
                BN_mod_inverse(inverse.pointer, nonce.pointer, order, scratch) != nil,
                BN_mod_mul(s.pointer, r.pointer, secret.pointer, order, scratch) == 1,
                BN_mod_add(s.pointer, s.pointer, hash.pointer, order, scratch) == 1,
                BN_mod_mul(s.pointer, s.pointer, inverse.pointer, order, scratch) == 1
            else { throw keyFailure("The signature could not be made.") }
            if !r.isZero, !s.isZero { return r.bytes(count: count) + s.bytes(count: count) }
        }
    }
}

/// Nonces of one message under one key: RFC 6979 clause 3.2, with HMAC-SHA-256. Wiped when it is let go.
private final class RepeatableNonces {
    private static let block = 32
    /// K, then V and behind it a place for what is fed in with it: one byte, the secret, the hash.
    private let memory: UnsafeMutableRawBufferPointer
    private let order: OpaquePointer
    private let bits: Int

    init(secret: Big, hash: Big, order: OpaquePointer, _ scratch: OpaquePointer) {
        bits = Int(BN_num_bits(order))
        self.order = order
        let width = (bits + 7) / 8
        memory = .allocate(byteCount: 2 * Self.block + 1 + 2 * width, alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        // clause 3.2 b, c
        for index in Self.block..<2 * Self.block { memory[index] = 1 }
        let reduced = Big()
        BN_nnmod(reduced.pointer, hash.pointer, order, scratch)
        let places = memory.baseAddress.map { $0 + 2 * Self.block + 1 }
        if let places {
            BN_bn2binpad(secret.pointer, places.assumingMemoryBound(to: UInt8.self), Int32(width))
            BN_bn2binpad(reduced.pointer, (places + width).assumingMemoryBound(to: UInt8.self), Int32(width))
        }
        // clause 3.2 d to g
        for separator: UInt8 in [0, 1] { feed(separator, with: 2 * width) }
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// bits2int (clause 2.3.2).
    static func number(_ bytes: Bytes, bits: Int) -> Big {
        let whole = Big(bytes)
        let surplus = bytes.count * 8 - bits
        return surplus > 0 ? whole.shiftedRight(surplus) : whole
    }

    /// Clause 3.2 h. The first one serves unless it gives a signature of zero.
    func next() -> Big {
        while true {
            var text = Bytes()
            while text.count * 8 < bits {
                turn()
                text += memory[Self.block..<2 * Self.block]
            }
            let nonce = Self.number(text, bits: bits)
            text.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
            BN_set_flags(nonce.pointer, BN_FLG_CONSTTIME)
            defer { feed(0, with: 0) }
            if !nonce.isZero, BN_cmp(nonce.pointer, order) < 0 { return nonce }
        }
    }

    /// K from V, a byte and so much of what lies behind it; then V anew.
    private func feed(_ separator: UInt8, with count: Int) {
        memory[2 * Self.block] = separator
        mac(Self.block + 1 + count, into: 0)
        turn()
    }

    private func turn() { mac(Self.block, into: Self.block) }

    /// HMAC under K over what begins at V.
    private func mac(_ count: Int, into place: Int) {
        guard let start = memory.baseAddress else { return }
        let output = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.block)
        defer {
            OPENSSL_cleanse(output, Self.block)
            output.deallocate()
        }
        var length: UInt32 = 0
        let text = (start + Self.block).assumingMemoryBound(to: UInt8.self)
        COpenSSL.HMAC(EVP_sha256(), start, Int32(Self.block), text, count, output, &length)
        (start + place).copyMemory(from: output, byteCount: Self.block)
    }
}
