public import Ground

/// CMS SignedData (RFC 5652 5) over attached content, put together here so that the key may be anywhere: only the DER of
/// the signed attributes goes to it. One signer, by issuer and serial number; its certificate is inside.
public enum SignedDataBuilder {
    /// DER of the ContentInfo. `contentType` is the value of the object identifier of the content, for example
    /// 2.23.136.1.1.1. `tag`: an object of one byte's tag around it all. Throws the key's own error, outcome not done.
    public static func sign(
        content: Bytes, contentType: Bytes, certificate: X509Certificate, key: any SigningKey, digest: Digest,
        signingTime: WallTime, under tag: UInt8? = nil
    ) throws(SakkError) -> Bytes {
        guard let fields = certificate.fields, let time = ASN1Time(signingTime) else {
            throw cryptoFailure(
                "certificate.malformed", "The signer's certificate cannot be taken apart.",
                remedy: "Check the certificate with `openssl x509 -text`.")
        }
        let attributes = attributes(contentType: contentType, digest, of: content, at: time)
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

        return DERWriter.bytes(tag == nil ? size(whole) : size(size(whole))) { der in
            if let tag { der.open(tag, size(whole)) }
            der.open(0x30, whole)
            der.append(0x06, signedDataType)
            der.open(0xA0, size(signedData))
            der.open(0x30, signedData)
            // version 3: the content is not of type id-data (RFC 5652 5.1)
            der.append(0x02, byte: 3)
            der.append(0x31, digestAlgorithm)
            der.open(0x30, encapsulated)
            der.append(0x06, contentType)
            der.open(0xA0, octets)
            der.append(0x04, content)
            der.append(0xA0, fields.der)
            der.open(0x31, size(signer))
            der.open(0x30, signer)
            der.append(0x02, byte: 1)
            der.append(fields.issuerAndSerialNumber)
            der.append(digestAlgorithm)
            der.append(attributes, as: 0xA0)
            der.append(signatureAlgorithm)
            der.append(0x04, signature)
        }
    }

    /// Attributes (RFC 5652 11) that are signed, by the last arc of their types below 1.2.840.113549.1.9.
    private enum Attribute: UInt8 {
        case contentType = 3
        case messageDigest = 4
        case signingTime = 5
    }

    /// SET OF in DER: ascending by encoding (X.690 11.6), which here is by length and then by type: tag and length come first.
    private static func attributes(
        contentType: Bytes, _ digest: Digest, of content: Bytes, at time: ASN1Time
    ) -> Bytes {
        // no array: one is made for each document
        var order: InlineArray<3, (count: Int, attribute: Attribute)> = [
            (count(contentType.count), .contentType), (count(time.count), .signingTime),
            (count(digest.byteCount), .messageDigest),
        ]
        func arrange(_ one: Int, _ other: Int) {
            let (first, second) = (order[one], order[other])
            let isInOrder =
                (first.count, first.attribute.rawValue) < (second.count, second.attribute.rawValue)
            if !isInOrder { order.swapAt(one, other) }
        }
        arrange(0, 1)
        arrange(1, 2)
        arrange(0, 1)
        let all = order.indices.reduce(0) { $0 + DERWriter.size(order[$1].count) }
        return DERWriter.bytes(DERWriter.size(all)) { der in
            der.open(0x31, all)
            for place in order.indices {
                let (count, attribute) = order[place]
                der.open(0x30, count)
                der.open(0x06, arcs.count + 1)
                der.append(arcs)
                der.append(byte: attribute.rawValue)
                switch attribute {
                case .contentType:
                    der.open(0x31, DERWriter.size(contentType.count))
                    der.append(0x06, contentType)
                case .messageDigest:
                    der.open(0x31, DERWriter.size(digest.byteCount))
                    der.append(0x04, digest, of: content)
                case .signingTime:
                    der.open(0x31, DERWriter.size(time.count))
                    time.write(&der)
                }
            }
        }
    }

    /// Of an attribute's content: type, and set of one value of so many bytes.
    private static func count(_ value: Int) -> Int {
        DERWriter.size(arcs.count + 1) + DERWriter.size(DERWriter.size(value))
    }

    /// 1.2.840.113549.1.9
    private static let arcs: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09]

    /// 1.2.840.113549.1.7.2
    private static let signedDataType: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
}
