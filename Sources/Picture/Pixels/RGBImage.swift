public import Ground

/// A picture in memory: three bytes a pixel (R, G, B), rows from the top left, no padding.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public var rgb: Bytes

    public init(width: Int, height: Int, rgb: Bytes) {
        precondition(width >= 0 && height >= 0 && rgb.count == width * height * 3, "three bytes a pixel")
        self.width = width
        self.height = height
        self.rgb = rgb
    }

    public init(width: Int, height: Int, filledWith colour: RGBColour) {
        var rgb = Bytes(repeating: 0, count: width * height * 3)
        for index in stride(from: 0, to: rgb.count, by: 3) {
            rgb[index] = colour.red
            rgb[index + 1] = colour.green
            rgb[index + 2] = colour.blue
        }
        self.init(width: width, height: height, rgb: rgb)
    }

    public subscript(x: Int, y: Int) -> RGBColour {
        get {
            let index = (y * width + x) * 3
            return RGBColour(rgb[index], rgb[index + 1], rgb[index + 2])
        }
        set {
            let index = (y * width + x) * 3
            rgb[index] = newValue.red
            rgb[index + 1] = newValue.green
            rgb[index + 2] = newValue.blue
        }
    }

    /// Luma after ITU-R BT.601, rounded.
    public var gray: GrayImage {
        var values = Bytes(repeating: 0, count: width * height)
        for index in values.indices {
            let red = Int(rgb[index * 3])
            let green = Int(rgb[index * 3 + 1])
            let blue = Int(rgb[index * 3 + 2])
            values[index] = UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
        }
        return GrayImage(width: width, height: height, values: values)
    }
}

public struct RGBColour: Sendable, Hashable {
    public let red: UInt8
    public let green: UInt8
    public let blue: UInt8
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }
}

/// One byte a pixel, rows from the top left, no padding.
public struct GrayImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public var values: Bytes

    public init(width: Int, height: Int, values: Bytes) {
        precondition(width >= 0 && height >= 0 && values.count == width * height, "one byte a pixel")
        self.width = width
        self.height = height
        self.values = values
    }

    public var rgb: RGBImage {
        var rgb = Bytes(repeating: 0, count: values.count * 3)
        for index in values.indices {
            rgb[index * 3] = values[index]
            rgb[index * 3 + 1] = values[index]
            rgb[index * 3 + 2] = values[index]
        }
        return RGBImage(width: width, height: height, rgb: rgb)
    }
}
