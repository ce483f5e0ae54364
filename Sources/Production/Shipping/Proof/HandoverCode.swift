public import Ground
import OpenSSLCrypto

/// The one-time code of a handover as it is kept: never the code itself. Six digits have too few values for a plain
/// hash, so the tag is keyed with a secret of the plant that lies in its vault.
public struct HandoverCode: Sendable, Hashable {
    public static let digits = 6

    public let salt: Bytes
    public let tag: Bytes
    public let expires: WallTime
    /// Wrong codes that were said so far.
    public internal(set) var failures = 0

    public init(salt: Bytes, tag: Bytes, expires: WallTime) {
        self.salt = salt
        self.tag = tag
        self.expires = expires
    }

    /// A fresh code for an envelope, and what is kept of it. The code is sent to the addressee and forgotten; it never
    /// travels with the card.
    public static func make(for envelope: S10, key: borrowing SecretBytes, expires: WallTime) throws(SakkError)
        -> (code: String, kept: HandoverCode)
    {
        let (code, salt) = try fresh()
        return (code, HandoverCode(salt: salt, tag: tag(code, envelope, salt, key: key), expires: expires))
    }

    /// As `make(for:key:expires:)`, with the key in a vault: `tagging` gives a keyed tag of the message.
    public static func make(
        for envelope: S10, expires: WallTime, tagging: (Bytes) throws(SakkError) -> Bytes
    ) throws(SakkError) -> (code: String, kept: HandoverCode) {
        let (code, salt) = try fresh()
        return (
            code, HandoverCode(salt: salt, tag: try tagging(message(code, envelope, salt)), expires: expires)
        )
    }

    private static func fresh() throws(SakkError) -> (code: String, salt: Bytes) {
        var number: UInt64 = 0
        repeat {
            number = BigEndian.unsigned(try RandomSource.bytes(4)) ?? 0
            // the rest of 2^32 above a multiple of a million would favour small codes
        } while number >= 4_294_000_000
        let text = String(number % 1_000_000)
        let code = String(repeating: "0", count: digits - text.utf8.count) + text
        return (code, try RandomSource.bytes(16))
    }

    /// HMAC-SHA256 over the message.
    public static func tag(_ code: String, _ envelope: S10, _ salt: Bytes, key: borrowing SecretBytes) -> Bytes {
        HMAC.sha256(key: key, data: message(code, envelope, salt))
    }

    /// Salt, envelope and code. Arabic-Indic and extended digits count as the Latin ones; anything but digits is dropped,
    /// so a code may be said in groups.
    public static func message(_ code: String, _ envelope: S10, _ salt: Bytes) -> Bytes {
        let digits = code.unicodeScalars.compactMap { scalar -> UInt8? in
            for zero: UInt32 in [0x30, 0x660, 0x6F0] where (zero..<zero + 10).contains(scalar.value) {
                return UInt8(ascii: "0") + UInt8(scalar.value - zero)
            }
            return nil
        }
        return salt + Bytes(envelope.description.utf8) + [0] + digits
    }
}
