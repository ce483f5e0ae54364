public import Ground
public import Stations

/// A panel as a file that the laser takes (firmware-spec E10): a Windows bitmap of 8 bits a dot, 0 black.
public enum IXLABitmap {
    /// `dpi` stands in the head as dots a metre.
    public static func file(_ raster: PanelRaster, dpi: Int) -> Bytes {
        let stride = (raster.width + 3) & ~3
        let head = 14 + 40 + 1024
        var file = Bytes()
        file.reserveCapacity(head + stride * raster.height)
        func little(_ value: Int, _ bytes: Int) {
            for index in 0..<bytes { file.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        file += Bytes("BM".utf8)
        little(head + stride * raster.height, 4)
        little(0, 4)
        little(head, 4)
        little(40, 4)
        little(raster.width, 4)
        little(raster.height, 4)
        little(1, 2)
        little(8, 2)
        little(0, 4)
        little(stride * raster.height, 4)
        let metre = (dpi * 10_000 + 127) / 254
        little(metre, 4)
        little(metre, 4)
        little(256, 4)
        little(0, 4)
        for level in 0..<256 { file += [UInt8(level), UInt8(level), UInt8(level), 0] }
        let start = file.count
        file += Bytes(repeating: 0, count: stride * raster.height)
        file.withUnsafeMutableBufferPointer { target in
            raster.pixels.withUnsafeBufferPointer { source in
                for row in 0..<raster.height {
                    // rows from below
                    let to = start + (raster.height - 1 - row) * stride
                    let from = row * raster.width
                    for column in 0..<raster.width { target[to + column] = ~source[from + column] }
                }
            }
        }
        return file
    }
}

/// Base64 (RFC 4648, 4), with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// Both letters of each twelve bits.
    private static let pairs: [UInt16] = (0..<4096).map {
        UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8
    }

    static func append(_ bytes: Bytes, to text: inout Bytes) {
        let begin = text.count
        text += Bytes(repeating: UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4)
        let whole = bytes.count / 3
        text.withUnsafeMutableBufferPointer { target in
            bytes.withUnsafeBufferPointer { source in
                pairs.withUnsafeBufferPointer { pairs in
                    for group in 0..<whole {
                        let (from, to) = (group * 3, begin + group * 4)
                        let first = Int(source[from]) << 4 | Int(source[from + 1]) >> 4
                        let second = Int(source[from + 1] & 15) << 8 | Int(source[from + 2])
                        target[to] = UInt8(truncatingIfNeeded: pairs[first])
                        target[to + 1] = UInt8(truncatingIfNeeded: pairs[first] >> 8)
                        target[to + 2] = UInt8(truncatingIfNeeded: pairs[second])
                        target[to + 3] = UInt8(truncatingIfNeeded: pairs[second] >> 8)
                    }
                }
            }
            let (from, to) = (whole * 3, begin + whole * 4)
            guard from < bytes.count else { return }
            let second = from + 1 < bytes.count ? bytes[from + 1] : 0
            target[to] = alphabet[Int(bytes[from]) >> 2]
            target[to + 1] = alphabet[Int(bytes[from] & 3) << 4 | Int(second) >> 4]
            if from + 1 < bytes.count { target[to + 2] = alphabet[Int(second & 15) << 2] }
        }
    }
}
