internal import CPKCS11
public import Ground
internal import OpenSSLCrypto

/// A master key of cards in a token. One card's keys are derived from it block by block inside the token; only those
/// come out, for the length of a session.
public final class PKCS11MasterKey: Sendable {
    public let label: String
    public let isAES: Bool
    /// Bytes of the key; nil when the token does not say (SoftHSM, for a key that was brought in).
    public let byteCount: Int?
    /// The first three bytes of a known block under the key: AES over sixteen bytes 01 (GPC Amendment D 4.1.4), triple
    /// DES over eight bytes 00 (GPCS 2.3.1 B.5).
    public let checkValue: Bytes
    private let token: Token

    init(token: Token, label: String) throws(SakkError) {
        self.token = token
        self.label = label
        let read = try token.perform("read the master key \(label)") { (session) throws(TokenFailure) in
            let object = try Self.object(label, session, token.name)
            let isAES = try session.attribute(CKAttribute.keyType, of: object)?.first == 0x1F
            let block = isAES ? Bytes(repeating: 1, count: 16) : Bytes(repeating: 0, count: 8)
            guard let known = try session.encryptBlocks(block, key: object, mechanism: isAES ? 0x1081 : 0x132) else {
                throw .stale
            }
            // CK_ULONG of this machine; two-key triple DES does not say it
            let length = try session.attribute(CKAttribute.valueLength, of: object) ?? []
            let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
            return (
                isAES: isAES, checkValue: Bytes(known.prefix(3)),
                byteCount: isAES ? ([16, 24, 32].contains(count) ? count : nil) : 16
            )
        }
        isAES = read.isAES
        checkValue = read.checkValue
        byteCount = read.byteCount
    }

    /// AES-CMAC (RFC 4493), sixteen bytes.
    public func cmac(_ data: Bytes) throws(SakkError) -> Bytes { try act(0x108A, data, signs: true) }

    /// Triple DES of whole blocks, ECB.
    public func encryptTripleDES(_ data: Bytes) throws(SakkError) -> Bytes { try act(0x132, data, signs: false) }

    private func act(_ mechanism: UInt, _ data: Bytes, signs: Bool) throws(SakkError) -> Bytes {
        try token.perform("derive with \(label)") { (session) throws(TokenFailure) in
            for _ in 0..<2 {
                let object = try Self.object(label, session, token.name)
                let made =
                    signs
                    ? try session.sign(data, key: object, mechanism: mechanism)
                    : try session.encryptBlocks(data, key: object, mechanism: mechanism)
                if let made { return made }
            }
            throw .refused(Self.missing(label, token.name))
        }
    }

    private static func object(
        _ label: String, _ session: TokenSession, _ token: String
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        let objects = try session.find(.secretKey, label: label)
        guard let first = objects.first else {
            guard session.isFresh else { throw .stale }
            throw .refused(missing(label, token))
        }
        guard objects.count == 1 else { throw .refused(TokenGuard.ambiguous(label, objects.count, token)) }
        try TokenGuard.check(first, label, session, token)
        return first
    }

    private static func missing(_ label: String, _ token: String) -> SakkError {
        SakkError(
            "vault.key.missing", source: token, subject: label, text: "The token holds no master key with this label.",
            remedy: "Name one that `sakk keys list` shows, make it, or import it.")
    }
}
