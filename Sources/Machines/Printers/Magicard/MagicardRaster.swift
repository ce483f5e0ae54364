public import Ground
public import Stations

/// Panels as the printer wants them (firmware-spec P4 to P6, P8).
public enum MagicardRaster {
    /// Bits of a dot: black knows two levels.
    public static func bits(_ panel: Panel) -> Int { panel == .black ? 1 : 6 }

    /// A plane of `width` by `height` dots, upright; nil when the picture does not fit or a row is no whole bytes.
    public static func plane(_ raster: PanelRaster, width: Int, height: Int) -> Bytes? {
        guard raster.width == height, raster.height <= width, width % 8 == 0 else { return nil }
        let bits = bits(raster.panel)
        let full = (1 << bits) - 1
        let stripe = width / 8
        let margin = (width - raster.height) / 2
        let levels: [UInt64] = (0...255).map { bits == 1 ? ($0 >= 128 ? 1 : 0) : ($0 * UInt64(full) + 127) / 255 }
        var plane = Bytes(repeating: 0, count: stripe * bits * height)
        raster.pixels.withUnsafeBufferPointer { source in
            levels.withUnsafeBufferPointer { levels in
                plane.withUnsafeMutableBufferPointer { target in
                    for place in 0..<stripe {
                        // lines of the picture under the eight dots of this byte; the margins have none
                        let last = margin + raster.height - 1 - 8 * place
                        let lines = max(last - 7, 0)..<max(min(last + 1, raster.height), max(last - 7, 0))
                        for row in 0..<height {
                            // one level a byte, the first dot in the highest
                            var eight: UInt64 = 0
                            for line in lines {
                                let dot = levels[Int(source[line * raster.width + row])]
                                eight |= dot << UInt64(8 * (line - last + 7))
                            }
                            guard eight != 0 else { continue }
                            var index = row * stripe * bits + place
                            for _ in 0..<bits {
                                // the lowest bits of eight bytes side by side in the topmost byte
                                let gathered = (eight & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080
                                target[index] = UInt8(truncatingIfNeeded: gathered >> 56)
                                eight >>= 1
                                index += stripe
                            }
                        }
                    }
                }
            }
        }
        return plane
    }

    public enum Overcoat: Sendable, Equatable {
        case full
        case hole(MagicardHole)
    }

    /// Overcoat is no plane: all of the card, or all but one rectangle. Nil for any other shape.
    public static func overcoat(_ raster: PanelRaster) -> Overcoat? {
        var (left, top, right, bottom) = (raster.width, raster.height, 0, 0)
        var empty = 0
        for y in 0..<raster.height {
            for x in 0..<raster.width where raster.pixels[y * raster.width + x] < 128 {
                empty += 1
                (left, right) = (min(left, x), max(right, x + 1))
                (top, bottom) = (min(top, y), y + 1)
            }
        }
        guard empty > 0 else { return .full }
        guard empty == (right - left) * (bottom - top) else { return nil }
        return .hole(MagicardHole(left: left, top: top, right: right, bottom: bottom))
    }
}
