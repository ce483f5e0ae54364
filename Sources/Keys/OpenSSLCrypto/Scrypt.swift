import COpenSSL
import Foundation
public import Ground

/// Verifiers of passwords (RFC 7914) as text: `scrypt$N$r$p$salt$key`, salt and key in hexadecimal digits.
public enum Scrypt {
    /// N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second.
    private static let cost: UInt64 = 1 << 15
    private static let block: UInt64 = 8
    private static let lanes: UInt64 = 1

    /// With a fresh salt of 16 bytes.
    public static func verifier(of password: String) throws(SakkError) -> String {
        let salt = try RandomSource.bytes(16)
        let key = try derive(password, salt: salt, cost: cost, block: block, lanes: lanes)
        return "scrypt$\(cost)$\(block)$\(lanes)$\(salt.hex)$\(key.hex)"
    }

    /// Whether the password is that of the verifier; a text that is no verifier admits nobody.
    public static func admits(_ password: String, _ verifier: String) -> Bool {
        let parts = verifier.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let cost = UInt64(parts[1]), let block = UInt64(parts[2]),
            let lanes = UInt64(parts[3]), cost <= 1 << 20, block <= 32, lanes <= 16, let salt = Bytes(hex: parts[4]),
            let key = Bytes(hex: parts[5]), key.count == 32,
            let found = try? derive(password, salt: salt, cost: cost, block: block, lanes: lanes)
        else { return false }
        return ConstantTime.equal(found, key)
    }

    /// RFC 7914, clause 6. One spelling per password, however the keyboard made it (NFKC). Throws `crypto.scrypt`.
    public static func derive(
        _ password: String, salt: Bytes, cost: UInt64, block: UInt64, lanes: UInt64, count: Int = 32
    ) throws(SakkError) -> Bytes {
        var key = Bytes(repeating: 0, count: count)
        var secret = Bytes(password.precomposedStringWithCompatibilityMapping.utf8)
        defer { secret.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        let done = secret.withUnsafeBytes { secret in
            EVP_PBE_scrypt(
                secret.baseAddress?.assumingMemoryBound(to: CChar.self), secret.count, salt, salt.count, cost, block,
                lanes, 256 << 20, &key, key.count)
        }
        guard done == 1 else {
            throw cryptoFailure(
                "crypto.scrypt", "The password could not be worked on.", remedy: "Check the machine's memory.")
        }
        return key
    }
}

/// Words that a person types once.
public enum TypedSecret {
    /// Four groups of five characters, none of which look alike: 99 bits.
    public static func make() throws(SakkError) -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var text = ""
        while text.count < 23 {
            if text.count % 6 == 5 { text.append("-") }
            // no remainder favours a letter
            guard let byte = try RandomSource.bytes(1).first, byte < 248 else { continue }
            text.append(letters[Int(byte) % 31])
        }
        return text
    }
}
