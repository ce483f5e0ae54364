import ArgumentParser
import Artwork
import Catalog
import Foundation
import Ground
import Pixels
import Stations

struct ArtCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "art", abstract: "Artwork of a product.",
        subcommands: [
            ArtCheckCommand.self, ArtRenderCommand.self, ArtStockCommand.self, ArtFontsCommand.self,
        ])
}

struct ArtStockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "Writes the pre-printed stock of each side as PNG, for the printing house.")

    @Option(help: "Folder of the product's profile.") var profile: String
    @Option(help: "Folder to write to.") var out: String
    @Option(help: "Dots per inch.") var dpi = 600.0

    func validate() throws {
        guard (72...1200).contains(dpi) else { throw ValidationError("--dpi must lie between 72 and 1200.") }
    }

    func run() async throws {
        let product = try ProductProfile(folder: profile)
        let artwork = try product.artwork()
        try OutputFolder.make(out)
        let pictures = try artwork.stockPictures(dpi: dpi).sorted { $0.key.rawValue > $1.key.rawValue }
        for (side, picture) in pictures {
            try OutputFolder.write(
                try PNG.encode(RGBImage(picture)), to: "\(out)/stock-\(side.rawValue).png")
        }
        Words.say("Wrote \(pictures.map { "stock-\($0.key.rawValue).png" }.joined(separator: " and ")) to \(out)")
    }
}

struct ArtCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a product's drawings: everything that must not reach a document, with file, line and remedy.")

    @Argument(help: "Folder of the product's profile, or its name under profiles/.") var profile: String
    @Flag(help: "Print the problems as one JSON object.") var json = false

    func run() async throws {
        let product = try ProductProfile.named(profile)
        let examined = try product.examineArtwork()
        var problems = examined.problems
        if let template = examined.template { problems += try template.backgroundProblems() }
        if json {
            print(
                JSONValue.object([
                    "product": .string(product.product),
                    "problems": .array(
                        problems.map { problem in
                            [
                                "code": .string(problem.code.rawValue), "file": .string(problem.source),
                                "text": .string(problem.text), "remedy": .string(problem.remedy),
                            ]
                        }),
                ]).document(schema: "sakk.art-check/1"))
        }
        for problem in problems where !json {
            Words.say("\(problem.source): \(problem.text)\n    \(problem.remedy) [\(problem.code.rawValue)]")
        }
        guard problems.isEmpty else {
            Words.say("\(product.product): \(problems.count) problem\(problems.count == 1 ? "" : "s").")
            throw Exit.rejected
        }
        Words.say("\(product.product): the artwork can be printed.")
    }
}

struct ArtFontsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fonts",
        abstract: "Prints the hashes of the fonts that a product's drawings name, as they are on this machine.",
        discussion: "Kept as fonts.sha256 beside the drawings, they pin the fonts: another file is refused.")

    @Argument(help: "Folder of the product's profile, or its name under profiles/.") var profile: String

    func run() async throws {
        let product = try ProductProfile.named(profile)
        var drawings: [ArtworkTemplate.Drawing] = []
        for (side, path) in [(CardSide.front, product.artworkFront), (.back, product.artworkBack)]
        where !path.isEmpty {
            guard let bytes = FileBytes.read(path) else {
                throw SakkError(
                    "artwork.template.file", source: path, text: "The template cannot be read.",
                    remedy: "Check the profile's artwork folder and its rights.")
            }
            drawings.append(.init(side: side, file: path, svg: bytes))
        }
        print(try ArtworkTemplate.fontHashes(drawings), terminator: "")
    }
}
