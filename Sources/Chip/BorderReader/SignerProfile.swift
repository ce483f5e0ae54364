public import Ground

/// A document signer's certificate before anything is signed with it: what Doc 9303-12 table 6 asks of those who issue. A border
/// reads documents of signers that deviate; what is made here shall give none a reason to warn.
public enum SignerProfile {
    /// Authority and subject key identifier, key usage and its period, policies, alternative names of subject and issuer, place of
    /// the revocation list, document types.
    private static let permitted: Set<String> = [
        "2.5.29.35", "2.5.29.14", "2.5.29.15", "2.5.29.16", "2.5.29.32", "2.5.29.17", "2.5.29.18", "2.5.29.31",
        "2.23.136.1.1.6.2",
    ]

    /// Sentences about what deviates; empty for a certificate that follows the profile.
    public static func deviations(of certificate: Bytes) -> [String] {
        guard let data = CertificateData(certificate) else { return ["not a certificate that can be read"] }
        var found = CertificateProfile.deviations(ofSigner: data)
        if data["2.5.29.17"] == nil { found.append("no alternative name of the subject") }
        if data["2.5.29.18"] == nil { found.append("no alternative name of the issuer") }
        for stranger in data.extensions where !permitted.contains(stranger.identifier) {
            // basic constraints have a sentence of their own
            guard stranger.identifier != "2.5.29.19" else { continue }
            found.append("extension \(stranger.identifier), which the profile does not know")
        }
        return found
    }
}
