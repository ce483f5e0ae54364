public import Ground
public import Stations

/// A document for a machine that prints finer than 300 dpi: its panels in the machine's resolution, its sides and fields at
/// 300 dpi, as eyes and cameras compare them. Both bear one seal: a signature may be another one each time it is made.
public final class MachineArtwork: ArtworkStation {
    private let sides: CardArtwork
    private let panels: CardArtwork

    /// Both draw one template; `panels` on the machine's own raster.
    public init(sides: CardArtwork, panels: CardArtwork) {
        precondition(sides.raster.format == panels.raster.format, "one document")
        self.sides = sides
        self.panels = panels
    }

    public func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
        let sealed = try sides.sealed(record, mrz: mrz)
        let seen = try sides.measured(record, mrz: mrz, sealed: sealed).document
        let printed = try panels.measured(record, mrz: mrz, sealed: sealed).document
        return RenderedDocument(
            sides: seen.sides, panels: printed.panels, fields: seen.fields, ribbon: printed.ribbon, dpi: printed.dpi)
    }
}
