import Ground

extension RGBImage {
    /// The rectangle, cut to what lies inside the picture.
    public func cropped(x: Int, y: Int, width: Int, height: Int) -> RGBImage {
        let left = min(max(x, 0), self.width)
        let top = min(max(y, 0), self.height)
        let right = min(max(x + width, left), self.width)
        let bottom = min(max(y + height, top), self.height)
        var rgb = Bytes()
        rgb.reserveCapacity((right - left) * (bottom - top) * 3)
        for row in top..<bottom {
            rgb += self.rgb[((row * self.width + left) * 3)..<((row * self.width + right) * 3)]
        }
        return RGBImage(width: right - left, height: bottom - top, rgb: rgb)
    }

    /// Area average where the picture shrinks, bilinear where it grows; each direction by itself.
    public func resized(width: Int, height: Int) -> RGBImage {
        precondition(width > 0 && height > 0 && self.width > 0 && self.height > 0, "a picture has an area")
        let columns = Resampling(from: self.width, to: width)
        let rows = Resampling(from: self.height, to: height)
        var wide = [Float](repeating: 0, count: width * self.height * 3)
        for y in 0..<self.height {
            for x in 0..<width {
                for tap in columns.taps[x] {
                    let source = (y * self.width + tap.index) * 3
                    let target = (y * width + x) * 3
                    for channel in 0..<3 { wide[target + channel] += Float(rgb[source + channel]) * tap.weight }
                }
            }
        }
        var result = Bytes(repeating: 0, count: width * height * 3)
        var line = [Float](repeating: 0, count: width * 3)
        for y in 0..<height {
            for index in line.indices { line[index] = 0 }
            for tap in rows.taps[y] {
                let source = tap.index * width * 3
                for index in line.indices { line[index] += wide[source + index] * tap.weight }
            }
            for index in line.indices { result[y * width * 3 + index] = UInt8(min(max(line[index] + 0.5, 0), 255)) }
        }
        return RGBImage(width: width, height: height, rgb: result)
    }

    /// Outlines a rectangle with lines that lie inside it; parts outside the picture are left out.
    public mutating func outline(x: Int, y: Int, width: Int, height: Int, colour: RGBColour, thickness: Int = 2) {
        let edge = min(thickness, width / 2, height / 2)
        fill(x: x, y: y, width: width, height: edge, colour: colour)
        fill(x: x, y: y + height - edge, width: width, height: edge, colour: colour)
        fill(x: x, y: y, width: edge, height: height, colour: colour)
        fill(x: x + width - edge, y: y, width: edge, height: height, colour: colour)
    }

    public mutating func fill(x: Int, y: Int, width: Int, height: Int, colour: RGBColour) {
        let left = max(x, 0)
        let right = min(x + width, self.width)
        let top = max(y, 0)
        let bottom = min(y + height, self.height)
        guard left < right, top < bottom else { return }
        for row in top..<bottom {
            for column in left..<right { self[column, row] = colour }
        }
    }
}

/// For each target pixel the source pixels it is made of; weights add up to one.
private struct Resampling {
    struct Tap {
        let index: Int
        let weight: Float
    }

    let taps: [[Tap]]

    init(from source: Int, to target: Int) {
        let scale = Double(source) / Double(target)
        taps = (0..<target).map { position in
            if scale <= 1 {
                let center = (Double(position) + 0.5) * scale - 0.5
                let first = min(max(Int(center.rounded(.down)), 0), source - 1)
                let second = min(first + 1, source - 1)
                let share = min(max(center - Double(first), 0), 1)
                return [Tap(index: first, weight: Float(1 - share)), Tap(index: second, weight: Float(share))]
            }
            let start = Double(position) * scale
            let end = min(start + scale, Double(source))
            return (Int(start)..<min(Int(end.rounded(.up)), source)).map { index in
                let share = min(end, Double(index + 1)) - max(start, Double(index))
                return Tap(index: index, weight: Float(share / (end - start)))
            }
        }
    }
}
