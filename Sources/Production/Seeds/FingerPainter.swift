import Foundation
import Ground
import Pixels

/// Draws the ridges of a finger that nobody has: a wave whose direction turns around a loop's core and a delta (the flow of
/// Sherlock and Monro), strong in the middle of an oval and paper around it.
struct FingerPainter {
    static let width = 240
    static let height = 320

    private let core: (x: Double, y: Double)
    private let delta: (x: Double, y: Double)
    /// Pixels from ridge to ridge: 0.5 mm at 500 an inch are ten.
    private let spacing: Double
    private let phase: Double

    init(random: inout SeedRandom) {
        core = (random.real(105...135), random.real(120...150))
        delta = (random.real(40...75), random.real(215...245))
        spacing = random.real(8.5...10.5)
        phase = random.real(0...6.28)
    }

    func paint(random: inout SeedRandom) -> GrayImage {
        var values = Bytes(repeating: 255, count: Self.width * Self.height)
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let (across, down) = ((Double(x) - 120) / 108, (Double(y) - 160) / 150)
                let inside = 1 - across * across - down * down
                guard inside > 0 else { continue }
                let wave = cos(self.wave(Double(x), Double(y)))
                let ink = (wave * 0.5 + 0.5) * min(1, inside * 6)
                let grain = Double(random.below(25)) - 12
                values[y * Self.width + x] = UInt8(min(max(245 - ink * 190 + grain, 0), 255))
            }
        }
        return GrayImage(width: Self.width, height: Self.height, values: values)
    }

    /// Distance from the core counts ridges; the angles at core and delta bend them.
    private func wave(_ x: Double, _ y: Double) -> Double {
        let (dx, dy) = (x - core.x, y - core.y)
        let arch = hypot(dx, dy * (dy > 0 ? 0.55 : 1))
        let bend = atan2(y - delta.y, x - delta.x) - atan2(dy, dx)
        return 2 * .pi * arch / spacing + bend + phase
    }

    /// A finger image record of ISO/IEC 19794-4:2005 (clause 7) around a JPEG 2000 picture of 500 pixels an inch.
    static func record(_ picture: Bytes, position: Int, width: Int, height: Int) -> Bytes {
        let dpi = BigEndian.bytes(UInt16(500))
        var record = Bytes("FIR\0010\0".utf8) + BigEndian.bytes(UInt64(46 + picture.count)).suffix(6)
        // device not reported, acquisition level 31; one finger, pixels per inch; of scanner and image, across and down
        record += [0, 0, 0, 31, 1, 1] + dpi + dpi + dpi + dpi
        // 8 bits, JPEG 2000
        record += [8, 4, 0, 0]
        record += BigEndian.bytes(UInt32(14 + picture.count))
        // one view, the first; quality not known; live, plain
        record += [UInt8(position), 1, 1, 254, 0]
        record += BigEndian.bytes(UInt16(width)) + BigEndian.bytes(UInt16(height)) + [0]
        return record + picture
    }
}
