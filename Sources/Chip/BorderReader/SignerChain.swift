internal import Ground
internal import OpenSSLCrypto

/// From a document signer to a country signing authority (Doc 9303-12 clause 4): always one step.
struct SignerChain {
    let trust: TrustStore
    let time: WallTime

    func judge(
        _ signer: X509Certificate, _ data: CertificateData, name: String, into reading: inout BorderReading
    ) {
        let makers = trust.authorities.filter { signer.isSigned(by: $0) }
        // a signer may be trusted by itself (Doc 9303-11 clause 8.3); one whose authority is known is judged by that
        if makers.isEmpty, trust.authorities.contains(where: { $0.der == signer.der }) {
            if !signer.isValid(at: time) { warnExpired(into: &reading) }
            return reading.check(name, true, "the document signer itself is trusted", .authorityUnknown)
        }
        guard let authority = makers.first(where: { $0.isValid(at: time) && signer.isIssued(by: $0) }) ?? makers.first
        else {
            return reading.check(
                name, false, "no trusted country signing certificate made the document signer's", .authorityUnknown)
        }
        let details = CertificateData(authority.der)
        if !signer.isIssued(by: authority) {
            reading.warnings.append("the document signer names its authority otherwise than the authority itself")
        }
        reading.warnings +=
            details.map { CertificateProfile.deviations(ofAuthority: $0).map { "country signer: \($0)" } } ?? []
        if let home = details?.country, let own = data.country, home.uppercased() != own.uppercased() {
            return reading.check(name, false, "signer and authority are of different countries", .authorityForeign)
        }
        if !authority.isValid(at: time) {
            guard !signer.isValid(at: time), authority.isValid(at: signer.notBefore) else {
                return reading.check(
                    name, false, "the country signing certificate is not valid at the time of reading",
                    .authorityExpired)
            }
        }
        if !authority.isValid(at: time) || !signer.isValid(at: time) { warnExpired(into: &reading) }
        if isRevoked(signer, by: makers, into: &reading) {
            return reading.check(name, false, "the document signer is revoked", .signerRevoked)
        }
        reading.check(name, true, "the document signer chains to a trusted certificate", .authorityUnknown)
    }

    /// A certificate that ran out is the signer's fault, not the chain's: the chain is judged when the signer began.
    private func warnExpired(into reading: inout BorderReading) {
        reading.warnings.append("a certificate of the signer is not valid at the time of reading")
    }

    private func isRevoked(
        _ signer: X509Certificate, by makers: [X509Certificate], into reading: inout BorderReading
    ) -> Bool {
        guard !trust.revocationLists.isEmpty else { return false }
        let named = trust.revocationLists.filter { $0.covers(signer) }
        let lists = named.filter { list in makers.contains { list.isSigned(by: $0) } }
        if lists.count < named.count {
            reading.warnings.append("a revocation list bears the authority's name and not its signature")
        }
        guard let newest = lists.max(by: { $0.thisUpdate < $1.thisUpdate }) else {
            reading.warnings.append("no revocation list of the signer's country")
            return false
        }
        if let next = newest.nextUpdate, next < time { reading.warnings.append("the revocation list is out of date") }
        return lists.contains { $0.revokes(signer) }
    }
}
