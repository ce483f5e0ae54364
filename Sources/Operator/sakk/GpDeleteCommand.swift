import ArgumentParser
import Catalog
import GlobalPlatform
import Ground
import SmartCard

struct GpDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Deletes instances, packages (with --related their instances too) or a CAP file's package.")

    @Argument(help: "AIDs, or paths of CAP files.") var objects: [String]
    @Flag(help: "With a package its instances too.") var related = false
    @OptionGroup var readers: GpReaderOptions
    @OptionGroup var keyOptions: GpKeyOptions

    // apart from `run`: the optimiser ends over closures that throw inside an asynchronous function
    private func names() throws -> [Bytes] {
        var aids: [Bytes] = []
        for object in objects {
            let isFile = object.lowercased().hasSuffix(".cap")
            aids.append(isFile ? try GpLoadOptions.file(object).packageAID : try GpHex.aid(object, "delete"))
        }
        return aids
    }

    func run() async throws {
        let (options, keys, level) = (keyOptions, try keyOptions.keys(), try keyOptions.securityLevel())
        let (aids, related) = (try names(), related)
        try await readers.run("sakk.gp-delete/1") { (card) throws(SakkError) in
            try GpDeleteCommand.delete(aids, related, CardManager(try card.open(options, keys, level: level)))
        }
    }

    private static func delete(_ aids: [Bytes], _ related: Bool, _ manager: CardManager) throws(SakkError) -> GpResult {
        var result = GpResult()
        var done: [JSONValue] = []
        var missing: [Bytes] = []
        for aid in aids {
            let wasThere = try manager.delete(aid, related: related)
            if !wasThere { missing.append(aid) }
            result.lines.append(wasThere ? "Deleted \(aid.hex)" : "Nothing of the name \(aid.hex) was there")
            done.append(["aid": .string(aid.hex), "was_there": .bool(wasThere)])
        }
        guard missing.count < aids.count else {
            throw SakkError(
                "chip.object.missing", source: "chip", native: SakkError.Native(kind: "SW", value: "6A88"),
                text: "The card has nothing of the name \(missing.map(\.hex).joined(separator: ", ")).",
                remedy: "sakk gp list shows what is on the card.")
        }
        result.json["deleted"] = .array(done)
        return result
    }
}
