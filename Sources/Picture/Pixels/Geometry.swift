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
        // a dot is stored with one value more, which the next dot overwrites
        let wide = [Float](unsafeUninitializedCapacity: span * self.height + 1) { wide, filled in
            rgb.withUnsafeBufferPointer { rgb in
                for y in 0..<self.height {
                    columns.spread(rgb.baseAddress! + y * from, count: self.width, to: wide.baseAddress! + y * span)
                }
            }
            filled = span * self.height + 1
        }
        let result = Bytes(unsafeUninitializedCapacity: span * height) { result, filled in
            wide.withUnsafeBufferPointer { wide in
                for y in 0..<height {
                    rows.gather(y, from: wide.baseAddress!, span: span, to: result.baseAddress! + y * span)
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

    /// One row of dots, three bytes each, to a row of target dots, three values each and one more behind the last.
    func spread(_ row: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutablePointer<Float>) {
        withTaps { starts, taps in
            withUnsafeTemporaryAllocation(of: SIMD4<Float>.self, capacity: count) { dots in
                for x in 0..<count {
                    let dot = row + x * 3
                    dots[x] = SIMD4(Float(dot[0]), Float(dot[1]), Float(dot[2]), 0)
                }
                var to = UnsafeMutableRawPointer(target)
                for x in 0..<starts.count - 1 {
                    var sum = SIMD4<Float>()
                    for tap in starts[x]..<starts[x + 1] { sum += dots[taps[tap].index] * taps[tap].weight }
                    to.storeBytes(of: sum, as: SIMD4<Float>.self)
                    to += 3 * MemoryLayout<Float>.size
                }
            }
        }
    }

    /// Target row `y` of rows of `span` values each, as whole levels.
    func gather(_ y: Int, from wide: UnsafePointer<Float>, span: Int, to target: UnsafeMutablePointer<UInt8>) {
        withTaps { starts, taps in
            let own = starts[y]..<starts[y + 1]
            var index = 0
            while index + 16 <= span {
                var sum = SIMD16<Float>()
                for tap in own {
                    let source = UnsafeRawPointer(wide + taps[tap].index * span + index)
                    sum += source.loadUnaligned(as: SIMD16<Float>.self) * taps[tap].weight
                }
                UnsafeMutableRawPointer(target + index).storeBytes(of: Self.levels(sum), as: SIMD16<UInt8>.self)
                index += 16
            }
            while index < span {
                var sum: Float = 0
                for tap in own { sum += wide[taps[tap].index * span + index] * taps[tap].weight }
                target[index] = Self.levels(SIMD16(repeating: sum))[0]
                index += 1
            }
        }
    }

    @inline(__always)
    private static func levels(_ sums: SIMD16<Float>) -> SIMD16<UInt8> {
        var level = sums + 0.5
        level.replace(with: 0.5, where: level .< 0.5)
        level.replace(with: 255.5, where: level .> 255.5)
        // cut off to whole levels: the sum with 2^23 has them in its lowest bits
        let whole = level - 0.499_98 + 8_388_608
        return SIMD16<UInt8>(truncatingIfNeeded: unsafeBitCast(whole, to: SIMD16<UInt32>.self))
    }

    @inline(__always)
    private func withTaps<Result>(_ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Tap>) -> Result) -> Result {
        starts.withUnsafeBufferPointer { starts in taps.withUnsafeBufferPointer { taps in body(starts, taps) } }
    }
}
