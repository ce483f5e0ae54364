import Ground
import OpenSSLCrypto

/// File names out of ids that others made up.
enum PlainName {
    /// The id itself when it is letters, digits, `.`, `-`, `_` (at most 80, no dot in front); else what is plain of it
    /// and eight hexadecimal digits of its SHA-256, so that two ids never share a name.
    static func of(_ id: String) -> String {
        let plain = id.utf8.filter(isPlain)
        if plain.count == id.utf8.count, (1...80).contains(plain.count), plain.first != UInt8(ascii: ".") { return id }
        let kept = String(decoding: plain.drop { $0 == UInt8(ascii: ".") }.prefix(60), as: UTF8.self)
        return "\(kept)~\(Bytes(Digest.sha256(Bytes(id.utf8)).prefix(4)).hex.lowercased())"
    }

    static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
    }
}
