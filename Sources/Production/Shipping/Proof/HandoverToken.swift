public import Ground
public import OpenSSLCrypto

/// The QR that the addressee shows at the door instead of a code. It names the envelope and nothing of the person; it is
/// good once, because an envelope is handed over once.
public struct HandoverToken: Sendable, Hashable {
    public static let schema = "sakk.handover/1"

    public let envelope: S10
    public let expires: WallTime

    public init(envelope: S10, expires: WallTime) {
        self.envelope = envelope
        self.expires = expires
    }

    public func signed(by key: any SigningKey) throws(SakkError) -> SignedStatement {
        try SignedStatement(
            HandoverToken.schema,
            ["envelope": .string(envelope.description), "expires": .integer(expires.microseconds)], key: key)
    }

    /// Refusals: `shipping.token.wrong` for what none of the keys signed or what is another kind of statement.
    public static func open(_ text: String, keys: [PublicKey]) throws(SakkError) -> HandoverToken {
        guard let members = SignedStatement.open(text, schema: schema, keys: keys),
            let envelope = members["envelope"]?.string.flatMap({ S10($0) }), let expires = members["expires"]?.integer
        else { throw Refusal.tokenWrong.error("token") }
        return HandoverToken(envelope: envelope, expires: WallTime(microseconds: expires))
    }
}
