internal import CPKCS11
public import Ground
public import OpenSSLCrypto
internal import Synchronization

/// A document signer's key in a token: hashes go in, signatures come out. May be used from several threads.
public final class PKCS11SigningKey: SigningKey {
    public let kind: SigningKeyKind
    public let label: String
    private let token: Token
    private let info: Bytes
    private let act: String
    /// Of one generation of the connection.
    private let handle = Mutex<(generation: Int, object: CK_OBJECT_HANDLE)?>(nil)

    init(token: Token, label: String) throws(SakkError) {
        self.token = token
        self.label = label
        act = "sign with \(label)"
        let read = try token.perform("read the signing key \(label)") { (session) throws(TokenFailure) in
            _ = try Self.object(.privateKey, label, session, token.name)
            let object = try Self.object(.publicKey, label, session, token.name)
            return try TokenPublicKey(object, session, token: token.name)
        }
        info = read.info
        kind = read.isEC ? .ecdsa : .rsa
    }

    public func publicKeyInfo() throws(SakkError) -> Bytes { info }

    public func sign(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
        let isEC = kind == .ecdsa
        // CKM_ECDSA over the bare hash, CKM_RSA_PKCS over the DigestInfo: every token has these two
        let input = isEC ? digest.of(message) : digest.digestInfo(message)
        let made = try token.perform(act) { (session) throws(TokenFailure) in
            for _ in 0..<2 {
                let object = try current(session)
                if let value = try session.sign(
                    input, key: object, mechanism: isEC ? TokenSession.ecdsa : TokenSession.rsa)
                {
                    return value
                }
                handle.withLock { $0 = nil }
            }
            throw .refused(Self.missing(label, token.name))
        }
        return isEC ? ECDSASignature.der(plain: made) : made
    }

    private func current(_ session: TokenSession) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        if let known = handle.withLock({ $0 }), known.generation == session.generation { return known.object }
        let object = try Self.object(.privateKey, label, session, token.name)
        handle.withLock { $0 = (session.generation, object) }
        return object
    }

    /// The one object with this label; a private one must be guarded.
    private static func object(
        _ kind: TokenSession.Kind, _ label: String, _ session: TokenSession, _ token: String
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        let objects = try session.find(kind, label: label)
        guard let first = objects.first else {
            guard session.isFresh else { throw .stale }
            throw .refused(missing(label, token))
        }
        guard objects.count == 1 else { throw .refused(TokenGuard.ambiguous(label, objects.count, token)) }
        if kind == .privateKey { try TokenGuard.check(first, label, session, token) }
        return first
    }

    private static func missing(_ label: String, _ token: String) -> SakkError {
        SakkError(
            "vault.key.missing", source: token, subject: label, text: "The token holds no signing key with this label.",
            remedy: "Name one that `sakk keys list` shows, or make it with `sakk keys make`.")
    }
}

/// What every key of an issuer must be: never shown, never extractable.
enum TokenGuard {
    static func check(
        _ object: CK_OBJECT_HANDLE, _ label: String, _ session: TokenSession, _ token: String
    ) throws(TokenFailure) {
        guard try session.attribute(CKAttribute.sensitive, of: object) == [1],
            try session.attribute(CKAttribute.extractable, of: object) == [0]
        else {
            throw .refused(
                SakkError(
                    "vault.key.weak", source: token, subject: label,
                    text: "The token would give this key away: it is not sensitive, or it is extractable.",
                    remedy: "Make a new key inside the token, and find out who put this one there."))
        }
    }

    static func ambiguous(_ label: String, _ count: Int, _ token: String) -> SakkError {
        SakkError(
            "vault.key.ambiguous", source: token, subject: label,
            text: "The token holds \(count) keys with this label.",
            remedy: "Give each key a label of its own with the HSM's own tool.")
    }
}
