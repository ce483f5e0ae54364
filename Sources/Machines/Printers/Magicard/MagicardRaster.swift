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
        var plane = Bytes(repeating: 0, count: stripe * bits * height)
        raster.pixels.withUnsafeBufferPointer { source in
            plane.withUnsafeMutableBufferPointer { target in
                for row in 0..<height {
                    let start = row * stripe * bits
                    for line in 0..<raster.height {
                        let dot = Int(source[line * raster.width + row])
                        let level = bits == 1 ? (dot >= 128 ? 1 : 0) : (dot * full + 127) / 255
                        guard level > 0 else { continue }
                        let column = margin + raster.height - 1 - line
                        let place = start + column >> 3
                        let mask: UInt8 = 0x80 >> UInt8(column & 7)
                        for bit in 0..<bits where level >> bit & 1 == 1 { target[place + bit * stripe] |= mask }
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
