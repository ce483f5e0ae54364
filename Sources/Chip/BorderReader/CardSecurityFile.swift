internal import Ground

/// EF.CardSecurity (Doc 9303-11 clause 9.2.11, BSI TR-03110-3): SecurityInfos signed as CMS by a document signer.
struct CardSecurityFile {
    let signed: SignedFile
    let infos: SecurityInfos

    /// bsi-de applications eID id-SecurityObject
    static let contentType = "0.4.0.127.0.7.3.2.1"

    init?(_ file: Bytes) {
        guard let signed = SignedFile(file), signed.contentType == Self.contentType,
            let infos = SecurityInfos(signed.content)
        else { return nil }
        self.signed = signed
        self.infos = infos
    }
}
