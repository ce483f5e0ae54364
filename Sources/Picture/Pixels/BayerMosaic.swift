public import Ground

/// Raw frames of a colour sensor: first row R G R G, second row G B G B (Bayer RG), 8 bits.
public enum BayerMosaic {
    /// A picture by bilinear interpolation; nil when the bytes do not fill the size.
    public static func picture(_ mosaic: Bytes, width: Int, height: Int) -> RGBImage? {
        guard width >= 2, height >= 2, mosaic.count == width * height else { return nil }
        var rgb = Bytes(repeating: 0, count: width * height * 3)
        mosaic.withUnsafeBufferPointer { source in
            rgb.withUnsafeMutableBufferPointer { target in
                func at(_ x: Int, _ y: Int) -> Int {
                    // mirrored at the edges, so that the colour of the neighbour stays right
                    let column = x < 0 ? 1 : x >= width ? width - 2 : x
                    let row = y < 0 ? 1 : y >= height ? height - 2 : y
                    return Int(source[row * width + column])
                }
                for y in 0..<height {
                    for x in 0..<width {
                        let own = at(x, y)
                        let across = (at(x - 1, y) + at(x + 1, y) + 1) / 2
                        let down = (at(x, y - 1) + at(x, y + 1) + 1) / 2
                        let cross = (across + down + 1) / 2
                        let diagonal =
                            (at(x - 1, y - 1) + at(x + 1, y - 1) + at(x - 1, y + 1) + at(x + 1, y + 1) + 2) / 4
                        let (red, green, blue) =
                            switch (y & 1, x & 1) {
                            case (0, 0): (own, cross, diagonal)
                            case (0, _): (across, own, down)
                            case (_, 0): (down, own, across)
                            default: (diagonal, cross, own)
                            }
                        let index = (y * width + x) * 3
                        target[index] = UInt8(red)
                        target[index + 1] = UInt8(green)
                        target[index + 2] = UInt8(blue)
                    }
                }
            }
        }
        return RGBImage(width: width, height: height, rgb: rgb)
    }
}
