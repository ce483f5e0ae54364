import Ground

/// Bitmaps as they come over the wire (P3 to P5), turned into dots of the side as held.
enum EvolisBitmap {
    /// Landscape, 1016 by 648, 0 to 255. Portrait dot (px, py) lies at x = py, y = 647 - px.
    static func dots(_ data: Bytes, levels: Int, width: Int, height: Int) -> Bytes {
        let bits = levels == 2 ? 1 : 7
        let full = levels - 1
        var dots = Bytes(repeating: 0, count: width * height)
        data.withUnsafeBufferPointer { source in
            dots.withUnsafeMutableBufferPointer { target in
                var position = 0
                for py in 0..<height {
                    for px in 0..<width {
                        let byte = position >> 3
                        var window = Int(source[byte]) << 8
                        if byte + 1 < source.count { window |= Int(source[byte + 1]) }
                        let level = (window >> (16 - bits - (position & 7))) & full
                        target[(width - 1 - px) * height + py] = UInt8(level * 255 / full)
                        position += bits
                    }
                }
            }
        }
        return dots
    }
}
