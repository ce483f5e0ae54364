internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// Active Authentication (Doc 9303-11 clause 6.1): the chip signs a challenge with the key of EF.DG15.
struct ActiveAuthentication {
    let key: PublicKey
    /// Hash for ECDSA, from EF.DG14; nil where it does not tell.
    let digest: Digest?

    /// Nil when EF.DG15 holds no key that can be used.
    init?(dataGroup15 file: Bytes, infos: SecurityInfos?) {
        guard let outer = TLV.parse(file), outer.tag == 0x6F, let key = PublicKey(info: outer.value) else { return nil }
        self.key = key
        digest = infos?.activeAuthentication
    }

    enum Verdict: Equatable {
        case genuine(hash: Digest, warning: String?)
        case forged
    }

    func challenge(_ link: any BorderLink, nonce: Bytes) throws(BorderFault) -> Verdict {
        var le = 256
        if case .rsa(let bits) = key.kind, bits > 1792 { le = 65536 }
        let signature = try link.expect(
            APDUCommand(0x00, 0x88, 0, 0, data: nonce, le: le), "Active Authentication: INTERNAL AUTHENTICATE")
        return verify(signature, nonce: nonce)
    }

    func verify(_ signature: Bytes, nonce: Bytes) -> Verdict {
        switch key.kind {
        case .rsa:
            guard let representative = key.recover(signature) else { return .forged }
            let candidates = [representative, key.complement(of: representative)].compactMap { $0 }
            for candidate in candidates {
                if let opened = MessageRepresentative(candidate), opened.signs(nonce) {
                    return .genuine(
                        hash: opened.digest, warning: opened.digest == .sha1 ? "Active Authentication with SHA-1" : nil)
                }
            }
            return .forged
        case .ec(_, let bits):
            if let digest {
                return key.verifies(plain: signature, of: nonce, digest: digest)
                    ? .genuine(hash: digest, warning: nil) : .forged
            }
            let guess: [Digest] = bits >= 512 ? [.sha512] : bits >= 384 ? [.sha384] : [.sha256]
            for digest in guess + [.sha256, .sha224, .sha384, .sha512, .sha1]
            where key.verifies(plain: signature, of: nonce, digest: digest) {
                return .genuine(
                    hash: digest, warning: "EF.DG14 does not tell the hash of Active Authentication with ECDSA")
            }
            return .forged
        }
    }
}

/// The message representative of ISO/IEC 9796-2 scheme 1 with partial recovery: 6A, M1, hash, trailer.
struct MessageRepresentative: Equatable {
    let recovered: Bytes
    let hash: Bytes
    let digest: Digest

    /// Nil for another header or trailer.
    init?(_ bytes: Bytes) {
        guard bytes.first == 0x6A, let last = bytes.last else { return nil }
        let trailer: Int
        switch last {
        case 0xBC:
            digest = .sha1
            trailer = 1
        case 0xCC:
            let known: [UInt8: Digest] = [0x33: .sha1, 0x34: .sha256, 0x35: .sha512, 0x36: .sha384, 0x38: .sha224]
            guard bytes.count > 2, let named = known[bytes[bytes.count - 2]] else { return nil }
            digest = named
            trailer = 2
        default: return nil
        }
        let hashBytes = digest.byteCount
        guard bytes.count > 1 + hashBytes + trailer else { return nil }
        hash = Bytes(bytes.dropLast(trailer).suffix(hashBytes))
        recovered = Bytes(bytes[1..<(bytes.count - trailer - hashBytes)])
    }

    /// Whether the hash is that of the recovered part and the challenge.
    func signs(_ nonce: Bytes) -> Bool { digest.of(recovered + nonce) == hash }
}
