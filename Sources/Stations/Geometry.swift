/// A side of a card as a person holds it.
public enum CardSide: String, Sendable, Hashable, CaseIterable, Codable { case front, back }

/// A rectangle in millimetres from the top left of the card side as held.
public struct RectMM: Sendable, Hashable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// ID-1 (ISO/IEC 7810): 85.60 mm by 53.98 mm.
public enum CardFormat {
    public static let widthMM = 85.60
    public static let heightMM = 53.98
}
