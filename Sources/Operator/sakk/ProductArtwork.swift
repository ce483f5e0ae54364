import Artwork
import Catalog
import Foundation
import Ground
import Pixels
import Stations

extension ProductProfile {
    /// A product by its folder, or by its name under `profiles/`.
    static func named(_ name: String) throws(SakkError) -> ProductProfile {
        let isFolder = FileManager.default.fileExists(atPath: name + "/profile.yaml")
        return try ProductProfile(folder: isFolder || name.contains("/") ? name : "profiles/" + name)
    }

    /// Throws `profile.artwork.none` for a product without artwork.
    func documentFormat() throws(SakkError) -> DocumentFormat {
        guard !artworkFront.isEmpty, let found = DocumentFormat.named(self.format) else {
            throw SakkError(
                "profile.artwork.none", source: folder,
                text: "The product \(product) has no artwork: it cannot be printed.",
                remedy: "Add `print` with the drawings to its profile.")
        }
        return found
    }

    func examineArtwork() throws(SakkError) -> (template: ArtworkTemplate?, problems: [SakkError]) {
        ArtworkTemplate.examine(
            front: artworkFront, back: artworkBack, format: try documentFormat(), ribbon: ribbon)
    }

    /// The product's artwork, with the strict decoder for approved portraits. `ribbon`: another than the product's.
    func artwork(
        dpi: Double = 300, seal: CardArtwork.Sealer? = nil, ribbon other: String? = nil
    ) throws(SakkError) -> CardArtwork {
        let size = try documentFormat()
        return try CardArtwork(
            template: try ArtworkTemplate.load(
                front: artworkFront, back: artworkBack, format: size, ribbon: other ?? ribbon),
            raster: CardRaster(dpi: dpi, format: size), seal: seal,
            decode: { (image) throws(SakkError) in try Portraits.decode(image) })
    }
}

extension VisibleDigitalSeal {
    /// The seal of a document: feature 02 is its machine readable zone, 03 the person's number (BSI TR-03137-1 annex E).
    init(record: ApprovedRecord, mrz: [String], feature: Feature, signer: Signer) throws(SakkError) {
        try self.init(
            issuer: record.issuingState, signer: signer, issued: record.dateOfIssue, signed: record.dateOfIssue,
            feature: feature,
            message: [
                (0x02, try VisibleDigitalSeal.c40(mrz.joined())),
                (0x03, try VisibleDigitalSeal.c40(record.nationalNumber)),
            ])
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
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: OutputFile.isOther(path) ? [] : .atomic)
        } catch {
            throw unwritable(path)
        }
    }

    /// What is gone already is no error.
    static func remove(_ path: String) throws(SakkError) {
        do {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
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
