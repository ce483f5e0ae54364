import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger
import OpenSSLCrypto

/// Options of every command that works on a line.
struct LineOptions: ParsableArguments {
    @Option(help: "The line's configuration (YAML).")
    var line: String

    @Option(help: "The ledger file, in place of the configured one (SAKK_LEDGER).")
    var ledger: String?

    @Option(help: "The folder for pictures of SPECIMEN documents, in place of the configured one (SAKK_PICTURES).")
    var pictures: String?

    func profile() throws(SakkError) -> LineProfile { try LineProfile(path: line) }

    func ledgerPath(_ profile: LineProfile) -> String {
        ledger ?? ProcessInfo.processInfo.environment["SAKK_LEDGER"] ?? profile.ledger
    }

    func picturesPath(_ profile: LineProfile) -> String? {
        pictures ?? ProcessInfo.processInfo.environment["SAKK_PICTURES"] ?? profile.pictures
    }

    /// Opens the books of the line, making them at the first start.
    func openLedger(_ profile: LineProfile) throws(SakkError) -> any LedgerStore {
        let path = ledgerPath(profile)
        let keyPath = ProcessInfo.processInfo.environment["SAKK_PAYLOAD_KEY"] ?? profile.keys.payload
        let key = try KeyFile.payloadKey(besideLedger: path, configured: keyPath)
        return try SQLiteLedger(path: path, plantKey: key, time: SystemTime())
    }
}

/// Keys in files, for test PKI and one controller; the vault takes their place.
enum KeyFile {
    /// Hexadecimal digits of a key.
    static func read(_ path: String, bytes count: Int) throws(SakkError) -> SecretBytes {
        guard let text = FileBytes.read(path) else {
            throw SakkError(
                "keys.missing", source: path, text: "The key file cannot be read.",
                remedy: "Check the path in the line's configuration and the permissions.")
        }
        let digits = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard var key = Bytes(hex: digits), key.count == count else {
            throw SakkError(
                "keys.malformed", source: path, text: "The key file must hold \(count) bytes as hexadecimal digits.",
                remedy: "Write the file anew.")
        }
        return SecretBytes(wiping: &key)
    }

    /// The key that wraps record keys. It is made at the first start, never when a ledger is there already: a new key
    /// could not open the records of old books.
    static func payloadKey(besideLedger ledger: String, configured path: String) throws(SakkError) -> SecretBytes {
        if !FileManager.default.fileExists(atPath: path) {
            guard !FileManager.default.fileExists(atPath: ledger) else {
                throw SakkError(
                    "keys.missing", source: path, text: "The ledger is there, but the key of its records is not.",
                    remedy: "Put the key file back; without it the queued records cannot be read.")
            }
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let digits = try RandomSource.bytes(32).hex + "\n"
            guard
                FileManager.default.createFile(
                    atPath: path, contents: Data(digits.utf8), attributes: [.posixPermissions: 0o600])
            else {
                throw SakkError(
                    "keys.unwritable", source: path, text: "The key of the records cannot be written.",
                    remedy: "Check the folder and its permissions.")
            }
        }
        return try read(path, bytes: 32)
    }
}
