internal import Ground
internal import Stations

/// How ink lies on the stock: dye and resin absorb, each channel on its own. Cyan takes red away, magenta green, yellow
/// blue, black all three; what is left is the stock's light times what each layer lets through:
/// `result = stock * (1 - ink) * (1 - black)`. So the panels are C = 255 - R, M = 255 - G, Y = 255 - B of the colour
/// layer, and the composite predicts what a camera sees before the printer's own colour curves.
///
/// All of it works on the boxes of the fields: the rest of a side has no ink. Canvas rows are cairo's (RGB24: B, G, R,
/// unused; A8: coverage). Boxes may overlap by their margins: each act gives the same when it is done twice.
enum InkModel {
    typealias Rows = UnsafeMutablePointer<UInt8>

    /// Full where the canvas covers half a pixel or more.
    static func addResin(_ rows: Rows, _ stride: Int, _ box: PixelBox, to plane: inout Bytes, width: Int) {
        let count = box.right - box.left
        plane.withUnsafeMutableBufferPointer { plane in
            guard count > 0, let base = plane.baseAddress else { return }
            for y in box.top..<box.bottom {
                let (from, to) = (rows + y * stride + box.left, base + y * width + box.left)
                // the sign bit over the whole byte: 255 from 128 on
                for x in 0..<count { to[x] |= UInt8(bitPattern: Int8(bitPattern: from[x]) >> 7) }
            }
        }
    }

    /// The canvas' coverage, or what is there already if it is more.
    static func addTone(_ rows: Rows, _ stride: Int, _ box: PixelBox, to plane: inout Bytes, width: Int) {
        plane.withUnsafeMutableBufferPointer { plane in
            for y in box.top..<box.bottom {
                for x in box.left..<box.right {
                    plane[y * width + x] = max(plane[y * width + x], rows[y * stride + x])
                }
            }
        }
    }

    /// Ink of the three channels, each in its own plane.
    static func addInk(
        _ rows: Rows, _ stride: Int, _ box: PixelBox, yellow: inout Bytes, magenta: inout Bytes, cyan: inout Bytes,
        width: Int
    ) {
        yellow.withUnsafeMutableBufferPointer { yellow in
            magenta.withUnsafeMutableBufferPointer { magenta in
                cyan.withUnsafeMutableBufferPointer { cyan in
                    for y in box.top..<box.bottom {
                        for x in box.left..<box.right {
                            let (light, at) = (rows + y * stride + x * 4, y * width + x)
                            yellow[at] = ~light[0]
                            magenta[at] = ~light[1]
                            cyan[at] = ~light[2]
                        }
                    }
                }
            }
        }
    }

    /// The stock's light through the colours.
    static func layColour(
        _ rows: Rows, _ stride: Int, _ box: PixelBox, stock: Bytes, on rgb: inout Bytes, width: Int
    ) {
        rgb.withUnsafeMutableBufferPointer { light in
            stock.withUnsafeBufferPointer { stock in
                for y in box.top..<box.bottom {
                    for x in box.left..<box.right {
                        let through = rows + y * stride + x * 4
                        let at = (y * width + x) * 3
                        light[at] = multiplied(stock[at], through[2])
                        light[at + 1] = multiplied(stock[at + 1], through[1])
                        light[at + 2] = multiplied(stock[at + 2], through[0])
                    }
                }
            }
        }
    }

    /// Degrees of black, as a laser makes them.
    static func layTone(_ plane: Bytes, _ box: PixelBox, stock: Bytes, on rgb: inout Bytes, width: Int) {
        rgb.withUnsafeMutableBufferPointer { light in
            plane.withUnsafeBufferPointer { plane in
                stock.withUnsafeBufferPointer { stock in
                    for y in box.top..<box.bottom {
                        for x in box.left..<box.right {
                            let ink = plane[y * width + x]
                            guard ink > 0 else { continue }
                            let at = (y * width + x) * 3
                            light[at] = multiplied(stock[at], ~ink)
                            light[at + 1] = multiplied(stock[at + 1], ~ink)
                            light[at + 2] = multiplied(stock[at + 2], ~ink)
                        }
                    }
                }
            }
        }
    }

    /// No light where resin lies. Eight dots without any are passed over at once.
    static func layResin(_ plane: Bytes, _ box: PixelBox, on rgb: inout Bytes, width: Int) {
        rgb.withUnsafeMutableBufferPointer { light in
            plane.withUnsafeBytes { plane in
                for y in box.top..<box.bottom {
                    let row = y * width
                    var x = box.left
                    while x < box.right {
                        if x + 8 <= box.right, plane.loadUnaligned(fromByteOffset: row + x, as: UInt64.self) == 0 {
                            x += 8
                            continue
                        }
                        for dot in x..<min(x + 8, box.right) where plane[row + dot] == 255 {
                            let at = (row + dot) * 3
                            light[at] = 0
                            light[at + 1] = 0
                            light[at + 2] = 0
                        }
                        x += 8
                    }
                }
            }
        }
    }

    /// (light * through + 127) / 255 for every pair of bytes, without a division.
    @inline(__always)
    private static func multiplied(_ light: UInt8, _ through: UInt8) -> UInt8 {
        let product = UInt32(light) &* UInt32(through) &+ 127
        return UInt8(truncatingIfNeeded: (product &* 32_897) >> 23)
    }
}
