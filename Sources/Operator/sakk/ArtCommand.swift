import ArgumentParser
import Artwork
import Catalog
import Foundation
import Ground
import LDS
import Personalisation
import Pixels
import Records
import Stations

struct ArtCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "art", abstract: "Artwork of a product.",
        subcommands: [ArtStockCommand.self, ArtRenderCommand.self])
}

struct ArtStockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stock", abstract: "Writes the pre-printed stock of both sides as PNG, for the printing house.")

    @Option(help: "Folder of the product's profile.") var profile: String
    @Option(help: "Folder to write to.") var out: String
    @Option(help: "Dots per inch.") var dpi = 600.0

    func run() async throws {
        let product = try ProductProfile(folder: profile)
        let artwork = try product.artwork()
        try OutputFolder.make(out)
        for (side, picture) in try artwork.stockPictures(dpi: dpi) {
            try OutputFolder.write(
                try PNG.encode(RGBImage(picture)), to: "\(out)/stock-\(side.rawValue).png")
        }
        Words.say("Wrote stock-front.png and stock-back.png to \(out)")
    }
}

struct ArtRenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Draws a record's document: PNG per side, per panel, and the field places.")

    @Option(help: "Folder of the product's profile.") var profile: String
    @Option(help: "The record's content (JSON, schema sakk.record/1), not its signed envelope.") var record: String
    @Option(help: "Folder to write to.") var out: String
    @Flag(help: "Write each ribbon panel too.") var panels = false
    @Flag(help: "Write the field places in mm to fields.json.") var fieldsJson = false

    func run() async throws {
        let product = try ProductProfile(folder: profile)
        guard let bytes = FileBytes.read(record) else {
            throw SakkError(
                "file.missing", source: record, text: "The record cannot be read.", remedy: "Check the path.")
        }
        let approved = try decode(bytes)
        let document = try product.artwork().render(
            approved, mrz: try TravelDocumentPreparation.mrz(of: approved, format: product.zone))
        try OutputFolder.make(out)
        for side in document.sides {
            try OutputFolder.write(
                try PNG.encode(RGBImage(side.picture)), to: "\(out)/\(side.side.rawValue).png")
        }
        if panels {
            for panel in document.panels {
                let gray = GrayImage(width: panel.width, height: panel.height, values: panel.pixels)
                try OutputFolder.write(
                    try PNG.encode(gray), to: "\(out)/\(panel.side.rawValue)-\(panel.panel.rawValue).png")
            }
        }
        if fieldsJson {
            try OutputFolder.write(Bytes((document.fieldsJSON + "\n").utf8), to: "\(out)/fields.json")
        }
        Words.say("Wrote the document to \(out)")
    }

    private func decode(_ bytes: Bytes) throws -> ApprovedRecord {
        switch RecordDecoder().decode(bytes, name: record) {
        case .record(let approved): return approved
        case .refused(let problems):
            for problem in problems { Words.say("\(problem)") }
            throw Exit.rejected
        }
    }
}

extension RenderedDocument {
    /// `{"fields":[{"name","side","kind","rect_um":[x,y,w,h]}]}`: places in micrometres, because the books know
    /// integers only.
    var fieldsJSON: String {
        func micrometres(_ value: Double) -> JSONValue { .integer(Int64((value * 1000).rounded())) }
        return JSONValue.object([
            "fields": .array(
                fields.map { field in
                    [
                        "name": .string(field.name), "side": .string(field.side.rawValue),
                        "kind": .string(field.kind.rawValue),
                        "rect_um": .array([
                            micrometres(field.rect.x), micrometres(field.rect.y), micrometres(field.rect.width),
                            micrometres(field.rect.height),
                        ]),
                    ]
                })
        ]).document(schema: "sakk.fields/1")
    }
}

extension ProductProfile {
    /// The product's artwork, with the strict decoder for approved portraits.
    func artwork() throws(SakkError) -> CardArtwork {
        guard !artworkFront.isEmpty else {
            throw SakkError(
                "profile.artwork.none", source: folder,
                text: "The product \(product) has no artwork: it cannot be printed.",
                remedy: "Add `print` with the drawings to its profile.")
        }
        return try CardArtwork(
            template: try ArtworkTemplate.load(front: artworkFront, back: artworkBack),
            decode: { (image) throws(SakkError) in try Portraits.decode(image) })
    }
}

/// Approved portraits as pictures.
enum Portraits {
    static func decode(_ image: ApprovedRecord.Image) throws(SakkError) -> Picture {
        let decoded =
            switch image.format {
            case .jpeg: try JPEG.decode(image.bytes)
            case .jpeg2000: try JPEG2000.decode(image.bytes)
            }
        return Picture(width: decoded.width, height: decoded.height, rgb: decoded.rgb)
    }
}

extension RGBImage {
    init(_ picture: Picture) { self.init(width: picture.width, height: picture.height, rgb: picture.rgb) }
}

/// Files for people.
enum OutputFolder {
    static func make(_ path: String) throws(SakkError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw unwritable(path)
        }
    }

    static func write(_ bytes: Bytes, to path: String) throws(SakkError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw unwritable(path)
        }
    }

    private static func unwritable(_ path: String) -> SakkError {
        SakkError(
            "file.unwritable", source: path, text: "The file or folder cannot be written.",
            remedy: "Check the folder, its permissions and the space on the disk.")
    }
}
