internal import CPKCS11
internal import Ground

/// The public half of a pair in a token as SubjectPublicKeyInfo (RFC 5280 4.1.2.7), DER.
struct TokenPublicKey {
    let info: Bytes
    let isEC: Bool

    init(_ object: CK_OBJECT_HANDLE, _ session: TokenSession, token: String) throws(TokenFailure) {
        if let parameters = try session.attribute(CKAttribute.ecParameters, of: object),
            let stored = try session.attribute(CKAttribute.ecPoint, of: object), !stored.isEmpty
        {
            // an OCTET STRING by the standard; some tokens keep the bare point
            let point =
                TLV.parse(stored).flatMap { $0.tag == 0x04 && $0.value.first == 0x04 ? $0.value : nil } ?? stored
            // id-ecPublicKey 1.2.840.10045.2.1
            let algorithm = TLV(0x30, TLV(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]).encoded + parameters)
            info = TLV(0x30, [algorithm, TLV(0x03, [0] + point)]).encoded
            isEC = true
        } else if let modulus = try session.attribute(CKAttribute.modulus, of: object),
            let exponent = try session.attribute(CKAttribute.publicExponent, of: object)
        {
            // rsaEncryption 1.2.840.113549.1.1.1
            let oid: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
            let key = TLV(0x30, [Self.integer(modulus), Self.integer(exponent)])
            info =
                TLV(0x30, [TLV(0x30, [TLV(0x06, oid), TLV(0x05, Bytes())]), TLV(0x03, [0] + key.encoded)]).encoded
            isEC = false
        } else {
            throw .refused(
                SakkError(
                    "vault.key.malformed", source: token,
                    text: "The token shows a public key that is neither RSA nor EC.",
                    remedy: "Make the key anew with `sakk keys make`."))
        }
    }

    private static func integer(_ magnitude: Bytes) -> TLV {
        let digits = Bytes(magnitude.drop { $0 == 0 })
        return TLV(0x02, digits.first.map { $0 & 0x80 == 0 ? digits : [0] + digits } ?? [0])
    }
}
