import ArgumentParser
import BorderReader
import Foundation
import Ground
import OpenSSLCrypto

struct ChipTrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Shows whom a border would trust: certificates, revocation and master lists.",
        discussion: """
            Each country signing certificate with its fingerprint and what deviates from Doc 9303-12. A master list counts when a \
            certificate of the folder, or one that was pinned, vouches for its signer. Exit 1 when something cannot be used.
            """)

    @Argument(help: "Folders or files as --csca takes them.") var paths: [String]
    @Option(help: "SHA-256 of an authority as its country tells it; may be repeated.") var pin: [String] = []
    @Option(help: "Write each certificate to this folder, for --csca.") var write: String?
    @Option(help: "Judge certificates at this moment (2008-06-01T12:00:00Z); without it, now.") var at: String?
    @Flag(help: "One JSON object (sakk.chip-trust/1).") var json = false

    func run() throws {
        let time = try ChipMoment.of(at)
        let pins = pin.compactMap { Bytes(hex: $0.filter { $0 != ":" }) }.filter { $0.count == 32 }
        guard pins.count == pin.count else { throw ValidationError("--pin takes 64 hexadecimal digits (SHA-256)") }
        let trust = try TrustStore(paths: paths, pins: Set(pins), at: time)
        let entries = trust.entries
        if let write {
            try OutputFolder.make(write)
            for entry in entries {
                let name = "\(entry.country?.filter(\.isLetter) ?? "xx")_\(entry.fingerprint.hex.prefix(16)).der"
                try OutputFolder.write(entry.certificate.der, to: "\(write)/\(name)")
            }
        }
        if json {
            print(document(trust, entries, at: time))
        } else {
            for entry in entries { print(line(entry, at: time)) }
            for warning in trust.warnings { print("note \(warning)") }
            print(
                "\(entries.count) authorities, \(trust.revocationLists.count) revocation lists, "
                    + "\(trust.signers.count) document signers")
        }
        if !trust.warnings.isEmpty { throw Exit.rejected }
    }

    private func line(_ entry: TrustEntry, at time: WallTime) -> String {
        let kind = entry.isSelfSigned ? "root" : "link"
        let span = "\(entry.certificate.notBefore.date) to \(entry.certificate.notAfter.date)"
        let standing = entry.certificate.isValid(at: time) ? "" : ", not valid then"
        let oddities = entry.deviations.isEmpty ? "" : "  deviates: " + entry.deviations.joined(separator: "; ")
        return "\(entry.fingerprint.hex)  \(kind)  \(entry.certificate.subject)  \(span)\(standing)\(oddities)"
    }

    private func document(_ trust: TrustStore, _ entries: [TrustEntry], at time: WallTime) -> String {
        JSONValue.object([
            "authorities": .array(
                entries.map { entry in
                    [
                        "sha256": .string(entry.fingerprint.hex), "subject": .string(entry.certificate.subject),
                        "country": entry.country.map(JSONValue.string) ?? .null,
                        "not_before": .string(entry.certificate.notBefore.iso8601),
                        "not_after": .string(entry.certificate.notAfter.iso8601),
                        "valid": .bool(entry.certificate.isValid(at: time)),
                        "self_signed": .bool(entry.isSelfSigned),
                        "deviations": .array(entry.deviations.map(JSONValue.string)),
                    ]
                }),
            "revocation_lists": .integer(Int64(trust.revocationLists.count)),
            "document_signers": .integer(Int64(trust.signers.count)),
            "warnings": .array(trust.warnings.map(JSONValue.string)),
        ]).document(schema: "sakk.chip-trust/1")
    }
}
