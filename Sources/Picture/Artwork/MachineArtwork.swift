public import Ground
public import Stations

/// A document for a machine of 600 dpi: its panels as fine as the machine, its sides at 300 dpi, as camera and eyes compare
/// them. The sides are the fine ones averaged, two dots by two, because that is what a camera sees of a fine print: drawn at 300
/// dpi for themselves, thin strokes would have other edges.
public final class MachineArtwork: ArtworkStation {
    private let fine: CardArtwork

    /// `fine` draws twice the format's raster at 300 dpi.
    public init(_ fine: CardArtwork) {
        let base = CardRaster(dpi: 300, format: fine.raster.format)
        precondition(fine.raster.width == 2 * base.width && fine.raster.height == 2 * base.height, "600 dpi")
        self.fine = fine
    }

    public func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
        let document = try fine.render(record, mrz: mrz)
        return RenderedDocument(
            sides: document.sides.map { RenderedSide(side: $0.side, picture: Self.halved($0.picture)) },
            panels: document.panels, fields: document.fields, ribbon: document.ribbon, dpi: document.dpi)
    }

    /// Four dots in one, rounded.
    static func halved(_ picture: Picture) -> Picture {
        let (width, height) = (picture.width / 2, picture.height / 2)
        let (stride, span) = (picture.width * 3, width * 3)
        let rgb = Bytes(unsafeUninitializedCapacity: span * height) { target, filled in
            picture.rgb.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let upper = 2 * y * stride
                    for x in 0..<width {
                        let from = upper + 6 * x
                        for channel in 0..<3 {
                            let above = UInt16(source[from + channel]) &+ UInt16(source[from + channel + 3])
                            let below =
                                UInt16(source[from + stride + channel]) &+ UInt16(source[from + stride + channel + 3])
                            target[y * span + 3 * x + channel] = UInt8(truncatingIfNeeded: (above &+ below &+ 2) >> 2)
                        }
                    }
                }
            }
            filled = span * height
        }
        return Picture(width: width, height: height, rgb: rgb)
    }
}
