internal import CPKCS11
public import Ground
internal import OpenSSLCrypto
internal import Stations

/// The keys of an issuer in a token: document signers and the master keys of cards. They are made in the token or come
/// into it wrapped, and never leave it. A label names one key.
public final class PKCS11Keys: Sendable {
    let token: Token

    /// `module` is the path of the HSM's library. Nothing is loaded before the first call.
    public init(module: String, tokenLabel: String, pin: PINSource) {
        token = Token(module: module, label: tokenLabel, pin: pin, needs: [])
    }

    public enum SignerAlgorithm: String, Sendable, CaseIterable {
        case p256, p384, p521
        case brainpoolP256r1, brainpoolP384r1, brainpoolP512r1
        case rsa3072, rsa4096

        /// DER of the named curve's object identifier; nil for RSA.
        var curve: Bytes? {
            switch self {
            case .p256: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p384: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
            case .p521: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]
            case .brainpoolP256r1: [0x06, 0x09, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07]
            case .brainpoolP384r1: [0x06, 0x09, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0B]
            case .brainpoolP512r1: [0x06, 0x09, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0D]
            case .rsa3072, .rsa4096: nil
            }
        }

        var bits: Int { self == .rsa4096 ? 4096 : 3072 }
    }

    public enum MasterAlgorithm: String, Sendable, CaseIterable {
        case aes128, aes192, aes256
        /// Two-key triple DES, for cards with SCP02.
        case des2

        var aesBytes: Int {
            switch self {
            case .aes128: 16
            case .aes192: 24
            case .aes256: 32
            case .des2: 0
            }
        }
    }

    /// Makes the pair in the token. Throws `vault.key.exists` when the label is taken.
    public func makeSigner(_ label: String, _ algorithm: SignerAlgorithm) throws(SakkError) -> PKCS11SigningKey {
        let id = try KeyID.random()
        try make("make the signing key \(label)", label, .privateKey) { (session) throws(TokenFailure) in
            _ = try session.generatePair(curve: algorithm.curve, bits: algorithm.bits, label: label, id: id)
        }
        return try signer(label)
    }

    /// Throws `vault.key.missing`, `vault.key.weak`, `vault.key.ambiguous`.
    public func signer(_ label: String) throws(SakkError) -> PKCS11SigningKey {
        try PKCS11SigningKey(token: token, label: label)
    }

    /// Makes a master key in the token. Throws `vault.key.exists` when the label is taken.
    public func makeMaster(_ label: String, _ algorithm: MasterAlgorithm) throws(SakkError) -> PKCS11MasterKey {
        let id = try KeyID.random()
        try make("make the master key \(label)", label, .secretKey) { (session) throws(TokenFailure) in
            _ = try session.generateMaster(aesBytes: algorithm.aesBytes, label: label, id: id)
        }
        return try master(label)
    }

    public func master(_ label: String) throws(SakkError) -> PKCS11MasterKey {
        try PKCS11MasterKey(token: token, label: label)
    }

    private static let importLabel = "sakk import"

    /// The public key under which a manufacturer wraps its transport key (RSA 3072); made at the first call.
    /// SubjectPublicKeyInfo in DER.
    public func importKey() throws(SakkError) -> Bytes {
        let id = try KeyID.random()
        try token.perform("make the key for imports", anew: true) { (session) throws(TokenFailure) in
            guard try session.find(.privateKey, label: Self.importLabel).isEmpty else { return }
            try session.generateImportPair(bits: 3072, label: Self.importLabel, id: id)
        }
        return try token.perform("read the key for imports") { (session) throws(TokenFailure) in
            guard let object = try session.find(.publicKey, label: Self.importLabel).first else { throw .stale }
            return try TokenPublicKey(object, session, token: token.name).info
        }
    }

    /// Brings a master key into the token: RSA-OAEP (SHA-1) under `importKey`. Its check value must be `checkValue` (the
    /// one on the manufacturer's letter), else the object is removed again and `vault.kcv.mismatch` says both.
    public func importMaster(
        _ label: String, isAES: Bool, wrapped: Bytes, checkValue: Bytes
    ) throws(SakkError) -> PKCS11MasterKey {
        let id = try KeyID.random()
        try make("import the master key \(label)", label, .secretKey) { (session) throws(TokenFailure) in
            guard let object = try session.find(.privateKey, label: Self.importLabel).first else {
                throw .refused(
                    SakkError(
                        "vault.key.missing", source: token.name, subject: Self.importLabel,
                        text: "There is no key for imports in the token.",
                        remedy: "Give its public half to the manufacturer first (`sakk keys import-key`)."))
            }
            _ = try session.unwrapMaster(wrapped, with: object, isAES: isAES, label: label, id: id)
        }
        let key = try master(label)
        guard key.checkValue == checkValue else {
            let seen = key.checkValue.hex
            try remove(label, .secretKey)
            throw SakkError(
                "vault.kcv.mismatch", source: token.name, subject: label,
                text: "The imported key has the check value \(seen), not \(checkValue.hex); it was removed again.",
                remedy: "Compare with the manufacturer's letter; ask for the key anew.")
        }
        return key
    }

    /// Every key of the token, weeks and tags of the vault among them.
    public func inventory() throws(SakkError) -> [TokenKeyEntry] {
        try token.perform("list its keys", anew: true) { (session) throws(TokenFailure) in
            var entries: [TokenKeyEntry] = []
            for (kind, objects) in [
                (TokenKeyEntry.Kind.signer, try session.find(.privateKey, label: nil)),
                (.secret, try session.find(.secretKey, label: nil)),
            ] {
                for object in objects where try session.exists(object) {
                    if let entry = try TokenKeyEntry(object, kind, session) { entries.append(entry) }
                }
            }
            return entries.sorted { $0.label < $1.label }
        }
    }

    private func make(
        _ act: String, _ label: String, _ kind: TokenSession.Kind, _ body: (TokenSession) throws(TokenFailure) -> Void
    ) throws(SakkError) {
        try token.perform(act, outcome: .unknown, anew: true) { (session) throws(TokenFailure) in
            guard try session.find(kind, label: label).isEmpty else {
                throw .refused(
                    SakkError(
                        "vault.key.exists", source: token.name, subject: label,
                        text: "The token holds a key with this label already.",
                        remedy: "Take another label; a key that serves is never written over."))
            }
            try body(session)
        }
    }

    private func remove(_ label: String, _ kind: TokenSession.Kind) throws(SakkError) {
        try token.perform("remove \(label)", outcome: .unknown, anew: true) { (session) throws(TokenFailure) in
            for object in try session.find(kind, label: label) { try session.destroy(object) }
        }
    }
}

