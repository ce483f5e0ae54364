import Glibc
import Ground
import Inspection
import Stations
import Testing

/// What a camera does to all inks, and a ribbon to one.
@Suite struct InkStrengthTests {
    /// A side as drawn, each pixel (its place in millimetres, its levels) otherwise.
    private func inspect(
        _ index: Int, _ side: CardSide, _ seen: (_ x: Double, _ y: Double, _ levels: [Double]) -> [Double]
    ) throws -> PictureResult {
        let card = try Cards.card(index)
        let drawn = Pictures.drawn(card, side)
        let scale = 300 / 25.4
        let left = (Double(drawn.width) - CardFormat.widthMM * scale) / 2
        let top = (Double(drawn.height) - CardFormat.heightMM * scale) / 2
        var rgb = drawn.rgb
        for y in 0..<drawn.height {
            for x in 0..<drawn.width {
                let at = (y * drawn.width + x) * 3
                let levels = seen(
                    (Double(x) - left) / scale, (Double(y) - top) / scale, (0..<3).map { Double(drawn.rgb[at + $0]) })
                for channel in 0..<3 { rgb[at + channel] = UInt8(min(max(levels[channel] + 0.5, 0), 255)) }
            }
        }
        return try Pictures.inspector.inspect(
            PictureJob(
                side: side, reference: drawn, capture: Picture(width: drawn.width, height: drawn.height, rgb: rgb),
                fields: Pictures.fields(card, side), expected: PictureJob.Expected()))
    }

    private func portrait(_ index: Int) throws -> RectMM {
        try #require(Pictures.fields(try Cards.card(index), .front).first { $0.kind == .portrait }).rect
    }

    private static func contains(_ place: RectMM, _ x: Double, _ y: Double) -> Bool {
        x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height
    }

    private func measure(_ name: String, _ result: PictureResult) throws -> Double {
        try #require(result.measures.first { $0.name == name }).value
    }

    @Test func `resin that is nowhere as black as it is drawn is no spot`() throws {
        let texts = Pictures.fields(try Cards.card(2), .front).filter { $0.kind == .text }.map(\.rect)
        let result = try inspect(2, .front) { x, y, levels in
            guard (levels.max() ?? 0) < 110, texts.contains(where: { Self.contains($0, x, y) }) else { return levels }
            return levels.map { max($0, 84) }
        }
        #expect(result.verdict == .pass, "\(result.findings)")
    }

    @Test(arguments: [1, 4, 6]) func `a dye that takes some of the others' light accuses nothing`(index: Int) throws {
        let place = try portrait(index)
        let result = try inspect(index, .front) { x, y, levels in
            guard Self.contains(place, x, y) else { return levels }
            let lights = levels.map { pow($0 / 255, 2.2) }
            let mean = lights.reduce(0, +) / 3
            return lights.map { 255 * pow(0.94 * $0 + 0.06 * mean, 1 / 2.2) }
        }
        #expect(result.verdict == .pass, "\(result.findings)")
    }

