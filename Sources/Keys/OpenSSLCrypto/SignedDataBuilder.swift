public import Ground

/// CMS SignedData (RFC 5652 5) over attached content, put together here so that the key may be anywhere: only the DER of
/// the signed attributes goes to it. One signer, by issuer and serial number; its certificate is inside.
public enum SignedDataBuilder {
    /// DER of the ContentInfo. `contentType` is the value of the object identifier of the content, for example
    /// 2.23.136.1.1.1. Throws the key's own error, outcome not done.
    public static func sign(
        content: Bytes, contentType: Bytes, certificate: X509Certificate, key: any SigningKey, digest: Digest,
        signingTime: WallTime
    ) throws(SakkError) -> Bytes {
        guard let fields = CertificateFields(certificate.der), let time = ASN1Time.encoded(signingTime) else {
            throw cryptoFailure(
                "certificate.malformed", "The signer's certificate cannot be taken apart.",
                remedy: "Check the certificate with `openssl x509 -text`.")
        }
        let digestAlgorithm = TLV(0x30, [TLV(0x06, digest.objectIdentifier)])
        let attributes = [
            attribute(Self.contentTypeAttribute, TLV(0x06, contentType)),
            attribute(Self.signingTimeAttribute, time),
            attribute(Self.messageDigestAttribute, TLV(0x04, digest.of(content))),
        ].map(\.encoded).sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
        // signed as a SET OF, written under the implicit tag [0]
        let signature = try key.sign(TLV(0x31, attributes).encoded, digest: digest)
        let signer =
            TLV(
                0x30,
                [
                    TLV(0x02, [1]), TLV(0x30, fields.issuer + fields.serialNumber), digestAlgorithm,
                    TLV(0xA0, attributes),
                ]
            ).value + key.kind.algorithm(digest) + TLV(0x04, signature).encoded
        let encapsulated = TLV(0x30, [TLV(0x06, contentType), TLV(0xA0, [TLV(0x04, content)])])
        // version 3: the content is not of type id-data (RFC 5652 5.1)
        let signedData =
            TLV(0x02, [3]).encoded + TLV(0x31, [digestAlgorithm]).encoded + encapsulated.encoded
            + TLV(0xA0, certificate.der).encoded + TLV(0x31, TLV(0x30, signer).encoded).encoded
        return TLV(0x30, TLV(0x06, Self.signedDataType).encoded + TLV(0xA0, TLV(0x30, signedData).encoded).encoded)
            .encoded
    }

    private static func attribute(_ type: Bytes, _ value: TLV) -> TLV {
        TLV(0x30, [TLV(0x06, type), TLV(0x31, [value])])
    }

    /// 1.2.840.113549.1.7.2
    private static let signedDataType: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    /// 1.2.840.113549.1.9.3, .5 and .4
    private static let contentTypeAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
    private static let signingTimeAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]
    private static let messageDigestAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
}

/// Issuer and serial number as they stand in a certificate (RFC 5280 4.1), byte for byte.
struct CertificateFields {
    let serialNumber: Bytes
    let issuer: Bytes

    init?(_ der: Bytes) {
        guard let parts = TLV.parse(der)?.children?.first?.children else { return nil }
        // the version [0] is there in all but version 1
        let from = parts.first?.tag == 0xA0 ? 1 : 0
        guard parts.count > from + 2, parts[from].tag == 0x02, parts[from + 2].tag == 0x30 else { return nil }
        serialNumber = parts[from].encoded
        issuer = parts[from + 2].encoded
    }
}

/// UTCTime until 2049 and GeneralizedTime from 2050 on (RFC 5652 11.3).
enum ASN1Time {
    static func encoded(_ time: WallTime) -> TLV? {
        let seconds = time.microseconds / 1_000_000
        guard seconds >= 0 else { return nil }
        let (days, rest) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let date = CivilDate(daysSince1970: days)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let clock = two(date.month) + two(date.day) + two(rest / 3600) + two(rest / 60 % 60) + two(rest % 60) + "Z"
        guard (1950...9999).contains(date.year) else { return nil }
        return date.year < 2050
            ? TLV(0x17, Bytes((two(date.year % 100) + clock).utf8)) : TLV(0x18, Bytes(("\(date.year)" + clock).utf8))
    }
}
