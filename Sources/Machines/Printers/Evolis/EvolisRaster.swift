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

    /// Portrait pixel (px, py) is landscape x = py, y = width - 1 - px (P4). `body` gets each upright row in turn. The picture
    /// is turned in strips as wide as what the processor fetches at once.
    private static func uprightRows(
        _ pixels: Bytes, width: Int, height: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let strip = 64
        pixels.withUnsafeBufferPointer { source in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: strip * width) { rows in
                var first = 0
                while first < height {
                    let count = min(strip, height - first)
                    turn(source, width: width, height: height, columns: first..<first + count, into: rows)
                    for row in 0..<count { body(UnsafeBufferPointer(rebasing: rows[row * width..<(row + 1) * width])) }
                    first += count
                }
            }
        }
    }

    /// Column x of the landscape picture becomes row x - columns.lowerBound of `rows`, eight by eight dots at once.
    private static func turn(
        _ source: UnsafeBufferPointer<UInt8>, width: Int, height: Int, columns: Range<Int>,
        into rows: UnsafeMutableBufferPointer<UInt8>
    ) {
        let from = UnsafeRawPointer(source.baseAddress!) + columns.lowerBound
        let to = UnsafeMutableRawPointer(rows.baseAddress!)
        let (wholeWidth, wholeCount) = (width & ~7, columns.count & ~7)
        for px in stride(from: 0, to: wholeWidth, by: 8) {
            for row in stride(from: 0, to: wholeCount, by: 8) {
                var dots = InlineArray<8, UInt64> { line in
                    (from + (width - 1 - px - line) * height + row).loadUnaligned(as: UInt64.self).littleEndian
                }
                transpose(&dots)
                for line in 0..<8 {
                    (to + (row + line) * width + px).storeBytes(of: dots[line].littleEndian, as: UInt64.self)
                }
            }
        }
        // what is left at the right of rows and below them
        for px in 0..<width {
            let line = (width - 1 - px) * height + columns.lowerBound
            let done = px < wholeWidth ? wholeCount : 0
            for row in done..<columns.count { rows[row * width + px] = source[line + row] }
        }
    }

    /// Eight lines of eight bytes, the first one lowest: quarters change places, then pairs, then bytes.
    private static func transpose(_ lines: inout InlineArray<8, UInt64>) {
        func exchange(_ first: Int, _ second: Int, _ shift: UInt64, _ mask: UInt64) {
            let moved = (lines[first] >> shift ^ lines[second]) & mask
            lines[second] ^= moved
            lines[first] ^= moved << shift
        }
        for line in 0..<4 { exchange(line, line + 4, 32, 0x0000_0000_FFFF_FFFF) }
        for half in [0, 4] {
            for line in half..<half + 2 { exchange(line, line + 2, 16, 0x0000_FFFF_0000_FFFF) }
        }
        for pair in 0..<4 { exchange(2 * pair, 2 * pair + 1, 8, 0x00FF_00FF_00FF_00FF) }
    }

    private static func packBits(_ pixels: Bytes, width: Int, height: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: (width * height + 7) / 8)
        output.withUnsafeMutableBufferPointer { target in
            var bit = 0
            uprightRows(pixels, width: width, height: height) { row in
                var px = 0
                while px < width {
                    guard bit & 7 == 0, px + 8 <= width else {
                        if row[px] >= 128 { target[bit >> 3] |= 0x80 >> UInt8(bit & 7) }
                        bit += 1
                        px += 1
                        continue
                    }
                    // the highest bits of eight dots, the first one foremost
                    let dots = UnsafeRawPointer(row.baseAddress! + px).loadUnaligned(as: UInt64.self).littleEndian
                    let gathered = (dots & 0x8080_8080_8080_8080) >> 7 &* 0x8040_2010_0804_0201
                    target[bit >> 3] = UInt8(truncatingIfNeeded: gathered >> 56)
                    bit += 8
                    px += 8
                }
            }
        }
        return output
    }

    private static let sevenBits: [UInt64] = (0...255).map { (level: UInt64) in (level * 127 + 127) / 255 }

    private static func packSevenBits(_ pixels: Bytes, width: Int, height: Int) -> Bytes {
        var output = Bytes(repeating: 0, count: (width * height * 7 + 7) / 8)
        output.withUnsafeMutableBufferPointer { target in
            sevenBits.withUnsafeBufferPointer { levels in
                var (buffer, bits, written): (UInt64, UInt64, Int) = (0, 0, 0)
                uprightRows(pixels, width: width, height: height) { row in
                    for px in 0..<width {
                        buffer = buffer << 7 | levels[Int(row[px])]
                        bits += 7
                        guard bits == 56 else { continue }
                        for byte in 0..<7 {
                            target[written + byte] = UInt8(truncatingIfNeeded: buffer >> UInt64(48 - 8 * byte))
                        }
                        (buffer, bits, written) = (0, 0, written + 7)
                    }
                }
                // what is left of the last dots, zeros behind it
                buffer <<= 56 - bits
                var byte = 0
                while bits > 0, written < target.count {
                    target[written] = UInt8(truncatingIfNeeded: buffer >> UInt64(48 - 8 * byte))
                    (byte, written) = (byte + 1, written + 1)
                    bits -= min(bits, 8)
                }
            }
        }
        return output
    }
}
