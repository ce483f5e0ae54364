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

    /// Hash of each whole data group file, by ascending number.
    public let hashes: [(number: Int, hash: Bytes)]
    public let digest: Digest
    public let version: Version

    public init(hashes: [Int: Bytes], digest: Digest = .sha256, version: Version = .v0) {
        self.init(
            groups: hashes.sorted { $0.key < $1.key }.map { (number: $0.key, hash: $0.value) }, digest: digest,
            version: version)
    }

    /// `groups` in ascending order, each number once.
    init(groups: [(number: Int, hash: Bytes)], digest: Digest, version: Version) {
        hashes = groups
        self.digest = digest
        self.version = version
    }

    /// Of files in ascending order of their numbers: each is hashed.
    public init(files: [(number: Int, bytes: Bytes)], digest: Digest = .sha256, version: Version = .v0) {
        var groups: [(number: Int, hash: Bytes)] = []
        groups.reserveCapacity(files.count)
        for file in files { groups.append((file.number, digest.of(file.bytes))) }
        self.init(groups: groups, digest: digest, version: version)
    }

    /// DER, data groups in ascending order.
    public var encoded: Bytes {
        let algorithm = digest.algorithmIdentifier
        func size(_ content: Int) -> Int { DERWriter.size(content) }
        let list = hashes.reduce(0) { $0 + size(size(1) + size($1.hash.count)) }
        let (number, versionInfo): (UInt8, Int) =
            switch version {
            case .v0: (0, 0)
            case .v1(let lds, let unicode): (1, size(lds.utf8.count) + size(unicode.utf8.count))
            }
        let whole = size(1) + algorithm.count + size(list) + (number == 0 ? 0 : size(versionInfo))

        var der = DERWriter(reserving: size(whole))
        der.open(0x30, whole)
        der.append(0x02, byte: number)
        der.append(algorithm)
        der.open(0x30, list)
        for (group, hash) in hashes {
            der.open(0x30, size(1) + size(hash.count))
            der.append(0x02, byte: UInt8(group))
            der.append(0x04, hash)
        }
        if case .v1(let lds, let unicode) = version {
            der.open(0x30, versionInfo)
            der.append(0x13, text: lds)
            der.append(0x13, text: unicode)
        }
        return der.bytes
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
        encoded = try SignedDataBuilder.sign(
            content: object.encoded, contentType: SecurityObject.contentTypeValue, certificate: signer.certificate,
            key: signer.key, digest: object.digest == .sha1 ? .sha256 : object.digest, signingTime: time,
            under: 0x77)
    }
}
