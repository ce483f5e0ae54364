import COpenSSL
import Foundation
import Ground

/// Verifiers of passwords (RFC 7914), as text: `scrypt$N$r$p$salt$key`, salt and key in hexadecimal digits.
enum Scrypt {
    /// N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second.
    private static let cost: UInt64 = 1 << 15
    private static let block: UInt64 = 8
    private static let lanes: UInt64 = 1

    /// A verifier with a fresh salt.
    static func verifier(of password: String) throws(SakkError) -> String {
        let salt = try Chance.bytes(16)
        let key = try derive(password, salt, cost, block, lanes)
        return "scrypt$\(cost)$\(block)$\(lanes)$\(salt.hex)$\(key.hex)"
    }

    /// Whether the password is the one of this verifier; compares in constant time. A verifier that is none admits
    /// nobody.
    static func admits(_ password: String, _ verifier: String) -> Bool {
        let parts = verifier.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let cost = UInt64(parts[1]), let block = UInt64(parts[2]),
            let lanes = UInt64(parts[3]), cost <= 1 << 20, block <= 32, lanes <= 16, let salt = Bytes(hex: parts[4]),
            let key = Bytes(hex: parts[5]), key.count == 32, let found = try? derive(password, salt, cost, block, lanes)
        else { return false }
        return zip(found, key).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func derive(
        _ password: String, _ salt: Bytes, _ cost: UInt64, _ block: UInt64, _ lanes: UInt64, count: Int = 32
    ) throws(SakkError) -> Bytes {
        var key = Bytes(repeating: 0, count: count)
        // one spelling per password, however the keyboard made it (RFC 8265)
        var secret = Bytes(password.precomposedStringWithCompatibilityMapping.utf8)
        defer { secret.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        let done = secret.withUnsafeBytes { secret in
            EVP_PBE_scrypt(
                secret.baseAddress?.assumingMemoryBound(to: CChar.self), secret.count, salt, salt.count, cost, block,
                lanes, 256 << 20, &key, key.count)
        }
        guard done == 1 else {
            throw SakkError(
                "console.scrypt", source: "console", text: "The password could not be worked on.",
                remedy: "Check the machine's memory; then sign in again.")
        }
        return key
    }
}

/// Random bytes of the system, for salts and tokens.
enum Chance {
    static func bytes(_ count: Int) throws(SakkError) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else {
            throw SakkError(
                "console.random", source: "console", text: "The system gives no random bytes.",
                remedy: "Restart the machine.")
        }
        return bytes
    }

    /// A secret that a person types once: four groups of five characters without any that look alike.
    static func secret() throws(SakkError) -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var text = ""
        while text.count < 23 {
            if text.count % 6 == 5 { text.append("-") }
            // no remainder favours a letter
            guard let byte = try bytes(1).first, byte < 248 else { continue }
            text.append(letters[Int(byte) % 31])
        }
        return text
    }
}