    /// A lens' veil and full dye's rest of light make all dark paler, and the colour that a picture has most of in its dark.
    @Test(arguments: [1, 4, 6]) func `light over everything is no weak ribbon`(index: Int) throws {
        let place = try portrait(index)
        let result = try inspect(index, .front) { x, y, levels in
            Self.contains(place, x, y) ? levels.map { 255 * pow(0.93 * pow($0 / 255, 2.2) + 0.07, 1 / 2.2) } : levels
        }
        #expect(result.codes.isDisjoint(with: ["print.colour", "panel.weak"]), "\(result.findings)")
        for dye in ["c", "m", "y"] { #expect(abs(try measure("front.ink_\(dye)", result) - 1) < 0.07) }
    }

    @Test(arguments: [0, 1, 2]) func `one dye by a sixth too weak is a colour, under such light as well`(channel: Int)
        throws
    {
        let place = try portrait(3)
        let result = try inspect(3, .front) { x, y, levels in
            var lights = levels.map { pow($0 / 255, 2.2) }
            guard Self.contains(place, x, y) else { return levels }
            lights[channel] = pow(lights[channel], 0.83)
            return lights.map { 255 * pow(0.95 * $0 + 0.05, 1 / 2.2) }
        }
        #expect(result.codes.contains("print.colour"), "\(result.verdict)")
        let dye = ["c", "m", "y"][channel]
        #expect(abs(try measure("front.ink_\(dye)_shift", result) + 0.17) < 0.05)
    }

    @Test func `light that changes its colour over the side is another stock's`() throws {
        let result = try inspect(3, .back) { x, _, levels in
            let share = 0.09 * (x / CardFormat.widthMM - 0.5)
            return [levels[0] * (0.94 + share), levels[1] * 0.94, levels[2] * (0.94 - share)]
        }
        #expect(result.codes.contains("card.stock"), "\(result.verdict)")
        let lamp = try inspect(3, .back) { x, _, levels in
            levels.map { $0 * (0.9 + 0.09 * (x / CardFormat.widthMM - 0.5)) }
        }
        #expect(lamp.verdict == .pass, "\(lamp.findings)")
    }

    /// A back whose one ground the ribbon draws, paper left white where its code stands; `seen` of each channel's share of light.
    private func grounded(_ seen: (_ channel: Int, _ light: Double, _ isPaper: Bool) -> Double) throws
        -> PictureResult
    {
        let card = try Cards.card(3)
        let drawn = Pictures.drawn(card, .back)
        let place = try #require(Pictures.fields(card, .back).first { $0.kind == .qr }).rect
        let scale = 300 / 25.4
        let left = (Double(drawn.width) - CardFormat.widthMM * scale) / 2
        let top = (Double(drawn.height) - CardFormat.heightMM * scale) / 2
        let ground = [0.9, 0.78, 0.93]
        var (meant, shown) = (drawn.rgb, drawn.rgb)
        for index in drawn.rgb.indices {
            let (pixel, channel) = (index / 3, index % 3)
            let x = (Double(pixel % drawn.width) - left) / scale, y = (Double(pixel / drawn.width) - top) / scale
            let isCode = Self.contains(place, x, y)
            let isDark = drawn.rgb[pixel * 3 + 1] < 128
            let light = isDark ? 0.12 : isCode ? 1 : ground[channel]
            meant[index] = UInt8(light * 250)
            shown[index] = UInt8(min(seen(channel, light, isDark || isCode), 1) * 250)
        }
        return try Pictures.inspector.inspect(
            PictureJob(
                side: .back, reference: Picture(width: drawn.width, height: drawn.height, rgb: meant),
                capture: Picture(width: drawn.width, height: drawn.height, rgb: shown),
                fields: Pictures.fields(card, .back), expected: PictureJob.Expected()))
    }

    @Test(arguments: [0.57, 0.8]) func `a weak dye in the ground is told from a camera's colours by the paper`(
        strength: Double
    ) throws {
        let result = try grounded { channel, light, isPaper in
            0.92 * (channel == 1 && !isPaper ? pow(light, strength) : light)
        }
        #expect(!result.codes.isDisjoint(with: ["panel.weak", "print.colour"]), "\(result.measures)")
        #expect(abs(try measure("back.ground_m", result) - strength) < 0.05)
        #expect(abs(try measure("back.ground_c", result) - 1) < 0.05)
    }

    @Test func `a camera's colours on ground and paper are no weak dye`() throws {
        let gains = [0.93, 0.85, 0.9]
        let result = try grounded { channel, light, _ in gains[channel] * light }
        #expect(result.codes.isDisjoint(with: ["panel.weak", "print.colour", "card.stock"]), "\(result.findings)")
        #expect(abs(try measure("back.ground_m", result) - 1) < 0.05)
    }

    /// The back's code with ink that does not reach the edges of its modules; `spot` levels are added to a place of 2 mm.
    private func thinned(spot: Double) throws -> PictureResult {
        let card = try Cards.card(3)
        let drawn = Pictures.drawn(card, .back)
        let place = try #require(Pictures.fields(card, .back).first { $0.kind == .qr }).rect
        let scale = 300 / 25.4
        let left = (Double(drawn.width) - CardFormat.widthMM * scale) / 2
        let top = (Double(drawn.height) - CardFormat.heightMM * scale) / 2
        var shown = drawn.rgb
        for y in 1..<drawn.height - 1 {
            for x in 1..<drawn.width - 1 {
                let (u, v) = ((Double(x) - left) / scale, (Double(y) - top) / scale)
                guard Self.contains(place, u, v) else { continue }
                let isSpot = hypot(u - place.x - place.width / 2, v - place.y - place.height / 2) < 1
                for channel in 0..<3 {
                    var most = 0
                    for (dx, dy) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
                        most = max(most, Int(drawn.rgb[((y + dy) * drawn.width + x + dx) * 3 + channel]))
                    }
                    let at = (y * drawn.width + x) * 3 + channel
                    let level = 0.5 * Double(drawn.rgb[at]) + 0.5 * Double(most)
                    shown[at] = UInt8(min(max(level + (isSpot ? spot : 0), 0), 255))
                }
            }
        }
        return try Pictures.inspector.inspect(
            PictureJob(
                side: .back, reference: drawn, capture: Picture(width: drawn.width, height: drawn.height, rgb: shown),
                fields: Pictures.fields(card, .back), expected: PictureJob.Expected()))
    }

    @Test func `ink that is thinner than it is drawn is nothing that lies on a code`() throws {
        let part = try measure("back.code_part.qr", try thinned(spot: 0))
        #expect(part < 0.02, "\(part)")
        #expect(try thinned(spot: -120).codes.contains("print.spot"))
    }
}
