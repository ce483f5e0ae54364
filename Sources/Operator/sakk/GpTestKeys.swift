import ArgumentParser
import Catalog
import Foundation
import Ground

/// The keys that the bench takes: public ones, and those that a person wrote into a file of test keys. Any other key belongs
/// into the books and is refused before the reader is touched.
struct GpTestKeys {
    static let usual = "404142434445464748494A4B4C4D4E4F"

    /// The GlobalPlatform test key in its three lengths, and the keys of published transcripts.
    static let published: Set<String> = [
        usual, "404142434445464748494A4B4C4D4E4F5051525354555657",
        "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F", "000102030405060708090A0B0C0D0E0F",
        "101112131415161718191A1B1C1D1E1F", "202122232425262728292A2B2C2D2E2F", "00112233445566778899AABBCCDDEEFF",
        "100102030405060708090A0B0C0D0E0F", "101102030405060708090A0B0C0D0E0F", "102102030405060708090A0B0C0D0E0F",
        "4755525557414C544F53414D504C4553",
    ]

    private let more: Set<String>

    init(file: String?) throws(SakkError) {
        guard let path = file ?? ProcessInfo.processInfo.environment["SAKK_TEST_KEYS"] else {
            more = []
            return
        }
        guard let text = FileBytes.read(path) else {
            throw SakkError(
                "keys.missing", source: path, text: "The file of test keys cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        var keys: Set<String> = []
        for (number, line) in String(decoding: text, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .enumerated() {
            let digits = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            guard !digits.isEmpty else { continue }
            guard let key = Bytes(hex: digits), [16, 24, 32].contains(key.count) else {
                throw SakkError(
                    "keys.malformed", source: "\(path):\(number + 1)",
                    text: "A test key has 16, 24 or 32 bytes in hexadecimal digits.", remedy: "Correct the line.")
            }
            keys.insert(key.hex)
        }
        more = keys
    }

    /// The key if it is a test key; else `keys.production`.
    func admit(_ digits: String, _ what: String) throws -> SecretBytes {
        var key = try GpHex.bytes(digits, what)
        guard [16, 24, 32].contains(key.count) else { throw ValidationError("\(what): a key has 16, 24 or 32 bytes") }
        guard GpTestKeys.published.contains(key.hex) || more.contains(key.hex) else {
            throw SakkError(
                "keys.production", source: what,
                text: "This key is not a known test key, and the bench takes no other. Nothing was sent to any card.",
                remedy: "Work with production keys goes through the line and its books; "
                    + "a test key of your own is written into the file of --test-keys.")
        }
        return SecretBytes(wiping: &key)
    }
}
