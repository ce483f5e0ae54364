public import Stations

/// The size of what is printed: a card (ISO/IEC 7810 ID-1, the TD1 of ICAO Doc 9303-5) or the data page of a passport
/// (ID-3, the TD3 of ICAO Doc 9303-4).
public struct DocumentFormat: Sendable, Hashable {
    public static let td1 = DocumentFormat(name: "TD1", widthMM: CardFormat.widthMM, heightMM: CardFormat.heightMM)
    public static let td3 = DocumentFormat(name: "TD3", widthMM: 125, heightMM: 88)

    public let name: String
    public let widthMM: Double
    public let heightMM: Double

    /// `TD1` or `TD3`, as a product's profile says; nil for another word.
    public static func named(_ name: String) -> DocumentFormat? { [td1, td3].first { $0.name == name } }

    /// The sides that are printed: a card's two, and the one data page.
    public var sides: [CardSide] { self == .td1 ? [.front, .back] : [.front] }

    /// Pixels at 300 dpi. The card's raster reaches over its edge, as printers of ID-1 cards have it; the page's raster
    /// is the page itself (1476.4 by 1039.4 pixels), rounded up to whole pixels.
    var raster300: (width: Int, height: Int) { self == .td1 ? (1016, 648) : (1478, 1040) }
}
