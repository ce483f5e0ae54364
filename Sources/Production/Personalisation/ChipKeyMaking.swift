import Catalog
import DocumentWriter
import Ground
import OpenSSLCrypto
import Stations

/// The keys of one attempt's chip: fresh, in memory that is wiped, or left to the chip; and what the document says of them.
struct ChipKeyMaking {
    let document: ChipDocument
    private(set) var secrets: ChipKeys.Secrets = [:]
    /// SubjectPublicKeyInfo of the keys that the host made.
    private(set) var made: [ChipKeys.Use: Bytes] = [:]

    init(_ document: ChipDocument) throws(SakkError) {
        self.document = document
        if let key = document.activeAuthentication, key.maker == .host { try makeSigningKey(key) }
        if let key = document.chipAuthentication, key.maker == .host {
            let pair = try PrivateKey.fresh(curve: key.parameter)
            guard let domain = AgreementDomain.standard(key.parameter) else { return }
            made[.chipAuthentication] = try pair.publicKeyInfo(explicit: true)
            secrets["ca.number"] = ChipSecret(try pair.secretNumber(byteCount: domain.fieldBytes))
        }
    }

    private mutating func makeSigningKey(_ key: ChipDocument.ActiveAuthentication) throws(SakkError) {
        if key.isRSA {
            let pair = try PrivateKey.fresh(rsaBits: key.parameter)
            var modulus = try pair.modulus(byteCount: key.parameter / 8)
            made[.activeAuthentication] = try pair.publicKeyInfo()
            secrets["aa.modulus"] = ChipSecret(SecretBytes(wiping: &modulus))
            secrets["aa.exponent"] = ChipSecret(try pair.secretNumber(byteCount: key.parameter / 8))
            secrets["aa.pkcs8"] = ChipSecret(try pair.secretPKCS8())
        } else {
            let pair = try PrivateKey.fresh(curve: key.parameter)
            made[.activeAuthentication] = try pair.publicKeyInfo(explicit: true)
            secrets["aa.pkcs8"] = ChipSecret(try pair.secretPKCS8())
        }
    }

    /// EF.CardAccess; nil without PACE.
    func cardAccess() throws(SakkError) -> SecurityInfoSet? {
        guard let pace = document.pace else { return nil }
        var set = SecurityInfoSet()
        let mappings: [String: SecurityInfoSet.Mapping] = ["integrated": .integrated, "chip": .chipAuthentication]
        try set.addPACE(
            mappings[pace.mapping] ?? .generic, pace.parameter < 8 ? .dh : .ecdh, Self.cipher(pace.cipher),
            parameter: pace.parameter)
        return set
    }

    /// What EF.CardSecurity signs: the key that explains the chip authentication mapping; nil with another mapping.
    func cardSecurity(born: [ChipKeys.Use: Bytes]) throws(SakkError) -> SecurityInfoSet? {
        guard let pace = document.pace, pace.mapping == "chip", let key = document.chipAuthentication,
            var set = try cardAccess()
        else { return nil }
        let info = try Self.needed(made.merging(born) { $1 }[.chipAuthentication])
        guard let bits = TLV.parse(info)?.children?.last, bits.tag == 0x03, bits.value.first == 0 else {
            throw Self.missing()
        }
        set.addChipKey(point: Bytes(bits.value.dropFirst()), parameter: pace.parameter, keyID: key.keyID)
        return set
    }

    /// EF.DG14 and EF.DG15 over all keys, those that the chip bore among them.
    func groups(born: [ChipKeys.Use: Bytes]) throws(SakkError) -> [Int: Bytes] {
        let keys = made.merging(born) { $1 }
        var groups: [Int: Bytes] = [:]
        var infos = try cardAccess() ?? SecurityInfoSet()
        if let key = document.activeAuthentication {
            groups[15] = DataGroup15(publicKeyInfo: try Self.needed(keys[.activeAuthentication])).encoded
            let digests: [Int: Digest] = [224: .sha224, 256: .sha256, 384: .sha384, 512: .sha512]
            if !key.isRSA, let digest = digests[key.digestBits] { try infos.addActiveAuthentication(digest) }
        }
        if let key = document.chipAuthentication {
            infos.addChipAuthentication(.ecdh, Self.cipher(key.cipher), keyID: key.keyID)
            try infos.addChipKey(
                .ecdh, publicKeyInfo: try Self.needed(keys[.chipAuthentication]), keyID: key.keyID)
        }
        if document.hasFingers { infos.addTerminalAuthentication() }
        if !infos.entries.isEmpty { groups[14] = infos.dataGroup14 }
        return groups
    }

    private static func needed(_ key: Bytes?) throws(SakkError) -> Bytes {
        guard let key else { throw missing() }
        return key
    }

    private static func missing() -> SakkError {
        SakkError(
            "chip.key.missing", source: "chip", text: "The chip did not say which key it bore.",
            remedy: "Let the dialect's step `give` it.")
    }

    private static func cipher(_ name: String) -> SecurityInfoSet.Cipher {
        switch name {
        case "3des": .tripleDES
        case "aes192": .aes192
        case "aes256": .aes256
        default: .aes128
        }
    }
}
