import Artwork
import Catalog
import Ground
import Printers
import Stations

/// What a cell's machine decides about the work: its resolution, and the reader of booklets that it brings along.
extension CellBuilder {
    /// The product's artwork with panels in the resolution of the cell's machine. Throws `printer.raster` for a machine whose
    /// picture is none of the product's at 300 or 600 dpi, before anything is fed.
    func artwork(of cell: LineProfile.Cell) throws(SakkError) -> any ArtworkStation {
        let seal = try sealer()
        let sides = try product.artwork(seal: seal)
        let model = try PrinterModel(path: cell.printerModel)
        let size = (width: model.imageWidth, height: model.imageHeight)
        if size == (sides.raster.width, sides.raster.height) { return sides }
        let fine = CardRaster(dpi: 600, format: sides.raster.format)
        guard size == (fine.width, fine.height) else {
            throw SakkError(
                "printer.raster", source: model.path, subject: product.product,
                text: "The machine's picture has \(size.width) by \(size.height) dots: no \(product.format) at 300 or "
                    + "600 dpi.",
                remedy: "Correct `image` in the model's file, or choose another printer for this product.")
        }
        return MachineArtwork(sides: sides, panels: try product.artwork(dpi: fine.dpi, seal: seal))
    }

    /// The reader of booklets in the machine; nil for a product whose number does not come from its blank.
    func booklets(in printer: any ServicePrinter) throws(SakkError) -> (any BookletReader)? {
        guard product.numberSource == .blank else { return nil }
        guard let laser = printer as? IXLAPrinter else {
            throw SakkError(
                "line.booklet.reader", source: line.path, subject: product.product,
                text: "The product's number is its booklet's, and the cell's machine does not read it.",
                remedy: "Name a booklet machine (family ixla-xml) in the line's file.")
        }
        return IXLABookletReader(laser)
    }
}
