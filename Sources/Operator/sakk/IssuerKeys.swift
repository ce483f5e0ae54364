import Catalog
import GlobalPlatform
import Ground
import KeyVault
import OpenSSLCrypto

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

    static func cards(_ place: LineProfile.KeyPlace) throws(SakkError) -> any CardKeySource {
        switch place {
        case .file(let path): try MasterKey(try KeyFile.read(path, bytes: 16), scheme: .kdf3)
        case .token(let module, let token, let pinFile, let label, let bits):
            try TokenCardKeys(
                master: try PKCS11Keys(module: module, tokenLabel: token, pin: .file(pinFile)).master(label),
                scheme: .kdf3, bits: bits)
        }
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
