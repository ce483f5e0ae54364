public import Stations

/// The pixels of one side of a document. For a card they reach over its edge: 1016 by 648 pixels at 300 dpi (86.02 by
/// 54.86 mm), with the card (85.60 by 53.98 mm, 1011 by 638 pixels) centred in it, so that 2.49 pixels left and right
/// and 5.22 pixels above and below hang over the edge.
public struct CardRaster: Sendable, Hashable {
    public static let printer = CardRaster(dpi: 300)

    public let dpi: Double
    public let format: DocumentFormat
    public let width: Int
    public let height: Int

    /// The format's own raster at a resolution.
    public init(dpi: Double, format: DocumentFormat = .td1) {
        let base = format.raster300
        self.init(
            dpi: dpi, format: format, width: Int((Double(base.width) * dpi / 300).rounded()),
            height: Int((Double(base.height) * dpi / 300).rounded()))
    }

    /// A printer's own raster, for example 2072 by 1328 at 600 dpi; the document lies in its middle.
    public init(dpi: Double, format: DocumentFormat, width: Int, height: Int) {
        self.dpi = dpi
        self.format = format
        self.width = width
        self.height = height
    }

    public var pixelsPerMM: Double { dpi / 25.4 }

    /// Position of the document's top left corner, in pixels from the raster's top left corner.
    public var originX: Double { (Double(width) - format.widthMM * pixelsPerMM) / 2 }
    public var originY: Double { (Double(height) - format.heightMM * pixelsPerMM) / 2 }

    /// Pixel coordinates of a point of the document; pixel (i, j) covers i..<i+1, j..<j+1 of them.
    public func mmToPixel(x: Double, y: Double) -> (x: Double, y: Double) {
        (originX + x * pixelsPerMM, originY + y * pixelsPerMM)
    }

    /// A rectangle of the document in pixel coordinates (the members count pixels, not millimetres).
    public func mmToPixel(_ rect: RectMM) -> RectMM {
        let corner = mmToPixel(x: rect.x, y: rect.y)
        return RectMM(
            x: corner.x, y: corner.y, width: rect.width * pixelsPerMM, height: rect.height * pixelsPerMM)
    }

    /// The whole pixels that hold a rectangle and what ink may bleed over it (two pixels).
    func box(_ rect: RectMM) -> PixelBox {
        let place = mmToPixel(rect)
        let left = max(Int(place.x.rounded(.down)) - 2, 0)
        let top = max(Int(place.y.rounded(.down)) - 2, 0)
        let right = min(Int((place.x + place.width).rounded(.up)) + 2, width)
        let bottom = min(Int((place.y + place.height).rounded(.up)) + 2, height)
        return PixelBox(left: left, top: top, right: max(right, left), bottom: max(bottom, top))
    }
}

/// A rectangle of whole pixels; right and bottom are past its end.
struct PixelBox: Sendable, Hashable {
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int
}
