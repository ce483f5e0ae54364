public import Ground
public import OpenSSLCrypto

/// Who signs documents: the document signer's certificate and key, both of one test or production PKI. The key may be in a
/// token that never shows it.
public struct DocumentSigner: Sendable {
    public let certificate: X509Certificate
    public let key: any SigningKey

    public init(certificate: X509Certificate, key: any SigningKey) {
        self.certificate = certificate
        self.key = key
    }
}

/// The LDS security object (9303-10, 4.6.2.3): digest algorithm and the hash of each data group. Version 1 tells the LDS
/// version too.
public struct LDSSecurityObject: Sendable {
    public enum Version: Sendable {
        case v0
        /// `ldsVersion` as in EF.COM, for example `0108`; `unicodeVersion`, for example `040000`.
        case v1(ldsVersion: String, unicodeVersion: String)
    }

    /// Hash of each whole data group file, by number.
    public let hashes: [Int: Bytes]
    public let digest: Digest
    public let version: Version

    public init(hashes: [Int: Bytes], digest: Digest = .sha256, version: Version = .v0) {
        self.hashes = hashes
        self.digest = digest
        self.version = version
    }

    /// 2.16.840.1.101.3.4.2.x, or 1.3.14.3.2.26.
    private var algorithm: Bytes {
        let arc: UInt8
        switch digest {
        case .sha1: return [0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha256: arc = 1
        case .sha384: arc = 2
        case .sha512: arc = 3
        case .sha224: arc = 4
        }
        return [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc]
    }

    /// DER, data groups in ascending order.
    public var encoded: Bytes {
        let values = hashes.sorted { $0.key < $1.key }.map { number, hash in
            TLV(0x30, [TLV(0x02, [UInt8(number)]), TLV(0x04, hash)])
        }
        var fields = [TLV(0x30, [TLV(0x06, algorithm)]), TLV(0x30, values)]
        switch version {
        case .v0: fields.insert(TLV(0x02, [0]), at: 0)
        case .v1(let lds, let unicode):
            fields.insert(TLV(0x02, [1]), at: 0)
            fields.append(TLV(0x30, [TLV(0x13, Bytes(lds.utf8)), TLV(0x13, Bytes(unicode.utf8))]))
        }
        return TLV(0x30, fields).encoded
    }
}

/// EF.SOD (9303-10, 4.6.2): CMS SignedData over the LDS security object, in tag 77.
public struct SecurityObject: Sendable {
    /// id-icao-mrtd-security-ldsSecurityObject
    public static let contentType = "2.23.136.1.1.1"
    private static let contentTypeValue: Bytes = [0x67, 0x81, 0x08, 0x01, 0x01, 0x01]

    public let encoded: Bytes

    public init(
        over object: LDSSecurityObject, signer: DocumentSigner, at time: WallTime
    ) throws(SakkError) {
        let signed = try SignedDataBuilder.sign(
            content: object.encoded, contentType: SecurityObject.contentTypeValue, certificate: signer.certificate,
            key: signer.key, digest: object.digest == .sha1 ? .sha256 : object.digest, signingTime: time)
        encoded = TLV(0x77, signed).encoded
    }
}
