import ArgumentParser
import Artwork
import Catalog
import Foundation
import Ground
import OpenSSLCrypto
import Personalisation
import Pixels
import Records
import Stations

struct ArtRenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Draws a record's document: PNG per side, per panel, and the field places.",
        discussion: """
            Writes front.png (and back.png), with --panels one grey picture a panel (white is ink), with --fields-json \
            the places of the fields in millimetres. A product with a visible digital seal is signed with --seal-key; \
            the seal that was made is kept as seal.bin, and --seal with it draws the same document again. Without \
            either a specimen is drawn, whose signature is none. A record without a number is drawn with a specimen's.
            """)

    @Option(name: [.customLong("product"), .customLong("profile")], help: "Product under profiles/, or its folder.")
    var product: String
    @Option(help: "The record's content (JSON, schema sakk.record/1), not its signed envelope.") var record: String
    @Option(help: "Document number, for a record that has none: a passport's is its booklet's.") var number: String?
    @Option(help: "Folder to write to.") var out: String
    @Option(help: "Dots per inch: 300 or 600.") var dpi = 300
    @Flag(help: "Write each ribbon panel too.") var panels = false
    @Flag(help: "Write the field places in mm to fields.json.") var fieldsJson = false
    @Option(help: "A visible digital seal to draw, as bytes.") var seal: String?
    @Option(help: "Private key of the seals' signer (PEM, EC).") var sealKey: String?
    @Option(help: "Signer of the seals: two letters of the state, two of the signer.") var sealSigner = "UTTS"
    @Option(help: "Reference of the signer's certificate, hexadecimal digits.") var sealCertificate = "01"

    /// A letter and eight digits, as passport booklets bear; the number of no document.
    private static let specimenNumber = "S00000000"

    func validate() throws {
        guard dpi == 300 || dpi == 600 else { throw ValidationError("--dpi is 300 or 600.") }
        guard seal == nil || sealKey == nil else { throw ValidationError("--seal and --seal-key exclude each other.") }
        guard VisibleDigitalSeal.Signer(identifier: sealSigner, certificateReference: sealCertificate) != nil else {
            throw ValidationError("--seal-signer has four of A-Z, 0-9; --seal-certificate 1 to 15 of 0-9, A-F.")
        }
    }

    func run() async throws {
        let product = try ProductProfile.named(self.product)
        var approved = try decode(try bytes(record))
        if let number {
            approved.documentNumber = number
        } else if approved.documentNumber.isEmpty {
            approved.documentNumber = Self.specimenNumber
            Words.say(
                """
                The record has no document number (its blank bears one): drawn with the specimen's, \
                \(Self.specimenNumber). Give one with --number.
                """)
        }
        let document = try product.artwork(dpi: Double(dpi), seal: try sealer())
            .render(approved, mrz: try TravelDocumentPreparation.mrz(of: approved, format: product.zone))
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
        if let made = document.fields.first(where: { $0.kind == .vds }).flatMap({ Bytes(hex: $0.text) }) {
            try OutputFolder.write(made, to: "\(out)/seal.bin")
        }
        Words.say("Wrote the document to \(out)")
    }

    private func bytes(_ path: String) throws(SakkError) -> Bytes {
        guard let bytes = FileBytes.read(path) else {
            throw SakkError("file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
        }
        return bytes
    }

    private func decode(_ bytes: Bytes) throws -> ApprovedRecord {
        switch RecordDecoder().decode(bytes, name: record) {
        case .record(let approved): return approved
        case .refused(let problems):
            for problem in problems { Words.say("\(problem)") }
            throw Exit.rejected
        }
    }

    private func sealer() throws(SakkError) -> CardArtwork.Sealer? {
        if let seal {
            let made = try bytes(seal)
            return { (_, _, _) throws(SakkError) in made }
        }
        guard let signer = VisibleDigitalSeal.Signer(identifier: sealSigner, certificateReference: sealCertificate)
        else { return nil }
        let key = try sealKey.map { path throws(SakkError) in try PrivateKey(pem: try bytes(path)) }
        return { (record, mrz, feature) throws(SakkError) in
            let seal = try VisibleDigitalSeal(record: record, mrz: mrz, feature: feature, signer: signer)
            guard let key else {
                Words.say("The seal is a specimen's: its signature is none. Sign it with --seal-key.")
                let digest = Digest.sha256.of(seal.signedBytes)
                return try seal.encoded(signature: digest + digest)
            }
            return try seal.encoded(signature: try key.signRepeatable(seal.signedBytes))
        }
    }
}

extension RenderedDocument {
    /// `{"fields":[{"name","side","kind","rect_mm":[x,y,w,h]}]}`: millimetres from the side's top left corner, to the
    /// thousandth. Written here and not as canonical JSON, because that knows integers only.
    var fieldsJSON: String {
        let lines = fields.map { field in
            let rect = [field.rect.x, field.rect.y, field.rect.width, field.rect.height].map(millimetres)
            return """
                {"name":"\(field.name)","side":"\(field.side.rawValue)","kind":"\(field.kind.rawValue)",\
                "rect_mm":[\(rect.joined(separator: ","))]}
                """
        }
        return "{\"schema\":\"sakk.fields/1\",\"fields\":[\n\(lines.joined(separator: ",\n"))\n]}"
    }

    private func millimetres(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let rest = String(1000 + thousandths % 1000).dropFirst()
        return "\(thousandths / 1000).\(rest)"
    }
}
