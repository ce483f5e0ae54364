import Glibc
import Ground
import Stations

/// A second camera, written apart from `Capture`: card on a dark transport, light, lens, sensor, all drawn from a seed.
struct CaptureModel {
    var width = 2448
    var height = 2048
    var format = PixelFormat.bayerRG8
    var pixelsPerMM = 25.0
    var degrees = 0.0
    var offset = (x: 0.0, y: 0.0)
    /// Keystone: change of scale from the centre to the edge of the frame.
    var keystone = (x: 0.0, y: 0.0)
    /// Lens blur, in pixels of the 300 dpi raster (0.085 mm).
    var blur = 0.5
    var gain = 0.88
    var slope = (x: 0.0, y: 0.0)
    var vignette = 0.05
    var white = [1.0, 1.0, 1.0]
    var dark = 10.0
    var noise = 1.5
    var seed: UInt64 = 1

    /// A good station on one of its days.
    init(day: UInt64) {
        var random = Draw(state: day &* 0x9E37_79B9 &+ 77)
        seed = random.next()
        degrees = random.between(-3, 3)
        offset = (random.between(-35, 35), random.between(-35, 35))
        keystone = (random.between(-0.012, 0.012), random.between(-0.012, 0.012))
        pixelsPerMM = random.between(24.3, 25.6)
        blur = random.between(0.3, 0.95)
        gain = random.between(0.72, 0.95)
        slope = (random.between(-0.10, 0.10), random.between(-0.10, 0.10))
        vignette = random.between(0, 0.16)
        white = [random.between(0.95, 1.05), 1, random.between(0.95, 1.05)]
        dark = random.between(4, 22)
        noise = random.between(0.6, 2.6)
        format = day % 4 == 3 ? .rgb8 : .bayerRG8
    }

    func frame(_ picture: Picture, side: CardSide, number: UInt64, attempt: AttemptID = Specimens.attempt) -> Frame {
        let soft = Self.soften(picture, sigma: blur)
        let depth = format == .rgb8 ? 3 : 1
        var pixels = Bytes(repeating: 0, count: width * height * depth)
        let grain = Self.grain(seed)
        let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
        let scale = 300 / 25.4
        pixels.withUnsafeMutableBufferPointer { out in
            for row in 0..<height {
                let v = (Double(row) + 0.5) / Double(height) * 2 - 1
                for column in 0..<width {
                    let u = (Double(column) + 0.5) / Double(width) * 2 - 1
                    let bend = 1 + keystone.x * u + keystone.y * v
                    let fx = (Double(column) + 0.5 - Double(width) / 2 - offset.x) * bend / pixelsPerMM
                    let fy = (Double(row) + 0.5 - Double(height) / 2 - offset.y) * bend / pixelsPerMM
                    let mx = fx * cosine + fy * sine
                    let my = fy * cosine - fx * sine
                    let light = gain * (1 + slope.x * u + slope.y * v) * (1 - vignette * (u * u + v * v) / 2)
                    let cover = Self.cover(mx, my)
                    let colour = row & 1 == 0 ? column & 1 : 1 + (column & 1)
                    for channel in depth == 3 ? 0..<3 : colour..<(colour + 1) {
                        var value = dark
                        if cover > 0 {
                            let paper = soft.at(
                                mx * scale + Double(soft.width) / 2 - 0.5, my * scale + Double(soft.height) / 2 - 0.5,
                                channel)
                            value = dark + (paper * light * white[channel] - dark) * cover
                        }
                        let at = (row * width + column) * depth + (depth == 3 ? channel : 0)
                        value += noise * Double(grain[(at &* 31 &+ row &* 17) & 0xFFFF])
                        out[at] = UInt8(min(max(value + 0.5, 0), 255))
                    }
                }
            }
        }
        return Frame(
            attempt: attempt, side: side, number: number, width: width, height: height, format: format, pixels: pixels)
    }

    /// 1 inside the card, 0 outside, soft over the border; corners of 3.18 mm radius.
    private static func cover(_ x: Double, _ y: Double) -> Double {
        let dx = abs(x) - (CardFormat.widthMM / 2 - 3.18)
        let dy = abs(y) - (CardFormat.heightMM / 2 - 3.18)
        let distance = dx > 0 && dy > 0 ? (dx * dx + dy * dy).squareRoot() - 3.18 : max(dx, dy) - 3.18
        return min(max(0.5 - distance / 0.08, 0), 1)
    }

    /// Numbers near to normal with deviation 1.
    private static func grain(_ seed: UInt64) -> [Float] {
        var random = Draw(state: seed)
        return (0..<65_536).map { _ in
            Float((0..<4).reduce(0.0) { sum, _ in sum + random.between(-0.866, 0.866) })
        }
    }

    struct Soft {
        let width: Int
        let height: Int
        let values: [Float]

        @inline(__always)
        func at(_ x: Double, _ y: Double, _ channel: Int) -> Double {
            let left = min(max(Int(x), 0), width - 2)
            let top = min(max(Int(y), 0), height - 2)
            let (fx, fy) = (Float(x) - Float(left), Float(y) - Float(top))
            return values.withUnsafeBufferPointer { values in
                let index = (top * width + left) * 3 + channel
                let upper = values[index] + (values[index + 3] - values[index]) * fx
                let below = index + width * 3
                let lower = values[below] + (values[below + 3] - values[below]) * fx
                return Double(upper + (lower - upper) * fy)
            }
        }
    }

    private static func soften(_ picture: Picture, sigma: Double) -> Soft {
        let reach = max(Int((sigma * 3).rounded(.up)), 1)
        var kernel = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
        let sum = kernel.reduce(0, +)
        kernel = kernel.map { $0 / sum }
        let (width, height) = (picture.width, picture.height)
        var across = [Float](repeating: 0, count: picture.rgb.count)
        var result = across
        picture.rgb.withUnsafeBufferPointer { source in
            for y in 0..<height {
                for x in 0..<width {
                    for (index, weight) in kernel.enumerated() {
                        let from = (y * width + min(max(x + index - reach, 0), width - 1)) * 3
                        let to = (y * width + x) * 3
                        for channel in 0..<3 { across[to + channel] += weight * Float(source[from + channel]) }
                    }
                }
            }
        }
        for y in 0..<height {
            for (index, weight) in kernel.enumerated() {
                let from = min(max(y + index - reach, 0), height - 1) * width * 3
                let to = y * width * 3
                for x in 0..<(width * 3) { result[to + x] += weight * across[from + x] }
            }
        }
        return Soft(width: width, height: height, values: result)
    }
}

/// SplitMix64.
struct Draw {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func between(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) / Double(1 << 53)
    }
}
