public import ArgumentParser
import Foundation
public import GlobalPlatform
import Ground
import SmartCard

/// Which readers, and what is shown.
struct GpReaderOptions: ParsableArguments {
    @Option(help: "Name of a reader; may be given several times. Without it the only reader there is.")
    var reader: [String] = []
    @Option(help: "AID of the security domain; without it the issuer's is found.") var domain: String?
    @Option(help: "Wait so many milliseconds for a card.") var waitMs = 0
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "Each exchange on stderr: header, lengths, status word and time.") var trace = false
    @Flag(help: "The trace with all bytes. Keys and personal data are in it.") var traceData = false

    func readers() async throws(SakkError) -> [String] {
        guard reader.isEmpty else { return reader }
        let there = try await PCSCReader.names()
        guard there.count == 1 else {
            let found = there.isEmpty ? "there is no reader" : "there are: " + there.joined(separator: "; ")
            throw SakkError(
                "reader.unnamed", source: "PC/SC", text: "No reader was named, and \(found).",
                remedy: there.isEmpty ? "Connect a reader." : "Say which one with --reader.")
        }
        return there
    }

    func aid() throws -> Bytes? { try domain.map { try GpHex.aid($0, "--domain") } }
}

/// With which keys and how a secure channel is opened.
struct GpKeyOptions: ParsableArguments {
    @Option(help: "Master key, or the key of all three uses, in hexadecimal (a test key).") var key: String?
    @Option(help: "Key for encryption, with --key-mac and --key-dek.") var keyEnc: String?
    @Option(help: "Key for MACs.") var keyMac: String?
    @Option(help: "Key for key data.") var keyDek: String?
    @Option(help: "How a card's keys follow from --key: none, kdf3, visa2, visa, emv.")
    var scheme = Diversification.none
    @Option(help: "Version of the key set; 0 is the card's first.") var keyVersion: UInt8 = 0
    @Option(help: "Identifier of the key set (SCP02 cards of old).") var keyIdentifier: UInt8 = 0
    @Option(help: "Security level: auto, 00, 01, 03, 11, 13 or 33.") var level = "auto"
    @Option(help: "File of more test keys, one in hexadecimal on a line (or SAKK_TEST_KEYS).") var testKeys: String?
    @Option(help: "Folder that remembers cards with other keys (or SAKK_STATE).") var state: String?

    func securityLevel() throws -> SecurityLevel? {
        guard level != "auto" else { return nil }
        guard let value = Bytes(hex: level), value.count == 1, [0, 1, 3, 0x11, 0x13, 0x33].contains(value[0]) else {
            throw ValidationError("--level takes auto, 00, 01, 03, 11, 13 or 33")
        }
        return SecurityLevel(rawValue: value[0])
    }

    /// The keys, none of them but a test key.
    func keys() throws -> GpKeys {
        let known = try GpTestKeys(file: testKeys)
        let parts = [keyEnc, keyMac, keyDek]
        if parts.contains(where: { $0 != nil }) {
            guard let keyEnc, let keyMac, let keyDek, key == nil, scheme == .none else {
                throw ValidationError("--key-enc, --key-mac and --key-dek go together, without --key and --scheme")
            }
            return try GpKeys(
                enc: try known.admit(keyEnc, "--key-enc"), mac: try known.admit(keyMac, "--key-mac"),
                dek: try known.admit(keyDek, "--key-dek"))
        }
        if key == nil { Words.say("sakk: no --key: trying the public test key 40 41 .. 4F, scheme \(scheme.rawValue)") }
        return try GpKeys(master: try known.admit(key ?? GpTestKeys.usual, "--key"), scheme: scheme)
    }

    func guardian(_ keys: GpKeys) throws(SakkError) -> KeySetGuard {
        KeySetGuard(keySet: "\(keys.name) version \(keyVersion)", store: try WrongCardFile(folder: state))
    }
}

/// Keys with the name that a person compares: their check values.
struct GpKeys: Sendable {
    let source: any CardKeySource
    let name: String

    init(master: consuming SecretBytes, scheme: Diversification) throws(SakkError) {
        let aes = try KeyCheckValue.aes(master).hex
        let isDouble = master.count == 16
        let des = isDouble ? try KeyCheckValue.tripleDES(master).hex : nil
        name = "\(scheme.rawValue) (check value AES \(aes)" + (des.map { ", 3DES \($0)" } ?? "") + ")"
        source = try MasterKey(master, scheme: scheme)
    }

    init(enc: consuming SecretBytes, mac: consuming SecretBytes, dek: consuming SecretBytes) throws(SakkError) {
        let values = [try KeyCheckValue.aes(enc).hex, try KeyCheckValue.aes(mac).hex, try KeyCheckValue.aes(dek).hex]
        name = "three keys (check values AES \(values.joined(separator: " ")))"
        source = GivenKeys(CardKeys(enc: enc, mac: mac, dek: dek))
    }
}

extension Diversification: ExpressibleByArgument {}
extension StoreData.Padding: ExpressibleByArgument {}

/// Hexadecimal arguments, with words about what is wrong.
enum GpHex {
    static func bytes(_ text: String, _ what: String) throws -> Bytes {
        guard let bytes = Bytes(hex: text.replacingOccurrences(of: ":", with: "")) else {
            throw ValidationError("\(what) takes hexadecimal digits, two for a byte")
        }
        return bytes
    }

    static func aid(_ text: String, _ what: String) throws -> Bytes {
        let bytes = try bytes(text, what)
        guard (5...16).contains(bytes.count) else { throw ValidationError("\(what): an AID has 5 to 16 bytes") }
        return bytes
    }
}
