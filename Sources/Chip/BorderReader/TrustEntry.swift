public import Ground
public import OpenSSLCrypto

/// One country signing certificate of a trust store, as a person compares it with what the country tells.
public struct TrustEntry: Sendable {
    public let certificate: X509Certificate
    /// SHA-256 of the certificate.
    public let fingerprint: Bytes
    public let country: String?
    /// Whether its own key signed it. A link certificate is signed by the authority's key before.
    public let isSelfSigned: Bool
    /// Departures from the profile of Doc 9303-12, as sentences. None of them stops a border.
    public let deviations: [String]
}

extension TrustStore {
    /// The authorities in their order.
    public var entries: [TrustEntry] {
        authorities.map { authority in
            let data = CertificateData(authority.der)
            let isSelfSigned = authority.isSelfIssued && authority.isSigned(by: authority)
            var deviations = data.map(CertificateProfile.deviations(ofAuthority:)) ?? ["cannot be taken apart"]
            if !isSelfSigned, !authorities.contains(where: { authority.isSigned(by: $0) }) {
                deviations.append("signed by a key that is not here")
            }
            return TrustEntry(
                certificate: authority, fingerprint: Digest.sha256(authority.der), country: data?.country,
                isSelfSigned: isSelfSigned, deviations: deviations)
        }
    }
}
