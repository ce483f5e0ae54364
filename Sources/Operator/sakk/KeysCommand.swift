import ArgumentParser
import Catalog
import DocumentWriter
import Foundation
import Ground
import KeyVault
import OpenSSLCrypto

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The issuer's keys in a token: document signers and master keys of cards.",
        subcommands: [
            KeysTokensCommand.self, KeysListCommand.self, KeysSignersCommand.self, KeysMakeCommand.self,
            KeysRequestCommand.self, KeysImportKeyCommand.self,
            KeysImportCommand.self,
        ])
}

struct TokenOptions: ParsableArguments {
    @Option(help: "PKCS#11 library of the HSM.") var module: String
    @Option(help: "Label of the token.") var token: String
    @Option(help: "File with the PIN; readable by its owner alone.") var pinFile: String

    var keys: PKCS11Keys { PKCS11Keys(module: module, tokenLabel: token, pin: .file(pinFile)) }
}

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every key of the token: what it is, its check value, and whether it is guarded."
    )

    @OptionGroup var token: TokenOptions
    @Flag(help: "One JSON object (sakk.keys/1).") var json = false

    func run() async throws {
        let keys = token.keys
        var rows: [(entry: TokenKeyEntry, checkValue: String?)] = []
        for entry in try keys.inventory() {
            var checkValue: String?
            if entry.kind == .secret, ["AES", "DES2"].contains(entry.type), !entry.label.hasPrefix("sakk ") {
                checkValue = try keys.master(entry.label).checkValue.hex
            }
            rows.append((entry, checkValue))
        }
        guard !json else {
            let list = rows.map { row -> JSONValue in
                [
                    "label": .string(row.entry.label), "kind": .string(row.entry.kind.rawValue),
                    "type": .string(row.entry.type), "local": .bool(row.entry.isLocal),
                    "guarded": .bool(row.entry.isGuarded), "check_value": row.checkValue.map(JSONValue.string) ?? .null,
                ]
            }
            print(
                JSONValue.object(["token": .string(token.token), "keys": .array(list)]).document(schema: "sakk.keys/1"))
            return
        }
        if rows.isEmpty { Words.say("The token \(token.token) holds no keys.") }
        let width = rows.map(\.entry.label.count).max() ?? 0
        for row in rows {
            let entry = row.entry
            let label = entry.label.padding(toLength: width, withPad: " ", startingAt: 0)
            let origin = entry.isLocal ? "made here" : "brought in"
            let state = entry.isGuarded ? "never shown" : entry.isLocal ? "NOT GUARDED" : "not shown"
            print("\(label)  \(entry.type)  \(origin), \(state)\(row.checkValue.map { "  KCV \($0)" } ?? "")")
        }
    }
}

struct KeysMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "make", abstract: "Makes a key inside the token.")

    @OptionGroup var token: TokenOptions
    @Argument(help: "Label of the new key.") var label: String
    @Option(
        help: """
            p256, p384, p521, brainpoolP256r1, brainpoolP384r1, brainpoolP512r1, rsa3072 or rsa4096 for a document \
            signer; aes128, aes192, aes256 or des2 for a master key of cards.
            """)
    var type: String

    func validate() throws {
        guard PKCS11Keys.SignerAlgorithm(rawValue: type) != nil || PKCS11Keys.MasterAlgorithm(rawValue: type) != nil
        else { throw ValidationError("There is no key type \(type).") }
    }

    func run() async throws {
        if let algorithm = PKCS11Keys.SignerAlgorithm(rawValue: type) {
            let key = try token.keys.makeSigner(label, algorithm)
            Words.say("The signing key \(label) was made in \(token.token). Its public half:")
            print(PEM.encode(try key.publicKeyInfo(), label: "PUBLIC KEY"), terminator: "")
        } else if let algorithm = PKCS11Keys.MasterAlgorithm(rawValue: type) {
            let key = try token.keys.makeMaster(label, algorithm)
            print("\(label)  KCV \(key.checkValue.hex)")
        }
    }
}

struct KeysRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "A request for a certificate of a key in the token.",
        discussion: """
            For a document signer PKCS #10 in PEM, with --country, --organisation and --common-name. With --holder for an \
            inspection system: a card verifiable certificate request (BSI TR-03110-3) in the file --out.
            """)

    @OptionGroup var token: TokenOptions
    @Argument(help: "Label of the signing key.") var label: String
    @Option(help: "Country, two upper-case letters.") var country: String?
    @Option(help: "Organisation.") var organisation: String?
    @Option(help: "Common name, for example \"Document Signer 7\".") var commonName: String?
    @Option(help: "Certificate holder reference: country, name, five digits or letters; UTISPLANT00001.")
    var holder: String?
    @Option(help: "File for the request of an inspection system.") var out: String?

    func validate() throws {
        if let holder {
            guard CVCertificateRequest.isReference(holder), out != nil, country == nil, organisation == nil,
                commonName == nil
            else {
                throw ValidationError(
                    "--holder is a country's two letters, up to nine characters and five of a number; with --out.")
            }
            return
        }
        guard let country, organisation != nil, commonName != nil, out == nil else {
            throw ValidationError("--country, --organisation and --common-name, or --holder and --out.")
        }
        guard country.count == 2, country.allSatisfy({ $0.isASCII && $0.isUppercase }) else {
            throw ValidationError("--country has two upper-case letters (ICAO Doc 9303-12).")
        }
    }

    func run() async throws {
        let key = try token.keys.signer(label)
        if let holder, let out {
            try Data(try CVCertificateRequest.make(holder: holder, key: key)).write(to: URL(filePath: out))
            return
        }
        let request = try CertificateRequest.make(
            country: country ?? "", organisation: organisation ?? "", commonName: commonName ?? "", key: key)
        print(PEM.encode(request, label: "CERTIFICATE REQUEST"), terminator: "")
    }
}

struct KeysImportKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-key", abstract: "The public key under which a manufacturer wraps its transport key.")

    @OptionGroup var token: TokenOptions

    func run() async throws {
        print(PEM.encode(try token.keys.importKey(), label: "PUBLIC KEY"), terminator: "")
    }
}

struct KeysImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Brings a wrapped master key (RSA-OAEP) into the token.",
        discussion: "The check value comes from the manufacturer's letter; a key with another one is removed again.")

    @OptionGroup var token: TokenOptions
    @Argument(help: "Label of the key in the token.") var label: String
    @Option(help: "File with the wrapped key.") var wrapped: String
    @Option(help: "Check value, six hexadecimal digits.") var kcv: String
    @Option(help: "aes or des2.") var type = "aes"

    func validate() throws {
        guard ["aes", "des2"].contains(type) else { throw ValidationError("--type is aes or des2.") }
        guard Bytes(hex: kcv)?.count == 3 else { throw ValidationError("--kcv has six hexadecimal digits.") }
    }

    func run() async throws {
        guard let bytes = FileBytes.read(wrapped), let checkValue = Bytes(hex: kcv) else {
            throw SakkError(
                "keys.missing", source: wrapped, text: "The wrapped key cannot be read.", remedy: "Check the path.")
        }
        let key = try token.keys.importMaster(label, isAES: type == "aes", wrapped: bytes, checkValue: checkValue)
        print("\(label)  KCV \(key.checkValue.hex)")
    }
}
