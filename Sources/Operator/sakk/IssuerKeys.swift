import Catalog
import DocumentWriter
import GlobalPlatform
import Ground
import KeyVault
import OpenSSLCrypto
import Personalisation

/// The issuer's keys where the line's file says they are.
enum IssuerKeys {
    /// Throws the errors of `PKCS11Keys`, or `keys.missing` and `keys.malformed` for a file.
    static func signer(_ place: LineProfile.KeyPlace) throws(SakkError) -> any SigningKey {
        switch place {
        case .file(let path): try Certificates.key(path)
        case .token(let module, let token, let pinFile, let label, _):
            try PKCS11Keys(module: module, tokenLabel: token, pin: .file(pinFile)).signer(label)
        }
    }

    /// The line's document signers in the order of their turns; `used` is what the books count. Throws
    /// `keys.signer.mismatch` for a key that is not the certificate's.
    static func signers(_ line: LineProfile, used: [String: Int]) throws(SakkError) -> SignerRing {
        var members: [SignerRing.Member] = []
        for place in line.keys.documentSigners {
            let certificate = try Certificates.read(place.certificate)
            let key = try signer(place.key)
            // the bits of the key alone: a curve may stand beside it by name or written out
            guard let certified = bits(certificate.publicKeyInfo), certified == bits(try key.publicKeyInfo()) else {
                throw SakkError(
                    "keys.signer.mismatch", source: line.path, subject: place.certificate,
                    text: "The document signer's key is not the one in its certificate.",
                    remedy: "Name the certificate that was issued for this key.")
            }
            let name = Digest.sha256(certificate.der).hex
            members.append(
                SignerRing.Member(
                    DocumentSigner(certificate: certificate, key: key), attemptsMax: place.attemptsMax,
                    used: used[name] ?? 0))
        }
        return SignerRing(members)
    }

    /// The plant's inspection system; nil for a line without one. Throws `keys.inspection.twice` where its key lies in a token
    /// and another in its folder.
    static func inspection(_ line: LineProfile) throws(SakkError) -> InspectionSystem? {
        guard let folder = line.trust.inspectionSystem else { return nil }
        let file = InspectionSystem.keyFile(in: folder)
        guard let place = line.keys.inspectionSystem else {
            return try InspectionSystem(folder: folder, key: try Certificates.key(file))
        }
        guard FileBytes.read(file) == nil else {
            throw SakkError(
                "keys.inspection.twice", source: line.path, subject: file,
                text: "The inspection system's key is in a token, and there is one in its folder, too.",
                remedy: "Destroy the file, or take `keys.inspection_system_key_token` out of the line's file.")
        }
        return try InspectionSystem(folder: folder, key: try signer(place))
    }

    private static func bits(_ info: Bytes) -> Bytes? { TLV.parse(info)?.first(0x03)?.value }

    static func cards(_ place: LineProfile.KeyPlace) throws(SakkError) -> any CardKeySource {
        guard case .token(_, _, _, _, let bits) = place, let master = try master(place) else {
            return try MasterKey(try KeyFile.read(place.path ?? "", bytes: 16), scheme: .kdf3)
        }
        return try TokenCardKeys(master: master, scheme: .kdf3, bits: bits)
    }

    /// The keys that chips of this profile leave with; nil when they keep those of the transport. `keys.missing`: the line
    /// names none. `keys.same`: it names the transport key again.
    static func production(
        _ line: LineProfile, for profile: ChipSettings, wrongCards: (any WrongCardStore)?
    ) throws(SakkError) -> ProductionKeys? {
        guard let version = profile.productionKeyVersion else { return nil }
        guard let place = line.keys.productionMaster else {
            throw SakkError(
                "keys.missing", source: line.path, subject: "keys.production_master",
                text: "The product's chips leave with production keys, and the line names no master key of them.",
                remedy: "Name `keys.production_master_token`, a key of the vault (`sakk keys make`).")
        }
        guard try checkValue(of: place) != checkValue(of: line.keys.transportMaster) else {
            throw SakkError(
                "keys.same", source: line.path, subject: "keys.production_master",
                text: "The production master key is the transport key: chips would leave under keys of their maker.",
                remedy: "Make a master key of your own in the vault and name it.")
        }
        return ProductionKeys(
            try cards(place),
            guarding: try wrongCards.map { (store) throws(SakkError) in
                KeySetGuard(keySet: try name("production", place, version: version), store: store)
            })
    }

    /// What a stopped key set is called: its check value tells it, not its bytes. `use`: `transport` or `production`.
    static func name(_ use: String, _ place: LineProfile.KeyPlace, version: UInt8) throws(SakkError) -> String {
        "\(use) \(try checkValue(of: place).hex) version \(version)"
    }

    static func checkValue(of place: LineProfile.KeyPlace) throws(SakkError) -> Bytes {
        if let master = try master(place) { master.checkValue } else { try checkValue(file: place.path ?? "") }
    }

    /// Nil for a key in a file.
    static func master(_ place: LineProfile.KeyPlace) throws(SakkError) -> PKCS11MasterKey? {
        guard case .token(let module, let token, let pinFile, let label, _) = place else { return nil }
        return try PKCS11Keys(module: module, tokenLabel: token, pin: .file(pinFile)).master(label)
    }

    /// Of an AES key in a file, as `PKCS11MasterKey.checkValue`.
    static func checkValue(file path: String) throws(SakkError) -> Bytes {
        let known = try AES.cbcEncrypt(
            key: try KeyFile.read(path, bytes: 16), iv: Bytes(repeating: 0, count: 16),
            data: Bytes(repeating: 1, count: 16))
        return Bytes(known.prefix(3))
    }
}

/// Keys of cards derived inside a token: the master key stays there, a card's three keys live as long as its session.
struct TokenCardKeys: CardKeySource {
    private let master: PKCS11MasterKey
    private let scheme: Diversification
    private let length: Int

    /// `bits` is for a token that does not tell the length of its key. Throws `keys.length`.
    init(master: PKCS11MasterKey, scheme: Diversification, bits: Int?) throws(SakkError) {
        let configured = bits.map { $0 / 8 }
        guard let length = master.byteCount ?? configured, [16, 24, 32].contains(length), configured ?? length == length
        else {
            throw SakkError(
                "keys.length", source: "token", subject: master.label,
                text: master.byteCount == nil
                    ? "The token does not tell the length of this master key."
                    : "The master key has another length than the line's file says.",
                remedy: "Write `bits: 128` (or 192, 256) beside its label, as the manufacturer's letter says.")
        }
        self.master = master
        self.scheme = scheme
        self.length = length
    }

    func keys(forKDD kdd: Bytes, version: UInt8) throws(SakkError) -> CardKeys {
        CardKeys(enc: try key(kdd, 1), mac: try key(kdd, 2), dek: try key(kdd, 3))
    }

    private func key(_ kdd: Bytes, _ number: UInt8) throws(SakkError) -> SecretBytes {
        try scheme.key(
            kdd: kdd, number: number, length: length,
            cmac: { (data) throws(SakkError) in try master.cmac(data) },
            tripleDES: { (data) throws(SakkError) in try master.encryptTripleDES(data) })
    }
}
