import ArgumentParser
import Catalog
import Foundation
import Glibc
import GlobalPlatform
import Ground

/// The keys that the bench takes: public ones, and those that a person wrote into a file of test keys. Any other key belongs
/// into the books and is refused before the reader is touched.
struct GpTestKeys {
    static let usual = "404142434445464748494A4B4C4D4E4F"

    /// The GlobalPlatform test key in its three lengths, and the keys of published transcripts.
    private static let published: Set<String> = [
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

/// Cards that proved other keys, in `gp-cards.json` of the state folder.
struct GpWrongCards: WrongCardStore {
    private let folder: String
    private var path: String { "\(folder)/gp-cards.json" }

    init(folder: String?) throws(SakkError) {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/var/lib"
        self.folder =
            folder ?? environment["SAKK_STATE"] ?? "\(environment["XDG_STATE_HOME"] ?? home + "/.local/state")/sakk"
        try OutputFolder.make(self.folder)
    }

    private func all() throws(SakkError) -> [String: WrongCards] {
        guard let bytes = FileBytes.read(path) else { return [:] }
        guard let value = try? JSONValue(parsing: bytes), case .object(let members) = value else {
            throw SakkError(
                "file.malformed", source: path, text: "The memory of cards with other keys cannot be read.",
                remedy: "Look into the file; moving it away forgets what it knew.")
        }
        return members.compactMapValues { entry in
            guard case .object(let fields) = entry, case .integer(let count)? = fields["in_a_row"],
                case .array(let cards)? = fields["cards"]
            else { return nil }
            let names = cards.compactMap { if case .string(let name) = $0 { name } else { nil } }
            return WrongCards(inARow: Int(count), cards: names)
        }
    }

    func wrongCards(of keySet: String) throws(SakkError) -> WrongCards { try all()[keySet] ?? WrongCards() }

    func change(_ keySet: String, _ body: (inout WrongCards) -> Void) throws(SakkError) {
        // another reader of this program, or another program, may have something to remember too
        let lock = open("\(folder)/gp-cards.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { if lock >= 0 { close(lock) } }
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw SakkError(
                "file.unwritable", source: folder, text: "The memory of cards with other keys cannot be locked.",
                remedy: "Check the permissions of the folder, or name another with --state.")
        }
        var sets = try all()
        body(&sets[keySet, default: WrongCards()])
        sets = sets.filter { $0.value != WrongCards() }
        let value = JSONValue.object(
            sets.mapValues {
                ["in_a_row": .integer(Int64($0.inARow)), "cards": .array($0.cards.map(JSONValue.string))]
            })
        try OutputFolder.write(value.canonical, to: path)
    }
}
