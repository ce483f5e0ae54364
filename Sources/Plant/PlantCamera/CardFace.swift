public import Ground

/// One side of a physical card: what the mill printed on it, and the ink that was laid since.
public struct CardFace: Sendable {
    // of a card
    public static let inkWidth = FaceShape.card.inkWidth
    public static let inkHeight = FaceShape.card.inkHeight
    public static let stockWidth = FaceShape.card.stockWidth
    public static let stockHeight = FaceShape.card.stockHeight

    public let shape: FaceShape
    /// RGB at 600 dpi.
    public let stock: Bytes
    /// Ink laid so far by panel: 0 nothing, 255 full. What is laid twice adds up.
    public private(set) var inks: [Character: Bytes] = [:]
    /// Height of the surface over its plane, micrometres, one value a dot of ink; nil: it is flat.
    public var relief: [Int8]?

    public init(stock: Bytes, shape: FaceShape = .card) {
        precondition(stock.count == shape.stockBytes, "a stock picture of 600 dpi")
        self.stock = stock
        self.shape = shape
    }

    /// Lays one panel's dots.
    public mutating func lay(_ panel: Character, _ dots: Bytes) {
        precondition(dots.count == shape.inkCount, "one byte a dot")
        guard let before = inks[panel] else {
            inks[panel] = dots
            return
        }
        inks[panel] = zip(before, dots).map { UInt8(min(255, Int($0) + Int($1))) }
    }

    /// Dots that got ink, and FNV-1a over all of them.
    public static func digest(of dots: Bytes) -> (inked: Int, hash: UInt64) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var inked = 0
        for dot in dots {
            hash = (hash ^ UInt64(dot)) &* 0x100_0000_01B3
            if dot > 0 { inked += 1 }
        }
        return (inked, hash)
    }

    /// What is laid when the head comes only so far along the card, in eighths of its length.
    public static func part(of dots: Bytes, eighths: Int) -> Bytes {
        guard eighths < 8 else { return dots }
        var part = dots
        let reached = inkWidth * eighths / 8
        for row in 0..<inkHeight {
            for column in reached..<inkWidth { part[row * inkWidth + column] = 0 }
        }
        return part
    }

    /// What an eye sees: RGB at 600 dpi. Dye lets a part of the light through even where it is full; resin hardly any;
    /// the overlay's gloss throws a little light back.
    public func seen() -> Bytes {
        let table = CardFace.transmission
        var picture = stock
        let none = Bytes(repeating: 0, count: shape.inkCount)
        let cyan = inks["c"] ?? none
        let magenta = inks["m"] ?? none
        let yellow = inks["y"] ?? none
        var black = inks["k"] ?? none
        // black of dyes looks as black as that of carbon
        if let dyed = inks["d"] { black = zip(black, dyed).map { max($0, $1) } }
        let overlay = inks["o"] ?? none
        picture.withUnsafeMutableBufferPointer { target in
            for row in 0..<shape.stockHeight {
                let inkRow = (row / 2) * shape.inkWidth
                var index = row * shape.stockWidth * 3
                for column in 0..<shape.stockWidth {
                    let ink = inkRow + column / 2
                    let resin = table.black[Int(black[ink])]
                    let dyes = (Int(cyan[ink]), Int(magenta[ink]), Int(yellow[ink]))
                    // each dye takes its own third of the light, and a little of the next
                    let red = table.dye[dyes.0] * table.side[dyes.1]
                    let green = table.dye[dyes.1] * table.side[dyes.0]
                    let blue = table.dye[dyes.2] * table.side[dyes.1]
                    let sheen = table.gloss[Int(overlay[ink])]
                    target[index] = glossed(Float(target[index]) * red * resin, sheen)
                    target[index + 1] = glossed(Float(target[index + 1]) * green * resin, sheen)
                    target[index + 2] = glossed(Float(target[index + 2]) * blue * resin, sheen)
                    index += 3
                }
            }
        }
        return picture
    }

    @inline(__always)
    private func glossed(_ value: Float, _ sheen: Float) -> UInt8 { UInt8(value + (255 - value) * sheen + 0.5) }

    private static let transmission = (
        dye: (0...255).map { 1 - 0.95 * Float($0) / 255 }, side: (0...255).map { 1 - 0.03 * Float($0) / 255 },
        black: (0...255).map { 1 - 0.94 * Float($0) / 255 }, gloss: (0...255).map { 0.01 * Float($0) / 255 }
    )
}