/// What the token says of a key: no secret.
public struct TokenKeyEntry: Sendable {
    public enum Kind: String, Sendable { case signer, secret }

    public let label: String
    public let kind: Kind
    /// For example `EC`, `RSA`, `AES`, `DES2`; a number for another key type of PKCS #11.
    public let type: String
    /// Made inside the token.
    public let isLocal: Bool
    /// The token would never show it and never could.
    public let isGuarded: Bool

    init?(_ object: CK_OBJECT_HANDLE, _ kind: Kind, _ session: TokenSession) throws(TokenFailure) {
        guard let label = try session.attribute(CKAttribute.label, of: object),
            let type = try session.attribute(CKAttribute.keyType, of: object)
        else { return nil }
        self.label = String(decoding: label, as: UTF8.self)
        self.kind = kind
        // CK_ULONG of this machine
        let number = type.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        self.type =
            [0x00: "RSA", 0x03: "EC", 0x10: "generic", 0x14: "DES2", 0x15: "DES3", 0x1F: "AES"][number] ?? "\(number)"
        isLocal = try session.attribute(CKAttribute.local, of: object) == [1]
        let guards = [CKAttribute.sensitive, CKAttribute.alwaysSensitive, CKAttribute.neverExtractable]
        var guarded = true
        for attribute in guards where guarded { guarded = try session.attribute(attribute, of: object) == [1] }
        isGuarded = guarded
    }
}
