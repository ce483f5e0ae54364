import Foundation
import Stations

/// A side laid on a ground as light as its own stock, with a grain of its own: its edges are hardly to be seen.
struct LikeGround {
    var width = 1700
    var height = 1200
    var pixelsPerMM = 15.0
    var degrees = 0.0
    var level = 226.0
    var grain = 5.0
    var seed: UInt64 = 3

    func picture(of side: Picture) -> Picture {
        var random = Draw(state: seed)
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        let (sine, cosine) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
        let scale = 300 / 25.4 / pixelsPerMM
        let (halfWide, halfHigh) = (CardFormat.widthMM * 300 / 25.4 / 2, CardFormat.heightMM * 300 / 25.4 / 2)
        for row in 0..<height {
            for column in 0..<width {
                let (x, y) = (Double(column) - Double(width) / 2 + 11, Double(row) - Double(height) / 2 - 7)
                let (u, v) = ((x * cosine + y * sine) * scale, (y * cosine - x * sine) * scale)
                let noise = random.between(-1, 1)
                let isSide = abs(u) < halfWide && abs(v) < halfHigh
                for channel in 0..<3 {
                    let value =
                        isSide
                        ? Self.level(side, u + Double(side.width) / 2 - 0.5, v + Double(side.height) / 2 - 0.5, channel)
                            * 0.9 + noise
                        : level * 0.9 + grain * noise
                    pixels[(row * width + column) * 3 + channel] = UInt8(min(max(value + 0.5, 0), 255))
                }
            }
        }
        return Picture(width: width, height: height, rgb: pixels)
    }

    private static func level(_ side: Picture, _ x: Double, _ y: Double, _ channel: Int) -> Double {
        let left = min(max(Int(x), 0), side.width - 2)
        let top = min(max(Int(y), 0), side.height - 2)
        let (fx, fy) = (x - Double(left), y - Double(top))
        let at = (top * side.width + left) * 3 + channel
        let below = at + side.width * 3
        let upper = Double(side.rgb[at]) * (1 - fx) + Double(side.rgb[at + 3]) * fx
        let lower = Double(side.rgb[below]) * (1 - fx) + Double(side.rgb[below + 3]) * fx
        return upper * (1 - fy) + lower * fy
    }
}
