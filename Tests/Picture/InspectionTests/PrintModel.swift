import Ground
import Stations

/// A second printer, written apart from `Capture`: what it makes of a rendering, faults on order: ink over stock, dot by dot.
struct PrintModel {
    /// Ink factor by panel: 1 as asked, 0 missing.
    var strength: [Panel: Double] = [:]
    /// Where the factor applies, as a share of the long edge; all of it without.
    var band: ClosedRange<Double> = 0...1
    /// Shift of the whole print, in millimetres.
    var shiftX = 0.0
    var shiftY = 0.0
    /// Marks on the finished card, in millimetres from the card's top left corner.
    var marks: [(rect: RectMM, colour: [UInt8])] = []
    /// Share of its light that the finished card gives at a place, in millimetres.
    var surface: (@Sendable (_ x: Double, _ y: Double) -> Double)?
    /// Levels that full dye gives back: none lets less through.
    var dyeLight = 0.0

    func print(_ document: RenderedDocument, _ side: CardSide, on stock: Picture) -> Picture {
        var rgb = stock.rgb
        let (width, height) = (stock.width, stock.height)
        let scale = document.dpi / 25.4
        let dx = Int((shiftX * scale).rounded())
        let dy = Int((shiftY * scale).rounded())
        for panel in document.panels where panel.side == side && panel.panel != .overlay {
            let channels =
                switch panel.panel {
                case .cyan: [0]
                case .magenta: [1]
                case .yellow: [2]
                default: [0, 1, 2]
                }
            let factor = strength[panel.panel] ?? 1
            panel.pixels.withUnsafeBufferPointer { ink in
                for y in max(dy, 0)..<min(height + dy, height) {
                    for x in max(dx, 0)..<min(width + dx, width) {
                        let value = Double(ink[(y - dy) * width + x - dx])
                        if value == 0 { continue }
                        let applies = band.contains(Double(x) / Double(width))
                        // resin leaves a trace of light
                        let full = panel.panel == .black ? 0.93 : 1.0
                        var through = 1 - value / 255 * (applies ? factor : 1) * full
                        if panel.panel != .black { through = max(through, dyeLight / 255) }
                        for channel in channels {
                            let at = (y * width + x) * 3 + channel
                            rgb[at] = UInt8(min(max(Double(rgb[at]) * through, 0), 255))
                        }
                    }
                }
            }
        }
        for mark in marks { lay(mark.rect, mark.colour, on: &rgb, width: width, height: height, scale: scale) }
        if let surface {
            let left = (Double(width) - CardFormat.widthMM * scale) / 2
            let top = (Double(height) - CardFormat.heightMM * scale) / 2
            for index in rgb.indices {
                let (x, y) = (Double(index / 3 % width), Double(index / 3 / width))
                let share = surface((x + 0.5 - left) / scale, (y + 0.5 - top) / scale)
                rgb[index] = UInt8(min(max(Double(rgb[index]) * share, 0), 255))
            }
        }
        return Picture(width: width, height: height, rgb: rgb)
    }

    private func lay(
        _ rect: RectMM, _ colour: [UInt8], on rgb: inout Bytes, width: Int, height: Int, scale: Double
    ) {
        let left = (Double(width) - CardFormat.widthMM * scale) / 2
        let top = (Double(height) - CardFormat.heightMM * scale) / 2
        for y in Int(top + rect.y * scale)..<Int(top + (rect.y + rect.height) * scale) {
            for x in Int(left + rect.x * scale)..<Int(left + (rect.x + rect.width) * scale) {
                for channel in 0..<3 { rgb[(y * width + x) * 3 + channel] = colour[channel] }
            }
        }
    }
}
