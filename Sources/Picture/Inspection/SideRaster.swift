internal import Stations

/// One side of a document at 300 dpi, as the artwork draws it: the pixels, and the document centred in them.
public struct SideRaster: Sendable, Hashable {
    /// A card (ISO/IEC 7810 ID-1; TD1 of ICAO Doc 9303-5), its raster reaching over the edge.
    public static let td1 = SideRaster(
        name: "TD1", width: 1016, height: 648, widthMM: CardFormat.widthMM, heightMM: CardFormat.heightMM,
        zone: Zone(lines: 3, characters: 30))
    /// The data page of a passport (ISO/IEC 7810 ID-3; TD3 of ICAO Doc 9303-4).
    public static let td3 = SideRaster(
        name: "TD3", width: 1478, height: 1040, widthMM: 125, heightMM: 88, zone: Zone(lines: 2, characters: 44))

    /// `TD1` or `TD3`, as a product's profile says; nil for another word.
    public static func named(_ name: String) -> SideRaster? { [td1, td3].first { $0.name == name } }

    /// Lines and characters of the machine readable zone.
    public struct Zone: Sendable, Hashable {
        public let lines: Int
        public let characters: Int
    }

    public let name: String
    public let width: Int
    public let height: Int
    public let widthMM: Double
    public let heightMM: Double
    public let zone: Zone

    static let pixelsPerMM = 300 / 25.4
    var originX: Double { (Double(width) - widthMM * Self.pixelsPerMM) / 2 }
    var originY: Double { (Double(height) - heightMM * Self.pixelsPerMM) / 2 }
    var whole: RectMM { RectMM(x: 0, y: 0, width: widthMM, height: heightMM) }

    /// The raster that a picture of this size is of; nil when it is none.
    static func of(width: Int, height: Int) -> SideRaster? {
        [td1, td3].first { $0.width == width && $0.height == height }
    }

    /// Dots per inch of a picture of the document; nil when it is none.
    public func dpi(width: Int, height: Int, pixelsPerMM: Double? = nil) -> Double? {
        place(width: width, height: height, pixelsPerMM: pixelsPerMM).map { $0.width / widthMM * 25.4 }
    }

    /// Where the document lies in a picture of it, in the picture's pixels. The scale decides where it is known and the
    /// document fits; else the shape: that of the raster, with its bleed, or that of the document, which then fills the
    /// picture. Nil when neither fits.
    func place(width: Int, height: Int, pixelsPerMM: Double? = nil) -> RectMM? {
        let (across, down) = (Double(width), Double(height))
        guard across > 0, down > 0 else { return nil }
        if let scale = pixelsPerMM, scale.isFinite, scale > 0 {
            let (bleedX, bleedY) = (across - widthMM * scale, down - heightMM * scale)
            // A millimetre and a half a side is more bleed than printers have; a pixel is rounding.
            if (-1.5...3 * scale).contains(bleedX), (-1.5...3 * scale).contains(bleedY) {
                return RectMM(x: bleedX / 2, y: bleedY / 2, width: across - bleedX, height: down - bleedY)
            }
        }
        let shape = across / down
        let withBleed = Double(self.width) / Double(self.height)
        let withoutBleed = widthMM / heightMM
        if abs(shape / withBleed - 1) < 0.003 {
            let scale = across / Double(self.width)
            let (left, top) = (originX * scale, originY * down / Double(self.height))
            return RectMM(x: left, y: top, width: across - 2 * left, height: down - 2 * top)
        }
        guard abs(shape / withoutBleed - 1) < 0.02 else { return nil }
        return RectMM(x: 0, y: 0, width: across, height: down)
    }
}
