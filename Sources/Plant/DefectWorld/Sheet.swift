import Ground

/// A picture: RGB, eight bits, rows from the top left.
struct Sheet: Sendable {
    let width: Int
    let height: Int
    var rgb: Bytes

    init(width: Int, height: Int, rgb: Bytes) {
        precondition(rgb.count == width * height * 3, "three bytes a pixel")
        self.width = width
        self.height = height
        self.rgb = rgb
    }

    init(width: Int, height: Int, grey: UInt8) {
        self.init(width: width, height: height, rgb: Bytes(repeating: grey, count: width * height * 3))
    }
}

/// A place on a side in mm from its top left corner as held.
public struct Box: Sendable, Hashable {
    public var x, y, width, height: Double

    public init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    var midX: Double { x + width / 2 }
    var midY: Double { y + height / 2 }
    func inset(_ by: Double) -> Box { Box(x + by, y + by, width - 2 * by, height - 2 * by) }
    func clipped(_ width: Double, _ height: Double) -> Box {
        let left = min(max(x, 0), width), top = min(max(y, 0), height)
        return Box(
            left, top, min(max(x + self.width, left), width) - left, min(max(y + self.height, top), height) - top)
    }
}
