import Foundation
import Ground
import Stations

/// A printed card under a lamp and a lens, made up for these tests. Nothing of it is shared with the plant's camera.
struct Capture {
    var seed: UInt64 = 1
    /// Print offset of the personal layer in 300 dpi pixels.
    var offset = (x: 0.0, y: 0.0)
    var turn = 0.6
    var shift = (x: 9.0, y: -6.0)
    var tilt = 0.004
    var gradient = 0.10
    var vignette = 0.10
    var exposure = 0.92
    var balance = (red: 1.02, green: 1.0, blue: 0.97)
    /// Sigma in 300 dpi pixels.
    var blur = 0.6
    var noise = 2.0
    /// Share of light that passes full ink.
    var leak = 0.05
    var format = PixelFormat.bayerRG8
    /// Panels left out.
    var without: Set<Panel> = []
    var weakened: [Panel: Double] = [:]
    var upsideDown = false
    /// Marks on the card: millimetres and a grey level.
    var marks: [(RectMM, Double)] = []

    static let width = 2448
    static let height = 2048

    func take(
        _ document: RenderedDocument, _ side: CardSide, stock: Picture, attempt: AttemptID, number: UInt64
    ) -> Frame {
        let card = world(printed(document, side, stock: stock))
        let pixels = expose(card)
        return Frame(
            attempt: attempt, side: side, number: number, width: Self.width, height: Self.height, format: format,
            pixels: pixels)
    }

    private func printed(_ document: RenderedDocument, _ side: CardSide, stock: Picture) -> [[Float]] {
        let (width, height) = (stock.width, stock.height)
        var planes = (0..<3).map { channel in
            (0..<width * height).map { Float(stock.rgb[$0 * 3 + channel]) }
        }
        for panel in document.panels where panel.side == side && !without.contains(panel.panel) {
            let channels: [Int]
            switch panel.panel {
            case .cyan: channels = [0]
            case .magenta: channels = [1]
            case .yellow: channels = [2]
            case .black: channels = [0, 1, 2]
            default: continue
            }
            let strength = Float((1 - leak) * (weakened[panel.panel] ?? 1) / 255)
            if offset == (0, 0) {
                for (at, ink) in panel.pixels.enumerated() where ink > 0 {
                    for channel in channels { planes[channel][at] *= 1 - Float(ink) * strength }
                }
                continue
            }
            for y in 0..<height {
                for x in 0..<width {
                    let (u, v) = (Double(x) - offset.x, Double(y) - offset.y)
                    let (left, top) = (Int(u.rounded(.down)), Int(v.rounded(.down)))
                    guard left >= 0, top >= 0, left + 1 < width, top + 1 < height else { continue }
                    let (a, b) = (Float(u - Double(left)), Float(v - Double(top)))
                    let at = top * width + left
                    let upper = Float(panel.pixels[at]) * (1 - a) + Float(panel.pixels[at + 1]) * a
                    let lower = Float(panel.pixels[at + width]) * (1 - a) + Float(panel.pixels[at + width + 1]) * a
                    let pass = 1 - (upper * (1 - b) + lower * b) * strength
                    for channel in channels { planes[channel][y * width + x] *= pass }
                }
            }
        }
        for (rect, level) in marks {
            let (left, top) = (Int(rect.x * 11.811 + 2.5), Int(rect.y * 11.811 + 5.2))
            for y in top..<top + max(1, Int(rect.height * 11.811)) {
                for x in left..<left + max(1, Int(rect.width * 11.811)) {
                    for channel in 0..<3 { planes[channel][y * width + x] = Float(level) }
                }
            }
        }
        return planes
    }

    private static let border = 150
    private static let dark: Float = 16

