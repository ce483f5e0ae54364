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
        guard let fields = certificate.fields, let time = ASN1Time.encoded(signingTime) else {
            throw cryptoFailure(
                "certificate.malformed", "The signer's certificate cannot be taken apart.",
                remedy: "Check the certificate with `openssl x509 -text`.")
        }
        let attributes = setOf([
            attribute(contentTypeAttribute, 0x06, contentType),
            attribute(signingTimeAttribute, time.tag, time.content),
            attribute(messageDigestAttribute, 0x04, digest.of(content)),
        ])
        // signed as a SET OF, written under the implicit tag [0]
        let signature = try key.sign(attributes, digest: digest)
        let (digestAlgorithm, signatureAlgorithm) = (digest.algorithmIdentifier, key.kind.algorithm(digest))

        func size(_ content: Int) -> Int { DERWriter.size(content) }
        let octets = size(content.count)
        let encapsulated = size(contentType.count) + size(octets)
        let signer =
            size(1) + fields.issuerAndSerialNumber.count + digestAlgorithm.count + attributes.count
            + signatureAlgorithm.count + size(signature.count)
        let signedData =
            size(1) + size(digestAlgorithm.count) + size(encapsulated) + size(fields.der.count) + size(size(signer))
        let whole = size(signedDataType.count) + size(size(signedData))

        var der = DERWriter(reserving: size(whole))
        der.open(0x30, whole)
        der.append(0x06, signedDataType)
        der.open(0xA0, size(signedData))
        der.open(0x30, signedData)
        // version 3: the content is not of type id-data (RFC 5652 5.1)
        der.append(0x02, [3])
        der.append(0x31, digestAlgorithm)
        der.open(0x30, encapsulated)
        der.append(0x06, contentType)
        der.open(0xA0, octets)
        der.append(0x04, content)
        der.append(0xA0, fields.der)
        der.open(0x31, size(signer))
        der.open(0x30, signer)
        der.append(0x02, [1])
        der.append(fields.issuerAndSerialNumber)
        der.append(digestAlgorithm)
        der.append(attributes, as: 0xA0)
        der.append(signatureAlgorithm)
        der.append(0x04, signature)
        return der.bytes
    }

    /// Attribute (RFC 5652 5.3) with one value.
    private static func attribute(_ type: Bytes, _ tag: UInt8, _ value: Bytes) -> Bytes {
        let values = DERWriter.size(value.count)
        let whole = DERWriter.size(type.count) + DERWriter.size(values)
        var der = DERWriter(reserving: DERWriter.size(whole))
        der.open(0x30, whole)
        der.append(0x06, type)
        der.open(0x31, values)
        der.append(tag, value)
        return der.bytes
    }

    /// SET OF in DER: ascending by encoding (X.690 11.6).
    private static func setOf(_ objects: [Bytes]) -> Bytes {
        let count = objects.reduce(0) { $0 + $1.count }
        var der = DERWriter(reserving: DERWriter.size(count))
        der.open(0x31, count)
        for object in objects.sorted(by: { $0.lexicographicallyPrecedes($1) }) { der.append(object) }
        return der.bytes
    }

    /// 1.2.840.113549.1.7.2
    private static let signedDataType: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    /// 1.2.840.113549.1.9.3, .5 and .4
    private static let contentTypeAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
    private static let signingTimeAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]
    private static let messageDigestAttribute: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
}
