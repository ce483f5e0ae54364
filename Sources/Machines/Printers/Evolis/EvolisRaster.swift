public import Ground
public import Stations

/// Panels as the printer wants them (firmware-spec P3 to P5): portrait, packed without gaps, most significant bit first.
public enum EvolisRaster {
    /// Levels of a panel: resin and varnish know only two.
    public static func levels(_ panel: Panel) -> Int { panel == .black || panel == .overlay ? 2 : 128 }

    /// Bitmap of a panel. `width` and `height` are those of the portrait bitmap; nil when the panel has another size.
    public static func pack(_ raster: PanelRaster, width: Int, height: Int) -> Bytes? {
        guard raster.width == height, raster.height == width else { return nil }
        return levels(raster.panel) == 2
            ? packBits(raster.pixels, width: width, height: height)
            : packSevenBits(raster.pixels, width: width, height: height)
    }

    /// Portrait pixel (px, py) is landscape x = py, y = width - 1 - px (P4).
    private static func packBits(_ pixels: Bytes, width: Int, height: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: (width * height + 7) / 8)
        pixels.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var bit = 0
                for py in 0..<height {
                    var index = (width - 1) * height + py
                    for _ in 0..<width {
                        if source[index] >= 128 { target[bit >> 3] |= 0x80 >> UInt8(bit & 7) }
                        bit += 1
                        index -= height
                    }
                }
            }
        }
        return output
    }

    private static func packSevenBits(_ pixels: Bytes, width: Int, height: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: (width * height * 7 + 7) / 8)
        pixels.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var buffer: UInt32 = 0
                var bits = 0
                var written = 0
                for py in 0..<height {
                    var index = (width - 1) * height + py
                    for _ in 0..<width {
                        let level = (UInt32(source[index]) * 127 + 127) / 255
                        buffer = buffer << 7 | level
                        bits += 7
                        index -= height
                        if bits >= 8 {
                            bits -= 8
                            target[written] = UInt8(truncatingIfNeeded: buffer >> UInt32(bits))
                            written += 1
                        }
                    }
                }
                if bits > 0 { target[written] = UInt8(truncatingIfNeeded: buffer << UInt32(8 - bits)) }
            }
        }
        return output
    }
}
