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
        let (from, span) = (self.width * 3, width * 3)
        let wide = [Float](unsafeUninitializedCapacity: span * self.height) { wide, filled in
            rgb.withUnsafeBufferPointer { rgb in
                columns.withTaps { starts, taps in
                    for y in 0..<self.height {
                        for x in 0..<width {
                            var sum = SIMD4<Float>()
                            for tap in starts[x]..<starts[x + 1] {
                                let source = y * from + taps[tap].index * 3
                                sum +=
                                    SIMD4<Float>(
                                        Float(rgb[source]), Float(rgb[source + 1]), Float(rgb[source + 2]), 0)
                                    * taps[tap].weight
                            }
                            let target = y * span + x * 3
                            wide[target] = sum[0]
                            wide[target + 1] = sum[1]
                            wide[target + 2] = sum[2]
                        }
                    }
                }
            }
            filled = span * self.height
        }
        let result = Bytes(unsafeUninitializedCapacity: span * height) { result, filled in
            var line = [Float](repeating: 0, count: span)
            line.withUnsafeMutableBufferPointer { line in
                wide.withUnsafeBufferPointer { wide in
                    rows.withTaps { starts, taps in
                        for y in 0..<height {
                            line.update(repeating: 0)
                            for tap in starts[y]..<starts[y + 1] {
                                let source = taps[tap].index * span
                                let weight = taps[tap].weight
                                for index in 0..<span { line[index] += wide[source + index] * weight }
                            }
                            for index in 0..<span {
                                // cut off to whole levels: the sum with 2^23 has them in its lowest bits
                                let level = min(max(line[index] + 0.5, 0.5), 255.5) - 0.499_98
                                result[y * span + index] = UInt8(
                                    truncatingIfNeeded: (level + 8_388_608).bitPattern)
                            }
                        }
                    }
                }
            }
            filled = span * height
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

    /// Target pixel n is made of taps starts[n]..<starts[n + 1].
    private var starts = [0]
    private var taps: [Tap] = []

    init(from source: Int, to target: Int) {
        let scale = Double(source) / Double(target)
        for position in 0..<target {
            if scale <= 1 {
                let center = (Double(position) + 0.5) * scale - 0.5
                let first = min(max(Int(center.rounded(.down)), 0), source - 1)
                let second = min(first + 1, source - 1)
                let share = min(max(center - Double(first), 0), 1)
                taps.append(Tap(index: first, weight: Float(1 - share)))
                taps.append(Tap(index: second, weight: Float(share)))
            } else {
                let start = Double(position) * scale
                let end = min(start + scale, Double(source))
                for index in Int(start)..<min(Int(end.rounded(.up)), source) {
                    let share = min(end, Double(index + 1)) - max(start, Double(index))
                    taps.append(Tap(index: index, weight: Float(share / (end - start))))
                }
            }
            starts.append(taps.count)
        }
    }

    func withTaps<Result>(_ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Tap>) -> Result) -> Result {
        starts.withUnsafeBufferPointer { starts in taps.withUnsafeBufferPointer { taps in body(starts, taps) } }
    }
}
