import Catalog
import Ground
import Ledger
import OpenSSLCrypto

extension CellBuilder {
    /// What every attempt of this cell is made with as long as this process runs, for `sakk recall`: the camera's address,
    /// SHA-256 of the plan (profile, chip, dialect and inspection files) and of the template (front and back artwork).
    /// Several files are hashed one by one and their hashes together. Which document signer signed, each attempt tells
    /// itself.
    func genealogy(of cell: LineProfile.Cell) throws(SakkError) -> [GenealogyKey: String] {
        [
            .camera: cell.cameraAddress,
            .plan: try CellBuilder.hash([
                product.folder + "/profile.yaml", product.chipProfile,
                try ChipSettings(path: product.chipProfile).dialect.path, product.inspectionPlan,
            ]),
            .template: try CellBuilder.hash([product.artworkFront, product.artworkBack].filter { !$0.isEmpty }),
        ]
    }

    private static func hash(_ paths: [String]) throws(SakkError) -> String {
        var hashes: Bytes = []
        for path in paths {
            guard let file = FileBytes.read(path) else {
                throw SakkError(
                    "file.unreadable", source: path, text: "The file cannot be read.",
                    remedy: "Check the path and the permissions.")
            }
            hashes += Digest.sha256(file)
        }
        return Digest.sha256(hashes).hex
    }
}