    /// The card with rounded corners on the transport, blurred.
    private func world(_ card: [[Float]]) -> [[Float]] {
        let border = Self.border
        let (width, height) = (1016 + 2 * border, 648 + 2 * border)
        let (halfWidth, halfHeight) = (85.60 * 11.811 / 2, 53.98 * 11.811 / 2)
        let radius = 3.18 * 11.811
        return card.map { plane in
            var result = [Float](repeating: Self.dark, count: width * height)
            for y in 0..<648 {
                for x in 0..<1016 {
                    // Signed distance to the rounded outline gives the coverage of its pixels.
                    let dx = max(abs(Double(x) + 0.5 - 508) - halfWidth + radius, 0)
                    let dy = max(abs(Double(y) + 0.5 - 324) - halfHeight + radius, 0)
                    let distance = (dx * dx + dy * dy).squareRoot() - radius
                    let cover = Float(min(max(0.5 - distance, 0), 1))
                    let from = upsideDown ? (647 - y) * 1016 + 1015 - x : y * 1016 + x
                    result[(y + border) * width + x + border] = Self.dark + (plane[from] - Self.dark) * cover
                }
            }
            return Self.blurred(result, width, height, sigma: blur)
        }
    }

    private static func blurred(_ plane: [Float], _ width: Int, _ height: Int, sigma: Double) -> [Float] {
        guard sigma > 0 else { return plane }
        let reach = max(1, Int((3 * sigma).rounded(.up)))
        var taps = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
        let sum = taps.reduce(0, +)
        for index in taps.indices { taps[index] /= sum }
        var rows = plane
        for y in 0..<height {
            for x in reach..<width - reach {
                var value: Float = 0
                for k in 0..<taps.count { value += plane[y * width + x + k - reach] * taps[k] }
                rows[y * width + x] = value
            }
        }
        var result = rows
        for y in reach..<height - reach {
            for x in 0..<width {
                var value: Float = 0
                for k in 0..<taps.count { value += rows[(y + k - reach) * width + x] * taps[k] }
                result[y * width + x] = value
            }
        }
        return result
    }

    private func expose(_ planes: [[Float]]) -> Bytes {
        let border = Double(Self.border)
        let width = 1016 + 2 * Self.border
        let height = 648 + 2 * Self.border
        let scale = 300 / 25.4 / 25
        let (c, s) = (cos(turn * .pi / 180), sin(turn * .pi / 180))
        let gains = [balance.red, balance.green, balance.blue].map { Float($0 * exposure) }
        let channels = format == .rgb8 ? 3 : 1
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var pixels = Bytes(repeating: 0, count: Self.width * Self.height * channels)
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let px = Double(x) - Double(Self.width) / 2 + 0.5 - shift.x
                let py = Double(y) - Double(Self.height) / 2 + 0.5 - shift.y
                let depth = 1 + tilt * px / 1224 - tilt * 0.6 * py / 1024
                let u = (px * c + py * s) * scale / depth + 508 + border - 0.5
                let v = (py * c - px * s) * scale / depth + 324 + border - 0.5
                let (rx, ry) = (Float(px / 1224), Float(py / 1024))
                let light =
                    (1 + Float(gradient) * (0.7 * rx + 0.3 * ry)) * (1 - Float(vignette) * 0.5 * (rx * rx + ry * ry))
                let inside = u >= 0 && v >= 0 && u < Double(width - 1) && v < Double(height - 1)
                for index in 0..<channels {
                    let channel: Int
                    switch format {
                    case .bayerRG8: channel = (x & 1) + (y & 1)
                    default: channel = index
                    }
                    var value = Self.dark
                    if inside {
                        let (left, top) = (Int(u), Int(v))
                        let (a, b) = (Float(u) - Float(left), Float(v) - Float(top))
                        value = planes[channel].withUnsafeBufferPointer { plane in
                            let at = top * width + left
                            let upper = plane[at] * (1 - a) + plane[at + 1] * a
                            let lower = plane[at + width] * (1 - a) + plane[at + width + 1] * a
                            return upper * (1 - b) + lower * b
                        }
                    }
                    random ^= random << 13
                    random ^= random >> 7
                    random ^= random << 17
                    let sum = Float(random & 0xFF) + Float(random >> 8 & 0xFF) + Float(random >> 16 & 0xFF) - 382.5
                    value = value * gains[channel] * light + sum / 128 * Float(noise)
                    pixels[(y * Self.width + x) * channels + index] = UInt8(min(max(value + 0.5, 0), 255))
                }
            }
        }
        return pixels
    }
}
