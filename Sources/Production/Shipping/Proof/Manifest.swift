public import Ground
public import OpenSSLCrypto
import Stations

/// What a consignment holds: bags with seals, boxes with counts and the hash of what lies in them. No person is named.
public struct Manifest: Sendable, Hashable {
    public static let schema = "sakk.manifest/1"
    public static let headSchema = "sakk.manifest-head/1"

    public struct Box: Sendable, Hashable {
        public let number: SSCC
        public let place: PlaceID?
        /// Envelopes, when it was closed.
        public let count: Int
        /// SHA-256 over their sorted numbers, each with a line feed.
        public let contents: Bytes
    }

    public struct Bag: Sendable, Hashable {
        public let number: SSCC
        public let seal: String?
        public let boxes: [Box]
    }

    public let consignment: SSCC
    public let target: Target
    public let bags: [Bag]

    public var documents: Int { bags.reduce(0) { $1.boxes.reduce($0) { $0 + $1.count } } }

    /// Canonical JSON: the same contents give the same bytes.
    public var json: JSONValue {
        let bags = bags.map { bag -> JSONValue in
            let boxes = bag.boxes.map { box -> JSONValue in
                [
                    "box": .string(box.number.digits), "place": box.place.map { .string($0.rawValue) } ?? .null,
                    "count": .integer(Int64(box.count)),
                    "contents": .string(box.contents.hex),
                ]
            }
            return [
                "bag": .string(bag.number.digits), "seal": bag.seal.map { .string($0) } ?? .null,
                "boxes": .array(boxes),
            ]
        }
        return [
            "schema": .string(Manifest.schema), "consignment": .string(consignment.digits),
            "route": .string(target.route.rawValue), "region": target.region.map { .string($0) } ?? .null,
            "place": target.place.map { .string($0.rawValue) } ?? .null, "documents": .integer(Int64(documents)),
            "bags": .array(bags),
        ]
    }

    /// For the QR on the printed manifest: its sums and the SHA-256 of its JSON, small enough for one code whatever the
    /// consignment's size.
    public func head(signedBy key: any SigningKey) throws(SakkError) -> SignedStatement {
        try SignedStatement(
            Manifest.headSchema,
            [
                "consignment": .string(consignment.digits), "bags": .integer(Int64(bags.count)),
                "documents": .integer(Int64(documents)), "manifest": .string(Digest.sha256(json.canonical).hex),
            ], key: key)
    }

    /// Whether a head was signed by one of the keys and belongs to these bytes of a manifest.
    public static func isGenuine(_ manifest: Bytes, head: String, keys: [PublicKey]) -> Bool {
        SignedStatement.open(head, schema: headSchema, keys: keys)?["manifest"]?.string
            == Digest.sha256(manifest).hex
    }

    /// SHA-256 over the sorted numbers, each with a line feed.
    static func digest(_ numbers: [String]) -> Bytes {
        Digest.sha256(Bytes(numbers.sorted().flatMap { Bytes($0.utf8) + [0x0A] }))
    }
}
