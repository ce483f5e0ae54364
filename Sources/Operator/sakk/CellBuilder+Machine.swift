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
        let seal = try sealer(of: cell)
        let model = try PrinterModel(path: cell.printerModel)
        let format = try product.documentFormat()
        let size = (width: model.imageWidth, height: model.imageHeight)
        for dpi in [300.0, 600] {
            let raster = CardRaster(dpi: dpi, format: format)
            guard size == (raster.width, raster.height) else { continue }
            // a fluorescent panel is drawn where the cell has one
            let ribbon = cell.ribbon.flatMap { $0.contains("u") ? $0 : nil }
            let artwork = try product.artwork(dpi: dpi, seal: seal, ribbon: ribbon)
            return dpi == 300 ? artwork : MachineArtwork(artwork)
        }
        throw SakkError(
            "printer.raster", source: model.imageKey.source, subject: product.product,
            text: "The machine prints \(size.width) by \(size.height) dots: no \(product.format) at 300 or 600 dpi.",
            remedy: "Correct `\(model.imageKey.name)` there, or choose another printer for this product.")
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
