public import Ground
public import OpenSSLCrypto

/// Signs what leaves the plant.
public protocol Sealing: Sendable {
    /// CMS SignedData in DER with the content inside.
    func seal(_ content: Bytes, at time: WallTime) throws(SakkError) -> Bytes
}

/// A seal whose key is a file.
public struct FileSeal: Sealing {
    private let certificate: X509Certificate
    private let key: PrivateKey

    public init(certificate: X509Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    public func seal(_ content: Bytes, at time: WallTime) throws(SakkError) -> Bytes {
        try CMS.sign(
            content: content, contentTypeOID: CMS.dataContentType, signer: certificate, key: key, chain: [],
            digest: .sha256, signingTime: time)
    }
}
