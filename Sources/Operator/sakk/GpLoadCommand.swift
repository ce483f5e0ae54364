import ArgumentParser
import Catalog
import Foundation
import GlobalPlatform
import Ground
import OpenSSLCrypto
import SmartCard

/// What LOAD needs besides the file.
struct GpLoadOptions: ParsableArguments {
    @Option(help: "Security domain that gets the code; without it the selected one.") var to: String?
    @Option(help: "Send the hash of the code: sha1, sha256, sha384, sha512 or none.") var hash = "none"
    @Option(help: "Bytes of a block at most.") var block: Int?
    @Flag(help: "Load the Descriptor component too.") var withDescriptor = false
    @Flag(help: "Tell the card the size of the code (C6).") var withSize = false
    @Option(help: "Security domain that verifies a DAP signature.") var dapDomain: String?
    @Option(help: "AES test key for the DAP signature.") var dapKey: String?
    @Option(help: "AES test key for tokens (delegated management).") var tokenKey: String?

    struct Plan: Sendable {
        let cap: CAPFile
        let file: LoadFile
        let securityDomain: Bytes
        let hash: Digest?
        let block: Int?
        let parameters: Bytes
        let token: ContentKey?
    }

    /// The CAP file at a path; errors name the path.
    static func file(_ path: String) throws(SakkError) -> CAPFile {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError(
                "file.missing", source: path, text: "The CAP file cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        do { return try CAPFile(bytes) } catch {
            var error = error
            error.source = path
            throw error
        }
    }

    func plan(_ path: String, testKeys: String?) throws -> Plan {
        var digest: Digest?
        if hash != "none" {
            guard let known = Digest(rawValue: hash), known != .sha224 else {
                throw ValidationError("--hash takes none, sha1, sha256, sha384 or sha512")
            }
            digest = known
        }
        let cap = try GpLoadOptions.file(path)
        let known = try GpTestKeys(file: testKeys)
        var file = LoadFile(dataBlock: cap.loadFileDataBlock(withDescriptor: withDescriptor))
        if let dapDomain, let dapKey {
            digest = digest ?? .sha256
            let key = ContentKey(try known.admit(dapKey, "--dap-key"), .aes)
            file.signatures = [
                LoadFile.Signature(
                    securityDomain: try GpHex.aid(dapDomain, "--dap-domain"),
                    signature: try key.sign(file.hash(digest ?? .sha256)))
            ]
        }
        if tokenKey != nil { digest = digest ?? .sha256 }
        return Plan(
            cap: cap, file: file, securityDomain: try to.map { try GpHex.aid($0, "--to") } ?? [], hash: digest,
            block: block,
            parameters: withSize ? InstallCommand.loadParameters(codeSize: file.dataBlock.count) : [],
            token: try tokenKey.map { ContentKey(try known.admit($0, "--token-key"), .aes) })
    }
}

extension GpLoadOptions.Plan {
    /// INSTALL [for load] and LOAD; what was done as lines and members.
    func load(_ manager: CardManager, _ card: GpCard, _ result: inout GpResult) throws(SakkError) {
        let clock = ContinuousClock()
        let start = clock.now
        let limit = min(card.commandLimit ?? 255, block.map { $0 + 24 } ?? 255)
        var blocks = 0
        // no closure in a closure with a typed error: the compiler ends over it
        var sign: ((Bytes) throws(SakkError) -> Bytes)?
        if let key = token { sign = { (data: Bytes) throws(SakkError) -> Bytes in try key.sign(data) } }
        try manager.load(
            file, aid: cap.packageAID, securityDomain: securityDomain, hash: hash, parameters: parameters,
            cardLimit: limit, token: sign, progress: { sent, _ in blocks = sent })
        let elapsed = (clock.now - start).components
        let milliseconds = elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
        result.lines.append(
            "Loaded \(cap.packageAID.hex) version \(cap.version.major).\(cap.version.minor): \(file.dataBlock.count) bytes in "
                + "\(blocks) blocks, \(milliseconds) ms")
        result.json["package"] = .string(cap.packageAID.hex)
        result.json["bytes"] = .integer(Int64(file.dataBlock.count))
        result.json["blocks"] = .integer(Int64(blocks))
        result.json["milliseconds"] = .integer(milliseconds)
        if let hash { result.json["hash"] = .string(file.hash(hash).hex) }
    }
}

struct GpLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Loads a CAP file, and installs nothing.")

    @Argument(help: "The CAP file.") var cap: String
    @OptionGroup var loading: GpLoadOptions
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let plan = try loading.plan(cap, testKeys: keyOptions.testKeys)
        try await readers.run("sakk.gp-load/1") { (card) throws(SakkError) in
            let secure = try card.open(options, keys, level: level)
            var result = GpResult()
            try plan.load(CardManager(secure), card, &result)
            return result
        }
    }
}

