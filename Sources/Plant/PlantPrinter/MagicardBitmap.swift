import Ground

/// Planes as they come over the wire (P4 to P6), turned into dots of the side as held.
struct MagicardBitmap {
    /// The plane, upright.
    let width: Int
    let height: Int
    /// Short edge of the picture; the long one is as long as the plane is high.
    let pictureHeight: Int

    static func bits(_ panel: Character) -> Int { panel == "k" ? 1 : 6 }

    func count(_ panel: Character) -> Int { width / 8 * MagicardBitmap.bits(panel) * height }

    /// Lying, 0 to 255.
    func dots(_ plane: Bytes, _ panel: Character) -> Bytes {
        let bits = MagicardBitmap.bits(panel)
        let stripe = width / 8
        let left = (width - pictureHeight) / 2
        var dots = Bytes(repeating: 0, count: height * pictureHeight)
        plane.withUnsafeBufferPointer { source in
            dots.withUnsafeMutableBufferPointer { target in
                for py in 0..<height {
                    let row = py * bits * stripe
                    for line in 0..<pictureHeight {
                        let px = left + pictureHeight - 1 - line
                        var level = 0
                        for bit in 0..<bits {
                            let byte = source[row + bit * stripe + px / 8]
                            if byte & (0x80 >> UInt8(px % 8)) != 0 { level += 1 << bit }
                        }
                        target[line * height + py] = UInt8(level * 255 / ((1 << bits) - 1))
                    }
                }
            }
        }
        return dots
    }
}
