public import Ground

/// Size of a printed side: of its pre-printed picture, of the dots that are laid on it, and of what is cut out of them.
public struct FaceShape: Sendable, Hashable {
    /// A card: the dots reach over its edge (1016 by 648 at 300 dpi, cut to 1011 by 638).
    public static let card = FaceShape(
        inkWidth: 1016, inkHeight: 648, margin: (5, 10), size: (2022, 1276), sensorDotsPerMM: 25)
    /// The data page of a booklet, 125 by 88 mm: the dots are the page, rounded up. The camera stands further away.
    public static let page = FaceShape(
        inkWidth: 1478, inkHeight: 1040, margin: (2, 1), size: (2952, 2078), sensorDotsPerMM: 18)

    public let inkWidth: Int
    public let inkHeight: Int
    /// Where the side begins in its picture, and its size, in dots of 600 dpi.
    let left: Float
    let top: Float
    let width: Float
    let height: Float
    /// Dots of the sensor for a millimetre of the side.
    let sensorDotsPerMM: Float

    private init(
        inkWidth: Int, inkHeight: Int, margin: (Float, Float), size: (Float, Float), sensorDotsPerMM: Float
    ) {
        self.inkWidth = inkWidth
        self.inkHeight = inkHeight
        (left, top) = margin
        (width, height) = size
        self.sensorDotsPerMM = sensorDotsPerMM
    }

    /// The picture has 600 dpi.
    public var stockWidth: Int { 2 * inkWidth }
    public var stockHeight: Int { 2 * inkHeight }
    public var inkCount: Int { inkWidth * inkHeight }
    public var stockBytes: Int { stockWidth * stockHeight * 3 }

    /// Paper on which nothing is printed.
    public var white: Bytes { Bytes(repeating: 255, count: stockBytes) }
}
