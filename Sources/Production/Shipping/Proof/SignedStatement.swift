public import Ground
public import OpenSSLCrypto

/// A few facts under a signature, as a text that a QR code holds in its alphanumeric mode and a phone checks without a
/// network: `SAKK1:`, the canonical JSON in hexadecimal digits, `:`, the signature (ECDSA with SHA-256 over the JSON's
/// bytes, r and s side by side). The member `schema` says what it is, so no statement passes for another kind.
public struct SignedStatement: Sendable, Hashable {
    public let text: String

    /// `shipping.signer` when the key is no EC key.
    public init(_ schema: String, _ members: [String: JSONValue], key: any SigningKey) throws(SakkError) {
        let payload = JSONValue.object(members.merging(["schema": .string(schema)]) { $1 }).canonical
        guard key.kind == .ecdsa, let info = PublicKey(info: try key.publicKeyInfo()), case .ec(let half, _) = info.kind
        else { throw SignedStatement.signer }
        let signature = try key.sign(payload, digest: .sha256)
        guard let plain = SignedStatement.plain(signature, half: half) else { throw SignedStatement.signer }
        text = "SAKK1:\(payload.hex):\(plain.hex)"
    }

    /// The members of a statement of this schema that one of the keys signed; nil for anything else.
    public static func open(_ text: String, schema: String, keys: [PublicKey]) -> [String: JSONValue]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "SAKK1", let payload = Bytes(hex: String(parts[1])),
            let signature = Bytes(hex: String(parts[2])),
            keys.contains(where: { $0.verifies(plain: signature, of: payload, digest: .sha256) }),
            let value = try? JSONValue(parsing: payload), value["schema"]?.string == schema
        else { return nil }
        return value.object
    }

    /// r and s side by side from Ecdsa-Sig-Value (RFC 3279 2.2.3).
    private static func plain(_ der: Bytes, half: Int) -> Bytes? {
        guard let values = TLV.parse(der)?.children, values.count == 2 else { return nil }
        var plain = Bytes()
        for value in values {
            let magnitude = value.value.drop { $0 == 0 }
            guard value.tag == 0x02, magnitude.count <= half else { return nil }
            plain += Bytes(repeating: 0, count: half - magnitude.count) + magnitude
        }
        return plain
    }

    private static var signer: SakkError {
        SakkError(
            "shipping.signer", source: "shipping", text: "The key cannot sign statements: it is no EC key.",
            remedy: "Give the dispatch key of the vault, on a NIST or Brainpool curve.")
    }
}
