internal import Ground

/// A buffer's bytes as rows without padding.
enum VideoPixels {
    /// `mono8` or `rgb8`; nil when there are too few bytes.
    static func picture(_ bytes: Bytes, _ format: VideoFormat) -> Bytes? {
        let each =
            switch format.coding {
            case .grey: 1
            case .rgb: 3
            case .yuyv: 2
            case .other: 0
            }
        let row = format.width * each
        let line = max(format.lineBytes, row)
        guard each > 0, format.height > 0, bytes.count >= line * (format.height - 1) + row else { return nil }
        var picture = Bytes()
        picture.reserveCapacity(format.width * format.height * (each == 1 ? 1 : 3))
        for y in 0..<format.height {
            let part = bytes[y * line..<y * line + row]
            if format.coding == .yuyv { picture += rgb(part) } else { picture += part }
        }
        return picture
    }

    /// ITU-R BT.601 of 16 to 235 levels, two pixels of four bytes: Y0 Cb Y1 Cr.
    private static func rgb(_ row: ArraySlice<UInt8>) -> Bytes {
        var picture = Bytes()
        picture.reserveCapacity(row.count / 2 * 3)
        for at in stride(from: row.startIndex, to: row.endIndex - 3, by: 4) {
            let (blue, red) = (Int(row[at + 1]) - 128, Int(row[at + 3]) - 128)
            for luma in [row[at], row[at + 2]] {
                let light = 298 * (Int(luma) - 16) + 128
                picture.append(level(light + 409 * red))
                picture.append(level(light - 100 * blue - 208 * red))
                picture.append(level(light + 516 * blue))
            }
        }
        return picture
    }

    private static func level(_ value: Int) -> UInt8 { UInt8(min(max(value >> 8, 0), 255)) }
}
