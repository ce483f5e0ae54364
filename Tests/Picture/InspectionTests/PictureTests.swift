import Artwork
import Ground
import Inspection
import Pixels
import Seeds
import Stations
import Testing

/// Pictures of sides from outside a line.
@Suite struct PictureTests {
    @Test(arguments: [0, 5, 9]) func `a good card passes with all that is signed, and with nothing`(index: Int) throws {
        let card = try Cards.card(index % 8)
        let capture = GoodCardTests.captures[index]
        for side in CardSide.allCases {
            for signed in [card, nil] {
                let result = try Pictures.inspect(card, side, signed: signed, capture: capture)
                #expect(result.verdict == .pass, "\(side) \(result.findings)")
                #expect(result.annotated == nil)
                let broken = result.measures.filter { !$0.holds }
                #expect(broken.isEmpty, "\(broken)")
                #expect(result.measures.contains { $0.atLeast != nil } && result.measures.contains { $0.atMost != nil })
            }
        }
    }

    @Test func `the reference may be of another resolution, with its bleed or without`() throws {
        let card = try Cards.card(2)
        let drawn = Pictures.drawn(card, .back)
        let image = RGBImage(width: drawn.width, height: drawn.height, rgb: drawn.rgb)
        let twice = image.resized(width: 2032, height: 1296)
        let bare = image.cropped(x: 2, y: 5, width: 1011, height: 638)
        let capture = try Pictures.seen(card, .back)
        for (reference, scale) in [(twice, nil), (twice, 600 / 25.4), (bare, nil), (bare, 300 / 25.4)] {
            let result = try Pictures.inspector.inspect(
                PictureJob(
                    side: .back,
                    reference: Picture(width: reference.width, height: reference.height, rgb: reference.rgb),
                    capture: capture, pixelsPerMM: scale, fields: Pictures.fields(card, .back),
                    expected: try Pictures.expected(card, .back)))
            #expect(result.verdict == .pass, "\(reference.width) \(result.findings)")
        }
    }

    @Test func `a picture that the side fills is judged without its edges`() throws {
        let card = try Cards.card(1)
        for side in CardSide.allCases {
            let drawn = Pictures.drawn(card, side)
            let wide = Pictures.resized(drawn, width: 1600, height: 1020)
            for capture in [drawn, wide] {
                let result = try Pictures.inspector.inspect(
                    PictureJob(
                        side: side, reference: drawn, capture: capture, fields: Pictures.fields(card, side),
                        expected: try Pictures.expected(card, side)))
                #expect(result.verdict == .pass, "\(side) \(capture.width) \(result.findings)")
            }
        }
    }

    @Test func `print and reference that agree against what is signed are rejected`() throws {
        let card = try Cards.card(1)
        var record = card.record
        record.names.sorani.motherGiven = String(record.names.sorani.motherGiven.map { $0 == "ر" ? "ز" : $0 })
        record.dateOfExpiry = try #require(CivilDate(iso8601: "2031-04-05"))
        record.portrait = try Cards.card(4).record.portrait
        let wrong = try Cards.make(record, mrz: try Cards.card(2).mrz)
        let front = try Pictures.inspect(wrong, .front, signed: card)
        #expect(front.codes.isSuperset(of: ["field.differs", "portrait.differs"]), "\(front.findings)")
        #expect(front.findings.contains { $0.text.contains("mother_given") })
        let back = try Pictures.inspect(wrong, .back, signed: card)
        #expect(back.codes.isSuperset(of: ["mrz.character", "qr.content"]), "\(back.findings)")
    }

    @Test func `without anything signed the reference is what the print must say`() throws {
        let (own, other) = (try Cards.card(1), try Cards.card(2))
        let front = try Pictures.inspect(other, .front, reference: own)
        #expect(front.codes.isSuperset(of: ["portrait.differs", "field.differs"]), "\(front.findings)")
        let back = try Pictures.inspect(other, .back, reference: own)
        #expect(back.codes.isSuperset(of: ["mrz.character", "qr.content"]), "\(back.findings)")
        #expect(back.annotated != nil)
    }

    @Test(arguments: [Panel.yellow, .magenta, .cyan]) func `a panel that was not laid is named`(panel: Panel) throws {
        var capture = Capture()
        capture.without = [panel]
        let result = try Pictures.inspect(try Cards.card(3), .front, capture: capture)
        #expect(result.codes.contains("panel.missing"), "\(result.findings)")
    }

    @Test func `another side, a turned one and a grey picture never pass`() throws {
        let card = try Cards.card(0)
        let back = try Pictures.seen(card, .back)
        var turned = Capture()
        turned.upsideDown = true
        let gray = RGBImage(width: back.width, height: back.height, rgb: back.rgb).gray.rgb
        let drawn = Pictures.drawn(card, .front)
        for capture in [
            back, try Pictures.seen(card, .front, turned), drawn.turned,
            Picture(width: gray.width, height: gray.height, rgb: gray.rgb),
        ] {
            let result = try Pictures.inspector.inspect(
                PictureJob(side: .front, reference: drawn, capture: capture, fields: Pictures.fields(card, .front)))
            #expect(result.verdict != .pass)
            #expect(result.annotated != nil)
        }
    }

    @Test func `hostile pictures and fields never pass`() throws {
        let card = try Cards.card(0)
        let drawn = Pictures.drawn(card, .front)
        var random = SystemRandomNumberGenerator()
        let noise = Picture(width: 1016, height: 648, rgb: (0..<1016 * 648 * 3).map { _ in random.next() })
        var hostile = [noise]
        for (width, height) in [(0, 0), (1, 1), (399, 300), (1016, 648), (2448, 2048), (20_000, 30)] {
            for level in [0, 200, 255] as [UInt8] {
                hostile.append(
                    Picture(width: width, height: height, rgb: Bytes(repeating: level, count: width * height * 3)))
            }
        }
        for picture in hostile {
            // noise that looks like the noise it should be is no fault
            let pairs = [(drawn, picture), (picture, drawn), (picture, picture)].prefix(
                picture.rgb == noise.rgb ? 2 : 3)
            for (reference, capture) in pairs {
                let result = try Pictures.inspector.inspect(
                    PictureJob(
                        side: .front, reference: reference, capture: capture, fields: Pictures.fields(card, .front)))
                #expect(result.verdict != .pass, "\(capture.width) by \(capture.height)")
            }
        }
        for rect in [
            RectMM(x: .nan, y: 0, width: 1, height: 1), RectMM(x: 0, y: 0, width: .infinity, height: 1),
            RectMM(x: 1e300, y: 0, width: 1, height: 1), RectMM(x: 5, y: 5, width: 0, height: -3),
        ] {
            let field = FieldPlace(name: "x", kind: .portrait, side: .front, rect: rect, text: "")
            let result = try Pictures.inspector.inspect(
                PictureJob(side: .front, reference: drawn, capture: drawn, fields: [field]))
            #expect(result.verdict == .cannotJudge(.referenceUnusable))
        }
    }
}

extension Picture {
    /// By half a turn.
    fileprivate var turned: Picture {
        var rgb = Bytes()
        rgb.reserveCapacity(self.rgb.count)
        for pixel in (0..<width * height).reversed() { rgb += self.rgb[pixel * 3..<pixel * 3 + 3] }
        return Picture(width: width, height: height, rgb: rgb)
    }
}
