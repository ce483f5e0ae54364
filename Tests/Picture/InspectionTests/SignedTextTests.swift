import Artwork
import Ground
import Pixels
import Seeds
import Stations
import Testing

@testable import Inspection

/// Reference and print that agree, against what is signed, where no drawing of ours exists for the field.
@Suite struct SignedTextTests {
    /// The front of a card that says `printed` as the given name, judged as one that must say `signed`.
    private func inspect(_ printed: String, signed: String, redrawn: Bool = false) throws -> PictureResult {
        var record = try Cards.card(1).record
        record.names.arabic.given = printed
        let card = try Cards.make(record, mrz: try Cards.card(1).mrz)
        var expected = try Pictures.expected(card, .front)
        expected.texts["names.arabic.given"] = signed
        if redrawn {
            let drawn = try #require(try Cards.artwork.get().texts(expected.texts, on: .front))
            expected.redrawn = (drawn.picture, Set(drawn.fields.map(\.name)))
        } else {
            expected.redrawn = nil
            expected.texts = ["names.arabic.given": signed]
        }
        return try PictureInspector(format: .td1).inspect(
            PictureJob(
                side: .front, reference: Pictures.drawn(card, .front), capture: try Pictures.seen(card, .front),
                fields: Pictures.fields(card, .front), expected: expected))
    }

    @Test(arguments: ["هدى", "ياسر"]) func `a signed text is found in the faces of this machine`(text: String) throws {
        #expect(try inspect(text, signed: text).verdict == .pass)
    }

    /// The dot stands apart from the letters, in rows of its own.
    @Test(arguments: [("هذى", "هدى"), ("خديجه", "حديجه"), ("فرح", "قرح"), ("ياسز", "ياسر")])
    func `a dot that the signed text does not have never passes`(printed: String, signed: String) throws {
        #expect(try inspect(printed, signed: signed).verdict != .pass)
        #expect(try inspect(signed, signed: printed).verdict != .pass)
    }

    @Test func `a side that the product drew says for each field whether it is the signed one`() throws {
        let result = try inspect("هذى", signed: "هدى", redrawn: true)
        #expect(result.codes.contains("field.differs"), "\(result.verdict)")
    }

    @Test func `a dot above its letter belongs to it, a caption does not`() {
        let word = RectMM(x: 10, y: 12, width: 6, height: 2)
        func piece(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ inside: Bool = true)
            -> WritingPlaces.Piece
        {
            .init(rect: RectMM(x: x, y: y, width: width, height: height), isInside: inside)
        }
        let body = [piece(10, 12, 3, 2), piece(13.2, 12.4, 2.8, 1.6)]
        let caption = [piece(10, 10, 0.9, 1), piece(11, 10, 0.9, 1), piece(12, 10, 0.8, 1)]
        func left(_ more: [WritingPlaces.Piece]) -> RectMM? {
            WritingPlaces(rows: [word], parts: [], pieces: body + caption + more).leftOver(by: word)
        }
        #expect(left([]) == nil)
        let dot = piece(14, 11.5, 0.3, 0.3)
        #expect(left([dot]) == dot.rect)
        let outside = piece(14, 11.6, 0.3, 0.3, false)
        #expect(left([outside]) == outside.rect)
        let word2 = piece(17, 12, 3, 2)
        #expect(left([word2]) == word2.rect)
        // Small letters of a caption that begins beside large writing.
        let row = (0..<4).map { piece(9.3 - 0.7 * Double($0), 14.4, 0.6, 0.8) }
        #expect(left(row) == nil)
        #expect(left([row[0]]) == row[0].rect)
    }

    @Test func `dots in rows of their own go with the line that they are nearest to`() throws {
        let rows = [
            RectMM(x: 10, y: 5, width: 6, height: 1.5), RectMM(x: 12, y: 8.6, width: 0.3, height: 0.3),
            RectMM(x: 10, y: 9, width: 8, height: 2),
        ]
        let places = WritingPlaces(rows: rows, parts: [], pieces: [])
        #expect(places.lines.count == 2)
        let last = try #require(places.lines.last)
        #expect(last.y == 8.6 && abs(last.height - 2.4) < 1e-9)
    }