struct GpInstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Installs applets of a CAP file (loaded first if it is not there) or of a package.",
        discussion: """
            A CAP file is loaded if its package is not on the card, then each applet is installed under its own AID, or the \
            one of --module under --instance. Without a CAP file --package and --module name what is on the card already.
            """)

    @Argument(help: "The CAP file.") var cap: String?
    @Option(help: "Package that is on the card.") var package: String?
    @Option(help: "Applet of the package (its module AID).") var module: String?
    @Option(help: "AID to install it under; without it the module's.") var instance: String?
    @Option(help: "Privileges by name, separated by commas.") var privileges = ""
    @Option(help: "Parameters for the applet, in hexadecimal (they go into C9).") var parameters = ""
    @Flag(help: "Install only; make selectable later.") var notSelectable = false
    @Flag(help: "Make an installed instance selectable (with --instance).") var makeSelectable = false
    @Option(help: "Give an application or load file (--instance) to this security domain.") var extraditeTo: String?
    @Flag(help: "Delete the package and its instances first, if they are there.") var replace = false
    @OptionGroup var loading: GpLoadOptions
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    func validate() throws {
        let others = makeSelectable || extraditeTo != nil
        guard cap != nil || others || (package != nil && module != nil) else {
            throw ValidationError("name a CAP file, or --package and --module")
        }
        guard !others || instance != nil else { throw ValidationError("--instance says which one") }
        guard instance == nil || others || module != nil else {
            throw ValidationError("--instance needs --module: a CAP file may have several applets")
        }
    }

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let plan = try cap.map { try loading.plan($0, testKeys: keyOptions.testKeys) }
        let work = try acts(plan)
        let replaces = replace
        try await readers.run("sakk.gp-install/1") { (card) throws(SakkError) in
            let manager = CardManager(try card.open(options, keys, level: level))
            var result = GpResult()
            if let plan {
                let isThere = try !manager.registry(.loadFiles, aid: plan.cap.packageAID).isEmpty
                if isThere, replaces {
                    try manager.delete(plan.cap.packageAID, related: true)
                    result.lines.append("Deleted \(plan.cap.packageAID.hex) and its instances")
                }
                if !isThere || replaces {
                    try plan.load(manager, card, &result)
                } else {
                    result.lines.append("Package \(plan.cap.packageAID.hex) is on the card already: not loaded again")
                }
            }
            var done: [JSONValue] = []
            for (command, words) in work {
                var command = command
                if let token = plan?.token {
                    command = try InstallCommand.signed(command) { (data) throws(SakkError) in try token.sign(data) }
                }
                try manager.perform(command)
                result.lines.append(words)
                done.append(.string(words))
            }
            result.json["acts"] = .array(done)
            return result
        }
    }

    /// The INSTALL commands in words.
    private func acts(_ plan: GpLoadOptions.Plan?) throws -> [(APDUCommand, String)] {
        if let extraditeTo, let instance {
            let (object, domain) = (try GpHex.aid(instance, "--instance"), try GpHex.aid(extraditeTo, "--extradite-to"))
            return [(InstallCommand.forExtradition(of: object, to: domain), "Gave \(object.hex) to \(domain.hex)")]
        }
        let names = privileges.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let rights = Privileges(names: names) else {
            throw ValidationError("--privileges knows \(Privileges.allNames.joined(separator: ", "))")
        }
        if makeSelectable, let instance {
            let aid = try GpHex.aid(instance, "--instance")
            return [
                (
                    InstallCommand.forMakeSelectable(instance: aid, privileges: rights.encoded),
                    "Made \(aid.hex) selectable"
                )
            ]
        }
        let application = try GpHex.bytes(parameters, "--parameters")
        let wrapped = InstallCommand.parameters(application: application)
        let file = try plan?.cap.packageAID ?? GpHex.aid(package ?? "", "--package")
        let modules = try module.map { [try GpHex.aid($0, "--module")] } ?? plan?.cap.applets.map(\.aid) ?? []
        if let plan, let module = modules.first, !plan.cap.applets.contains(where: { $0.aid == module }) {
            let there = plan.cap.applets.map(\.aid.hex).joined(separator: ", ")
            throw ValidationError("the CAP file has no applet \(module.hex); it has \(there.isEmpty ? "none" : there)")
        }
        return try modules.map { module in
            let aid = try instance.map { try GpHex.aid($0, "--instance") } ?? module
            let command =
                notSelectable
                ? InstallCommand.forInstall(
                    loadFile: file, module: module, instance: aid, privileges: rights.encoded, parameters: wrapped)
                : InstallCommand.forInstallAndMakeSelectable(
                    loadFile: file, module: module, instance: aid, privileges: rights.encoded, parameters: wrapped)
            return (command, "Installed \(aid.hex)" + (notSelectable ? ", not selectable yet" : ""))
        }
    }
}
