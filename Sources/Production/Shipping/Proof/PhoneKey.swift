public import Ground

/// A dispatch key as the page for phones knows it: the curve by name, and the two coordinates of its point.
public struct PhoneKey: Sendable, Hashable {
    public let curve: String
    public let x: Bytes
    public let y: Bytes

    /// The object identifiers of the named curves that the page has (RFC 5480 2.1.1.1, RFC 5639 4.1).
    private static let curves: [String: String] = [
        "2A8648CE3D030107": "P-256", "2B81040022": "P-384", "2B81040023": "P-521",
        "2B2403030208010107": "brainpoolP256r1", "2B240303020801010B": "brainpoolP384r1",
        "2B240303020801010D": "brainpoolP512r1",
    ]

    /// Of a SubjectPublicKeyInfo (RFC 5480 2) with an uncompressed point.
    /// Throws `shipping.signer` for RSA keys, for parameters without a name and for other curves: nobody with a phone could
    /// check what such a key signs.
    public init(info: Bytes) throws(SakkError) {
        guard let parts = TLV.parse(info)?.children, parts.count == 2, let names = parts[0].children, names.count == 2,
            names[0].value.hex.uppercased() == "2A8648CE3D0201", names[1].tag == 0x06,
            let curve = PhoneKey.curves[names[1].value.hex.uppercased()], parts[1].tag == 0x03,
            parts[1].value.starts(with: [0x00, 0x04])
        else {
            throw SakkError(
                "shipping.signer", source: "shipping", text: "Phones cannot check what the dispatch key signs.",
                remedy: "Give an EC key on one of: \(PhoneKey.curves.values.sorted().joined(separator: ", ")).")
        }
        let point = parts[1].value.dropFirst(2)
        self.curve = curve
        x = Bytes(point.prefix(point.count / 2))
        y = Bytes(point.suffix(point.count / 2))
    }
}
