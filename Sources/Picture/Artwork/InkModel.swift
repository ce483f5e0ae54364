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
        yellow.withUnsafeMutableBytes { yellow in
            magenta.withUnsafeMutableBytes { magenta in
                cyan.withUnsafeMutableBytes { cyan in
                    for y in box.top..<box.bottom {
                        var (x, at) = (box.left, y * width + box.left)
                        while x + 16 <= box.right {
                            let dots = UnsafeRawPointer(rows + y * stride + x * 4)
                            let ink = ~dots.loadUnaligned(as: SIMD16<UInt32>.self)
                            store(ink, in: yellow, at)
                            store(ink &>> 8, in: magenta, at)
                            store(ink &>> 16, in: cyan, at)
                            (x, at) = (x + 16, at + 16)
                        }
                        while x < box.right {
                            let light = rows + y * stride + x * 4
                            (yellow[at], magenta[at], cyan[at]) = (~light[0], ~light[1], ~light[2])
                            (x, at) = (x + 1, at + 1)
                        }
                    }
                }
            }
        }
    }

    /// The lowest byte of each.
    @inline(__always)
    private static func store(_ dots: SIMD16<UInt32>, in plane: UnsafeMutableRawBufferPointer, _ at: Int) {
        plane.storeBytes(of: SIMD16<UInt8>(truncatingIfNeeded: dots), toByteOffset: at, as: SIMD16<UInt8>.self)
    }

    /// The stock's light through the colours. `stock`: blue, green, red and nothing of each dot, as a canvas has them.
    static func layColour(
        _ rows: Rows, _ stride: Int, _ box: PixelBox, stock: [UInt32], on rgb: inout Bytes, width: Int
    ) {
        rgb.withUnsafeMutableBytes { light in
            stock.withUnsafeBytes { stock in
                for y in box.top..<box.bottom {
                    var x = box.left
                    // a dot is stored with one byte more, which the next dot overwrites: the last ones are laid singly
                    while x + 4 < box.right {
                        let through = UnsafeRawPointer(rows + y * stride + x * 4).loadUnaligned(as: SIMD16<UInt8>.self)
                        let at = y * width + x
                        let dots = unsafeBitCast(
                            multiplied(stock.loadUnaligned(fromByteOffset: at * 4, as: SIMD16<UInt8>.self), through),
                            to: SIMD4<UInt32>.self)
                        for dot in 0..<4 {
                            light.storeBytes(
                                of: dots[dot].byteSwapped &>> 8, toByteOffset: (at + dot) * 3, as: UInt32.self)
                        }
                        x += 4
                    }
                    while x < box.right {
                        let (through, at) = (rows + y * stride + x * 4, y * width + x)
                        for channel in 0..<3 {
                            light[at * 3 + channel] = multiplied(stock[at * 4 + 2 - channel], through[2 - channel])
                        }
                        x += 1
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

    /// No light where resin lies. Eight dots without any, and eight with nothing else, are done at once.
    static func layResin(_ plane: Bytes, _ box: PixelBox, on rgb: inout Bytes, width: Int) {
        rgb.withUnsafeMutableBytes { light in
            plane.withUnsafeBytes { plane in
                for y in box.top..<box.bottom {
                    var at = y * width + box.left
                    let end = y * width + box.right
                    while at + 8 <= end {
                        let eight = plane.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                        if eight == .max {
                            for third in 0..<3 {
                                light.storeBytes(of: 0, toByteOffset: at * 3 + third * 8, as: UInt64.self)
                            }
                        } else if eight != 0 {
                            for dot in at..<at &+ 8 { darken(light, dot, plane[dot]) }
                        }
                        at += 8
                    }
                    while at < end {
                        darken(light, at, plane[at])
                        at += 1
                    }
                }
            }
        }
    }

    /// Without a branch: whether a dot is inked cannot be foretold.
    @inline(__always)
    private static func darken(_ light: UnsafeMutableRawBufferPointer, _ dot: Int, _ resin: UInt8) {
        let left: UInt8 = resin == 255 ? 0 : 255
        let at = dot &* 3
        light[at] &= left
        light[at &+ 1] &= left
        light[at &+ 2] &= left
    }

    /// (light * through + 127) / 255 for every pair of bytes, without a division.
    @inline(__always)
    private static func multiplied(_ light: UInt8, _ through: UInt8) -> UInt8 {
        let product = UInt32(light) &* UInt32(through) &+ 127
        return UInt8(truncatingIfNeeded: (product &* 32_897) >> 23)
    }

    /// The same for four dots; in sixteen bits (x + 1 + x / 256) / 256 is x / 255 for each x below 65,535.
    @inline(__always)
    private static func multiplied(_ light: SIMD16<UInt8>, _ through: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let product =
            SIMD16<UInt16>(truncatingIfNeeded: light) &* SIMD16<UInt16>(truncatingIfNeeded: through) &+ 127
        return SIMD16<UInt8>(truncatingIfNeeded: (product &+ 1 &+ (product &>> 8)) &>> 8)
    }
}