    @Test func `words go over lines by the lines' lengths`() {
        #expect(
            WrappedText.split("Baghdad Karrada street 62 house 14", over: [13, 16])
                == ["Baghdad Karrada", "street 62 house 14"])
        #expect(WrappedText.split("Baghdad", over: [13, 16]) == nil)
    }

    /// Text drawn apart from any product, on a white side.
    private func artwork(_ drawn: [(String, spacing: Double)], face: String = "DejaVu Sans, Book") throws -> CardView {
        let raster = SideRaster.td1
        var rgb = Bytes(repeating: 245, count: raster.width * raster.height * 3)
        for (index, line) in drawn.enumerated() {
            let ink = try #require(DrawnLine(line.0, face: face, size: 32, spacing: line.spacing))
            for y in 0..<ink.height {
                for x in 0..<ink.width {
                    let at = ((140 + index * 50 + y) * raster.width + 140 + x) * 3
                    for channel in 0..<3 {
                        rgb[at + channel] = UInt8(245 - 225 * Int(ink.ink[y * ink.width + x]) / 255)
                    }
                }
            }
        }
        return try CardView.open(artwork: rgb, raster: raster)
    }

    private func search(
        _ drawn: [(String, spacing: Double)], signed: String, by writing: SignedWriting? = nil
    ) throws -> SignedWriting.Answer {
        let field = FieldPlace(
            name: "text", kind: .text, side: .front,
            rect: RectMM(x: 10, y: 10.5, width: 60, height: 4 + 4.3 * Double(drawn.count - 1)), text: "")
        let writing = writing ?? SignedWriting(limit: InspectionPlan.standard.signedPart)
        return try writing.fit(signed, in: field, of: try artwork(drawn)).answer
    }

    private func isSame(_ answer: SignedWriting.Answer) -> Bool {
        if case .same = answer { return true }
        return false
    }

    private func isOther(_ answer: SignedWriting.Answer) -> Bool {
        if case .differs = answer { return true }
        return false
    }

    /// Small writing that was drawn finer than this raster and made smaller, so that no drawing here has quite its pixels.
    /// `isFitted`: as a program draws it that puts every other letter a pixel aside, and what is low in all of them three
    /// quarters of a pixel higher.
    private func fineArtwork(_ text: String, face: String, size: Double, isFitted: Bool = false) throws -> CardView {
        let (raster, factor) = (SideRaster.td1, 4)
        let columns = DrawnLine.columns(text, face: face, size: size * Double(factor))
        func moved(_ u: Int, _ v: Int, _ height: Int) -> (Int, Int) {
            guard isFitted else { return (u, v) }
            let letter = columns.firstIndex { $0.contains(Double(u)) } ?? 0
            return (letter % 2 == 0 ? u : u - 4, v > height / 2 ? min(v + 3, height) : v)
        }
        let line = try #require(DrawnLine(text, face: face, size: size * Double(factor)))
        var rgb = Bytes(repeating: 235, count: raster.width * raster.height * 3)
        for y in 0...line.height / factor {
            for x in 0...line.width / factor {
                var sum = 0
                for part in 0..<factor * factor {
                    let (u, v) = moved(
                        x * factor + part % factor - 1, y * factor + part / factor - 2, line.height)
                    guard (0..<line.width).contains(u), (0..<line.height).contains(v) else { continue }
                    sum += Int(line.ink[v * line.width + u])
                }
                let at = ((140 + y) * raster.width + 140 + x) * 3
                for channel in 0..<3 { rgb[at + channel] = UInt8(235 - 210 * sum / (255 * factor * factor)) }
            }
        }
        return try CardView.open(artwork: rgb, raster: raster)
    }

    private func isExplained(
        _ printed: String, by signed: String, face: String, size: Double, isFitted: Bool = false
    ) throws -> Bool {
        let field = FieldPlace(
            name: "text", kind: .text, side: .front, rect: RectMM(x: 10, y: 10.5, width: 60, height: 4), text: "")
        let writing = SignedWriting(limit: InspectionPlan.standard.signedPart)
        return isSame(
            try writing.fit(
                signed, in: field, of: try fineArtwork(printed, face: face, size: size, isFitted: isFitted)
            ).answer)
    }

    /// As hinting does it; another letter is another one all the same.
    @Test(arguments: [
        ("Baghdad 1954", "Baghdad 1964", "Noto Serif, Regular", 30.0),
        ("AL SAADI", "AL SADDI", "DejaVu Serif, Book", 30),
        ("K48238848", "K48239848", "Noto Sans, Regular", 26), ("21.12.1951", "21.12.1957", "DejaVu Sans, Book", 30),
    ]) func `letters that a program has fitted to its pixels are the same text`(
        printed: String, other: String, face: String, size: Double
    ) throws {
        #expect(try isExplained(printed, by: printed, face: face, size: size, isFitted: true))
        #expect(try !isExplained(printed, by: other, face: face, size: size, isFitted: true))
    }

    @Test func `what a caption leaves at the rim of a box is no dot of its text`() throws {
        let rows = [
            RectMM(x: 10, y: 5, width: 3, height: 0.5), RectMM(x: 12, y: 6.6, width: 0.3, height: 0.4),
            RectMM(x: 10, y: 7.1, width: 8, height: 1.7),
        ]
        let line = try #require(WritingPlaces(rows: rows, parts: [], pieces: []).lines.first)
        #expect(line.y == 6.6 && abs(line.height - 2.2) < 1e-9)
    }

    /// Each by less than a face's own differences from the drawing.
    @Test(arguments: [
        ("قاطمة", "فاطمة", "DejaVu Sans, Book", 28.0), ("سمخ", "سمج", "DejaVu Sans, Book", 28),
        ("محال", "مخال", "DejaVu Sans, Book", 31),
        ("رنمل", "رپمل", "DejaVu Sans, Book", 28), ("كاثم", "كائم", "DejaVu Sans, Book", 31),
        ("كاتم", "كاثم", "Noto Sans Arabic, Regular", 28), ("رفمل", "رقمل", "Noto Naskh Arabic, Regular", 28),
    ]) func `small writing with other dots than are signed is not the signed one`(
        printed: String, signed: String, face: String, size: Double
    ) throws {
        #expect(try !isExplained(printed, by: signed, face: face, size: size))
        #expect(try isExplained(signed, by: signed, face: face, size: size))
    }

    /// All digits are others: no single letter explains it.
    @Test(arguments: [("198204170033", "200511291746"), ("17.04.1982", "29.11.2005")])
    func `another person's number is read and accused`(printed: String, signed: String) throws {
        #expect(isOther(try search([(printed, spacing: 0)], signed: signed)))
        #expect(isSame(try search([(printed, spacing: 0)], signed: printed)))
    }

    @Test(arguments: [("Karwan", "DejaVu Sans, Bold"), ("ياسر", "DejaVu Sans, Book")])
    func `a writing is read letter by letter in its face`(text: String, face: String) throws {
        let view = try artwork([(text, spacing: 0)], face: face)
        let places = try view.writingPlaces(RectMM(x: 10, y: 10.5, width: 60, height: 5))
        let place = try #require(places.places.first)
        let ink = try #require(try view.inkShare(place))
        let reader = try #require(WritingReader(likeThoseOf: text, face: face, size: 32))
        #expect(reader.read(ink).prefix(3).contains(text), "\(reader.read(ink))")
    }

    /// What was found out for another document makes a search shorter, and says nothing.
    @Test func `a verdict does not hang on the jobs before it`() throws {
        let jobs = [
            ("A12345670", "A12345670"), ("B98760415", "B98760415"), ("A12345670", "B98760415"), ("MARYAM", "KARWAN"),
            ("KARWAN", "KARWAN"), ("P98740215", "P98746215"), ("ILO", "ILQ"),
        ]
        func answers(_ jobs: [(String, String)], by writing: SignedWriting?) throws -> [String] {
            try jobs.map { printed, signed in
                switch try search([(printed, spacing: 0)], signed: signed, by: writing) {
                case .same: "\(printed) \(signed) same"
                case .differs: "\(printed) \(signed) differs"
                case .unknown: "\(printed) \(signed) unknown"
                }
            }
        }
        let limit = InspectionPlan.standard.signedPart
        let alone = try answers(jobs, by: nil)
        #expect(try answers(jobs, by: SignedWriting(limit: limit)) == alone)
        #expect(try answers(jobs.reversed(), by: SignedWriting(limit: limit)).reversed() == alone)
        #expect(alone.contains { $0.hasSuffix("same") } && alone.contains { $0.hasSuffix("differs") }, "\(alone)")
    }

    @Test func `letters set apart are read, and a digit among them is seen`() throws {
        let printed = [("P98740215", spacing: 5.0)]
        #expect(isSame(try search(printed, signed: "P98740215")))
        #expect(!isSame(try search(printed, signed: "P98746215")))
        #expect(!isSame(try search(printed, signed: "P987402155")))
    }

    @Test func `a text in two lines is one text, and a line more is not`() throws {
        let printed = [("Baghdad Karrada", spacing: 0.0), ("street 62 house 14", spacing: 0)]
        #expect(isSame(try search(printed, signed: "Baghdad Karrada street 62 house 14")))
        #expect(!isSame(try search(printed, signed: "Baghdad Karrada street 62 house 74")))
        #expect(!isSame(try search(printed, signed: "Baghdad Karrada")))
    }

    @Test func `a document ends where its shadow begins`() throws {
        let card = try Cards.card(1)
        let drawn = Pictures.drawn(card, .front)
        let bare = RGBImage(width: drawn.width, height: drawn.height, rgb: drawn.rgb)
            .cropped(x: 2, y: 5, width: 1011, height: 638)
        let (width, height, rim) = (1211, 838, 100)
        var rgb = Bytes(repeating: 0, count: width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let at = (y * width + x) * 3
                if (rim..<rim + bare.width).contains(x), (rim..<rim + bare.height).contains(y) {
                    let from = ((y - rim) * bare.width + x - rim) * 3
                    for channel in 0..<3 { rgb[at + channel] = UInt8(Int(bare.rgb[from + channel]) * 8 / 10) }
                    continue
                }
                // Ten pixels to the right and below, soft over six.
                func share(_ value: Int, _ low: Int, _ high: Int) -> Double {
                    min(max(Double(value - low) / 6, 0), 1) * min(max(Double(high - value) / 6, 0), 1)
                }
                let dark = share(x, rim, rim + bare.width + 10) * share(y, rim, rim + bare.height + 10)
                for channel in 0..<3 { rgb[at + channel] = UInt8(112 * (1 - 0.5 * dark)) }
            }
        }
        let result = try PictureInspector(format: .td1).inspect(
            PictureJob(
                side: .front, reference: drawn, capture: Picture(width: width, height: height, rgb: rgb),
                fields: Pictures.fields(card, .front)))
        let offset = try #require(result.measures.first { $0.name == "front.offset_mm" })
        #expect(offset.value < 0.15, "\(offset.value)")
    }
}
