import Ground
import Inspection
import Stations
import Testing

/// Where a side lies, and where the print lies on it.
@Suite struct RegistrationTests {
    private func inspect(
        _ card: Card, on ground: LikeGround, printed: Card? = nil
    ) throws -> PictureResult {
        try Pictures.inspector.inspect(
            PictureJob(
                side: .front, reference: Pictures.drawn(card, .front),
                capture: ground.picture(of: Pictures.drawn(printed ?? card, .front)),
                fields: Pictures.fields(card, .front), expected: try Pictures.expected(card, .front)))
    }

    private func measure(_ name: String, _ result: PictureResult) throws -> Double {
        try #require(result.measures.first { $0.name == name }).value
    }

    @Test(arguments: [0.0, 7, -19]) func `a card that its ground hides is found by what is drawn on it`(
        degrees: Double
    ) throws {
        let card = try Cards.card(3)
        let result = try inspect(card, on: LikeGround(degrees: degrees))
        #expect(result.verdict == .pass, "\(result.verdict)")
        #expect(abs(try measure("front.turn_degrees", result) - degrees) < 0.2)
    }

    @Test func `a card that its ground hides is judged as any other`() throws {
        let result = try inspect(try Cards.card(3), on: LikeGround(degrees: 4), printed: try Cards.card(5))
        #expect(result.codes.isSuperset(of: ["portrait.differs", "field.differs"]), "\(result.verdict)")
    }

    @Test func `a ground without a card is an absent card`() throws {
        let card = try Cards.card(3)
        let blank = Picture(
            width: 1016, height: 648, rgb: Bytes(repeating: 226, count: 1016 * 648 * 3))
        let result = try Pictures.inspector.inspect(
            PictureJob(
                side: .front, reference: Pictures.drawn(card, .front), capture: LikeGround().picture(of: blank),
                fields: Pictures.fields(card, .front), expected: try Pictures.expected(card, .front)))
        #expect(result.verdict == .cannotJudge(.cardAbsent))
    }

    @Test(arguments: [(0.0, 0.0), (2.4, -1.2), (-3.0, 2.0)])
    func `print that lies off is measured to a fiftieth of a millimetre`(
        pixels: (x: Double, y: Double)
    ) throws {
        var capture = Capture()
        capture.offset = pixels
        let result = try Pictures.inspect(try Cards.card(2), .front, capture: capture)
        #expect(abs(try measure("front.offset_x_mm", result) - pixels.x * 25.4 / 300) < 0.02)
        #expect(abs(try measure("front.offset_y_mm", result) - pixels.y * 25.4 / 300) < 0.02)
        #expect(try measure("front.stock_offset_mm", result) < 0.03)
    }

    @Test func `what is printed too far off is rejected for that`() throws {
        var capture = Capture()
        capture.offset = (6.5, 3)
        let result = try Pictures.inspect(try Cards.card(2), .front, capture: capture)
        #expect(result.findings.map(\.code) == ["print.registration"], "\(result.verdict)")
    }

    /// One channel of a drawing, moved by whole pixels.
    private func moved(_ picture: Picture, channel: Int, across: Int, down: Int) -> Picture {
        var rgb = picture.rgb
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let (fromX, fromY) = (
                    min(max(x - across, 0), picture.width - 1), min(max(y - down, 0), picture.height - 1)
                )
                rgb[(y * picture.width + x) * 3 + channel] = picture.rgb[(fromY * picture.width + fromX) * 3 + channel]
            }
        }
        return Picture(width: picture.width, height: picture.height, rgb: rgb)
    }

    @Test(arguments: [0, 1, 2], [(-3, 2), (5, 3)])
    func `an ink that lies beside the others is named, and no mark besides`(
        channel: Int, pixels: (across: Int, down: Int)
    ) throws {
        for side in CardSide.allCases {
            let card = try Cards.card(4)
            let drawn = Pictures.drawn(card, side)
            let result = try Pictures.inspector.inspect(
                PictureJob(
                    side: side, reference: drawn,
                    capture: moved(drawn, channel: channel, across: pixels.across, down: pixels.down),
                    fields: Pictures.fields(card, side), expected: PictureJob.Expected()))
            #expect(result.findings.first?.code == "panel.registration", "\(side) \(result.findings)")
            #expect(result.codes.isDisjoint(with: ["print.spot", "print.scratch", "print.line"]), "\(result.findings)")
            let apart = Double(pixels.across * pixels.across + pixels.down * pixels.down).squareRoot() * 25.4 / 300
            let read = try measure("\(side.rawValue).panel_offset_mm", result)
            // In writing alone, far moves may be read too small; never as none.
            if side == .front { #expect(abs(read - apart) < 0.05, "\(read) \(apart)") }
            #expect(read > 0.1, "\(read) \(apart)")
        }
    }

    /// By less than where they are far apart, so that each is followed from where it is meant.
    @Test(arguments: [0, 1, 2], [(-2, 1), (2, -2), (-3, 0)])
    func `inks that lie apart by little are measured to a fiftieth of a millimetre`(
        channel: Int, pixels: (across: Int, down: Int)
    ) throws {
        let card = try Cards.card(4)
        let drawn = Pictures.drawn(card, .front)
        let result = try Pictures.inspector.inspect(
            PictureJob(
                side: .front, reference: drawn,
                capture: moved(drawn, channel: channel, across: pixels.across, down: pixels.down),
                fields: Pictures.fields(card, .front), expected: PictureJob.Expected()))
        let apart = Double(pixels.across * pixels.across + pixels.down * pixels.down).squareRoot() * 25.4 / 300
        for group in ["stock", "writing", "pictures"] {
            let read = try measure("front.apart_\(group)_mm", result)
            #expect(abs(read - apart) < 0.02, "\(group) \(read) \(apart)")
        }
    }

    @Test func `another person's card with an ink that lies beside the others is still another person's`() throws {
        let (card, other) = (try Cards.card(3), try Cards.card(6))
        let result = try Pictures.inspector.inspect(
            PictureJob(
                side: .front, reference: Pictures.drawn(card, .front),
                capture: moved(Pictures.drawn(other, .front), channel: 0, across: 4, down: 2),
                fields: Pictures.fields(card, .front), expected: PictureJob.Expected()))
        #expect(result.codes.isSuperset(of: ["portrait.differs", "field.differs"]), "\(result.verdict)")
    }
}
