public import Ground
public import OpenSSLCrypto

/// What the key of an inspection system, for example one in a token, shows to the document verifier that is to certify it: a
/// certificate's body without authority, rights and dates, signed by the key itself (BSI TR-03110-3, C.2.1).
public enum CVCertificateRequest {
    /// Country, mnemonic of up to nine characters, sequence number of five (9303-12, 7.2.2.2).
    public static func isReference(_ holder: String) -> Bool {
        let letters = Array(holder.utf8)
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
        return (8...16).contains(letters.count) && letters.prefix(2).allSatisfy(isLetter)
            && letters.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }

    /// DER. EC keys alone: the hash is as long as the curve's order, SHA-256 at least. Throws `lds.cvc.key`.
    public static func make(holder: String, key: any SigningKey) throws(SakkError) -> Bytes {
        guard let known = PublicKey(info: try key.publicKeyInfo()), case .ec(let half, _) = known.kind,
            let info = known.explicitInfo
        else { throw refusal }
        let (arc, digest): (UInt8, Digest) =
            switch half {
            case ...32: (3, .sha256)
            case ...48: (4, .sha384)
            default: (5, .sha512)
            }
        let numbers = try CVCertificateBuilder.numbers(of: info, withDomain: true)
        let body = TLV(
            0x7F4E,
            [
                TLV(0x5F29, [0]),
                TLV(0x7F49, [TLV(0x06, CVCertificateBuilder.terminal + [2, arc])] + numbers),
                TLV(0x5F20, Bytes(holder.utf8)),
            ])
        let signed = try key.sign(body.encoded, digest: digest)
        guard let plain = ECDSASignature.plain(der: signed, half: half) else { throw refusal }
        return TLV(0x7F21, [body, TLV(0x5F37, plain)]).encoded
    }

    private static var refusal: SakkError {
        SakkError(
            "lds.cvc.key", source: "document writer", text: "This key cannot stand in a card verifiable certificate.",
            remedy: "Use a key on a prime curve.")
    }
}
