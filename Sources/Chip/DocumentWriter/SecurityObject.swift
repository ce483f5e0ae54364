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

    public let digest: Digest
    /// DER, data groups in ascending order.
    public let encoded: Bytes

    /// Hash of each whole data group file, by its number; all of one length.
    public init(hashes: [Int: Bytes], digest: Digest = .sha256, version: Version = .v0) {
        let groups = hashes.sorted { $0.key < $1.key }
        self.init(groups.count, of: groups.first?.value.count ?? 0, digest, version) { place, der in
            der.append(0x02, byte: UInt8(groups[place].key))
            der.append(0x04, groups[place].value)
        }
    }

    /// Of files in ascending order of their numbers: each is hashed.
    public init(files: [(number: Int, bytes: Bytes)], digest: Digest = .sha256, version: Version = .v0) {
        self.init(files.count, of: digest.byteCount, digest, version) { place, der in
            der.append(0x02, byte: UInt8(files[place].number))
            der.append(0x04, digest, of: files[place].bytes)
        }
    }

    /// `count` groups with hashes of so many bytes, each written by `write`: number, hash.
    private init(
        _ count: Int, of hashBytes: Int, _ digest: Digest, _ version: Version,
        write: (_ place: Int, _ der: inout DERWriter) -> Void
    ) {
        self.digest = digest
        let algorithm = digest.algorithmIdentifier
        func size(_ content: Int) -> Int { DERWriter.size(content) }
        let group = size(1) + size(hashBytes)
        let list = count * size(group)
        let (number, versionInfo): (UInt8, Int) =
            switch version {
            case .v0: (0, 0)
            case .v1(let lds, let unicode): (1, size(lds.utf8.count) + size(unicode.utf8.count))
            }
        let whole = size(1) + algorithm.count + size(list) + (number == 0 ? 0 : size(versionInfo))

        encoded = DERWriter.bytes(size(whole)) { der in
            der.open(0x30, whole)
            der.append(0x02, byte: number)
            der.append(algorithm)
            der.open(0x30, list)
            for place in 0..<count {
                der.open(0x30, group)
                write(place, &der)
            }
            if case .v1(let lds, let unicode) = version {
                der.open(0x30, versionInfo)
                der.append(0x13, text: lds)
                der.append(0x13, text: unicode)
            }
        }
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
