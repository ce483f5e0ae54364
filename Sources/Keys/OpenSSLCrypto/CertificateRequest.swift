import COpenSSL
public import Ground

/// PKCS #10 (RFC 2986): what a key in a token shows to the authority that is to certify it.
public enum CertificateRequest {
    /// DER, signed by the key with SHA-256. `country` has two letters (9303-12: upper case), `commonName` names the signer.
    public static func make(
        country: String, organisation: String, commonName: String, key: any SigningKey, digest: Digest = .sha256
    ) throws(SakkError) -> Bytes {
        let name = TLV(
            0x30,
            [
                relative([0x55, 0x04, 0x06], TLV(0x13, Bytes(country.utf8))),
                relative([0x55, 0x04, 0x0A], TLV(0x0C, Bytes(organisation.utf8))),
                relative([0x55, 0x04, 0x03], TLV(0x0C, Bytes(commonName.utf8))),
            ])
        let information = TLV(
            0x30, TLV(0x02, [0]).encoded + name.encoded + (try key.publicKeyInfo()) + TLV(0xA0, Bytes()).encoded)
        let signature = try key.sign(information.encoded, digest: digest)
        return TLV(0x30, information.encoded + key.kind.algorithm(digest) + TLV(0x03, [0] + signature).encoded).encoded
    }

    private static func relative(_ type: Bytes, _ value: TLV) -> TLV {
        TLV(0x31, [TLV(0x30, [TLV(0x06, type), value])])
    }
}

/// Text armour (RFC 7468).
public enum PEM {
    public static func encode(_ der: Bytes, label: String) -> String {
        var lines: [String] = []
        var encoded = Bytes(repeating: 0, count: (der.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&encoded, der, Int32(der.count))
        var rest = String(decoding: encoded.prefix(Int(count)), as: UTF8.self)[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return "-----BEGIN \(label)-----\n" + lines.joined(separator: "\n") + "\n-----END \(label)-----\n"
    }
}
