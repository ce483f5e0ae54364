import Foundation
import Inspection
import Stations
import Testing

@Suite struct GoodCardTests {
    /// Sixteen captures over the whole range of light, place and sharpness that the cell is built for.
    static let captures: [Capture] = (0..<16).map { index in
        var capture = Capture()
        let value = { (step: Double) in (Double(index + 1) * step).truncatingRemainder(dividingBy: 1) * 2 - 1 }
        capture.seed = UInt64(index + 11)
        capture.turn = value(0.618) * 1.8
        capture.shift = (value(0.317) * 40, value(0.733) * 40)
        capture.tilt = value(0.451) * 0.012
        capture.gradient = value(0.871) * 0.14
        capture.vignette = 0.1 + value(0.199) * 0.1
        capture.exposure = 0.86 + value(0.539) * 0.14
        capture.balance = (1 + value(0.283) * 0.05, 1, 1 + value(0.677) * 0.05)
        capture.blur = 0.65 + value(0.389) * 0.35
        capture.noise = 2.2 + value(0.913) * 1.2
        capture.leak = 0.06 + value(0.149) * 0.03
        capture.offset = (value(0.577) * 3, value(0.823) * 3)
        capture.format = index % 5 == 4 ? .rgb8 : .bayerRG8
        return capture
    }

    @Test(arguments: captures.indices) func `a good card passes and its zone is read`(index: Int) async throws {
        let card = try Cards.card(index % 8)
        let capture = Self.captures[index]
        var back = capture
        back.seed += 100
        let result = try await Cards.inspect(card, front: capture, back: back)
        #expect(result.verdict == .pass, "\(result.findings) \(result.doubt ?? "")")
        #expect(result.seenMRZ == card.mrz)
        #expect(result.annotated.count == 2)
        if let folder = ProcessInfo.processInfo.environment["SAKK_INSPECTION_OUT"] {
            for (side, png) in result.annotated {
                try Data(png).write(to: URL(fileURLWithPath: "\(folder)/good-\(index)-\(side.rawValue).png"))
            }
            let lines = result.measures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            try Data(lines.joined(separator: "\n").utf8).write(
                to: URL(fileURLWithPath: "\(folder)/good-\(index).txt"))
        }
    }
}
