public import Ground
public import OpenSSLCrypto
import Stations

/// What a label says, under the plant's signature: whoever has the public key sees on a phone, without a network, that the
/// plant printed this number for this place.
public enum LabelStatement {
    public static let schema = "sakk.label/1"

    public static func signed(
        envelope number: S10, to address: ShippingAddress, by key: any SigningKey
    ) throws(SakkError) -> SignedStatement {
        try SignedStatement(
            schema,
            [
                "number": .string(number.description), "route": .string(address.route.rawValue),
                "place": .string(address.place.rawValue),
            ], key: key)
    }

    public static func signed(
        container number: SSCC, _ kind: ContainerKind, to target: Target, by key: any SigningKey
    ) throws(SakkError) -> SignedStatement {
        try SignedStatement(
            schema,
            [
                "number": .string(number.digits), "kind": .string(kind.rawValue),
                "route": .string(target.route.rawValue), "region": target.region.map { .string($0) } ?? .null,
                "place": target.place.map { .string($0.rawValue) } ?? .null,
            ], key: key)
    }

    /// The number on the label when one of the keys signed it; nil for anything else.
    public static func number(_ text: String, keys: [PublicKey]) -> String? {
        SignedStatement.open(text, schema: schema, keys: keys)?["number"]?.string
    }
}
