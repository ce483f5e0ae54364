public import Ground
public import OpenSSLCrypto

/// Who signs documents: the document signer's certificate and key, both of one test or production PKI.
public struct DocumentSigner: Sendable {
    public let certificate: X509Certificate
    public let key: PrivateKey

    public init(certificate: X509Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }
}

/// The LDS security object, version 0 (9303-10, 4.6.2.3): digest algorithm and the hash of each data group.
public struct LDSSecurityObject: Sendable {
    /// SHA-256 of each whole data group file, by number.
    public let hashes: [Int: Bytes]

    public init(hashes: [Int: Bytes]) { self.hashes = hashes }

    /// 2.16.840.1.101.3.4.2.1
    private static let sha256: Bytes = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]

    /// DER, data groups in ascending order.
    public var encoded: Bytes {
        let values = hashes.sorted { $0.key < $1.key }.map { number, hash in
            TLV(0x30, [TLV(0x02, [UInt8(number)]), TLV(0x04, hash)])
        }
        return TLV(0x30, [TLV(0x02, [0]), TLV(0x30, [TLV(0x06, LDSSecurityObject.sha256)]), TLV(0x30, values)]).encoded
    }
}

/// EF.SOD (9303-10, 4.6.2): CMS SignedData over the LDS security object, in tag 77.
public struct SecurityObject: Sendable {
    /// id-icao-mrtd-security-ldsSecurityObject
    public static let contentType = "2.23.136.1.1.1"

    public let encoded: Bytes

    public init(
        over object: LDSSecurityObject, signer: DocumentSigner, at time: WallTime
    ) throws(SakkError) {
        let signed = try CMS.sign(
            content: object.encoded, contentTypeOID: SecurityObject.contentType, signer: signer.certificate,
            key: signer.key, chain: [], digest: .sha256, signingTime: time)
        encoded = TLV(0x77, signed).encoded
    }
}
