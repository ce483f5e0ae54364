public import Stations

/// The raster that covers an ID-1 card over its edge: 1016 by 648 pixels at 300 dpi (86.02 by 54.86 mm).
/// The card (85.60 by 53.98 mm, 1011 by 638 pixels) lies centred in it, so that 2.49 pixels left and right and
/// 5.22 pixels above and below hang over the edge.
public struct CardRaster: Sendable, Hashable {
    public static let printer = CardRaster(dpi: 300)

    public let dpi: Double
    public let width: Int
    public let height: Int

    public init(dpi: Double) {
        self.dpi = dpi
        width = Int((1016 * dpi / 300).rounded())
        height = Int((648 * dpi / 300).rounded())
    }

    public var pixelsPerMM: Double { dpi / 25.4 }

    /// Position of the card's top left corner, in pixels from the raster's top left corner.
    public var originX: Double { (Double(width) - CardFormat.widthMM * pixelsPerMM) / 2 }
    public var originY: Double { (Double(height) - CardFormat.heightMM * pixelsPerMM) / 2 }

    /// Pixel coordinates of a point of the card; pixel (i, j) covers i..<i+1, j..<j+1 of them.
    public func mmToPixel(x: Double, y: Double) -> (x: Double, y: Double) {
        (originX + x * pixelsPerMM, originY + y * pixelsPerMM)
    }

    /// A rectangle of the card in pixel coordinates (the members count pixels, not millimetres).
    public func mmToPixel(_ rect: RectMM) -> RectMM {
        let corner = mmToPixel(x: rect.x, y: rect.y)
        return RectMM(
            x: corner.x, y: corner.y, width: rect.width * pixelsPerMM, height: rect.height * pixelsPerMM)
    }
}
