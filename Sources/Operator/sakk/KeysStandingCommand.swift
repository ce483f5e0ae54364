import ArgumentParser
import BorderReader
import Catalog
import Foundation
import Ground
import KeyVault
import Ledger
import OpenSSLCrypto
import Personalisation

struct KeysTokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "The tokens that an HSM's library shows, and whether their PIN can be used.")

    @Option(help: "PKCS#11 library of the HSM.") var module: String
    @Flag(help: "One JSON object (sakk.tokens/1).") var json = false

    func run() async throws {
        let tokens = try TokenEntry.all(module: module)
        guard !json else {
            let list = tokens.map { token -> JSONValue in
                [
                    "label": .string(token.label), "initialised": .bool(token.isInitialised),
                    "pin": .string(token.pin.rawValue),
                ]
            }
            print(
                JSONValue.object(["module": .string(module), "tokens": .array(list)]).document(schema: "sakk.tokens/1"))
            return
        }
        for token in tokens {
            print(token.isInitialised ? "\(token.label)  PIN \(token.pin.rawValue)" : "(not initialised)")
        }
    }
}

struct KeysSignersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signers",
        abstract: "The line's document signers in the order of their turns: period, attempts signed, who signs now.",
        discussion: "And its inspection system: holder, key, last day. Exit 4 when no document signer may sign now.")

    @OptionGroup var options: LineOptions
    @Flag(help: "One JSON object (sakk.document-signers/1).") var json = false

    func run() async throws {
        let line = try options.profile()
        let store = try await options.openLedger(line)
        let ring = try IssuerKeys.signers(line, used: try await store.read(SignerUseQuery()))
        let now = SystemTime().wall()
        var rows: [JSONValue] = []
        var signs = false
        for (place, standing) in zip(line.keys.documentSigners, ring.standing(at: now)) {
            let certificate = try Certificates.read(place.certificate)
            let period = certificate.privateKeyUsage
            let key = place.key.name
            let deviations = SignerProfile.deviations(of: certificate.der)
            let isNext = !signs && standing.refusal == nil
            signs = signs || isNext
            rows.append([
                "certificate_sha256": .string(standing.name), "subject": .string(certificate.subject),
                "key": .string(key), "from": period.from.map { .string($0.iso8601) } ?? .null,
                "until": period.until.map { .string($0.iso8601) } ?? .null, "attempts": .integer(Int64(standing.used)),
                "attempts_max": standing.attemptsMax.map { .integer(Int64($0)) } ?? .null,
                "refusal": standing.refusal.map { .string($0) } ?? .null, "signs": .bool(isNext),
                "deviations": .array(deviations.map(JSONValue.string)),
            ])
            guard !json else { continue }
            let limit = standing.attemptsMax.map { " of \($0)" } ?? ""
            print(
                "\(standing.name.prefix(12))  \(certificate.subject)  \(key)  "
                    + "\(period.from.map { "\($0.date)" } ?? "")..\(period.until.map { "\($0.date)" } ?? "")  "
                    + "\(standing.used)\(limit) attempts  "
                    + (isNext ? "signs now" : standing.refusal.map { "no: \($0)" } ?? "takes over next"))
            for text in deviations { print("              deviates from 9303-12: \(text)") }
        }
        var terminal = JSONValue.null
        if let folder = line.trust.inspectionSystem, let inspection = try IssuerKeys.inspection(line) {
            let key = line.keys.inspectionSystem?.name ?? InspectionSystem.keyFile(in: folder)
            terminal = [
                "holder": .string(inspection.holder), "key": .string(key), "expires": .string(inspection.expires),
            ]
            if !json { print("inspection system \(inspection.holder)  \(key)  until \(inspection.expires)") }
        }
        if json {
            let members: JSONValue = ["signers": .array(rows), "inspection_system": terminal]
            print(members.document(schema: "sakk.document-signers/1"))
        }
        if !signs { throw Exit.held }
    }
}
