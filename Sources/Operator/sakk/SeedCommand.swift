import ArgumentParser
import Ground
import Seeds

struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Invented data for trials (SPECIMEN, state UTO).",
        subcommands: [SeedBatchCommand.self])
}

struct SeedBatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Invents people, offices and portraits, and signs their approvals.",
        discussion: "The same seed gives the same bytes.")

    @Option(help: "Product, for example iq-national-id.") var product: String
    @Option(help: "How many records.") var count: Int
    @Option(help: "Seed of the invention.") var seed: UInt64
    @Option(help: "File to write (.tar).") var out: String
    @Option(help: "Folder with names, offices and test PKI.") var seeds = "seeds"

    func validate() throws {
        guard (1...10_000).contains(count) else { throw ValidationError("--count must lie between 1 and 10000.") }
    }

    func run() async throws {
        let folder = try SeedFolder(path: seeds)
        let batch = try BatchSeeder(seed: seed, folder: folder).make(
            product: product, count: count, signer: try folder.signer())
        try OutputFolder.write(batch, to: out)
        Words.say("Wrote \(count) signed records to \(out)")
    }
}
