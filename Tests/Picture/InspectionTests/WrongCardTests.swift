import Ground
import Inspection
import Stations
import Testing

@Suite struct WrongCardTests {
    let good = Capture()

    @Test(arguments: [3, 40, 67]) func `one wrong character of the zone is found and read as it stands`(at: Int)
        async throws
    {
        let card = try Cards.card(0)
        var lines = card.mrz.map { Array($0) }
        let before = lines[at / 30][at % 30]
        lines[at / 30][at % 30] = before == "8" ? "B" : before == "0" ? "O" : "8"
        let wrong = lines.map { String($0) }
        let printed = try Cards.make(card.record, mrz: wrong)
        let result = try await Cards.inspect(printed, as: card, front: good, back: good)
        // The code carries the zone.
        #expect(result.findings.map(\.code) == ["mrz.character", "qr.content"], "\(result.findings)")
        #expect(result.seenMRZ == wrong)
    }

    @Test func `another person's card is rejected and its zone is read`() async throws {
        let (own, other) = (try Cards.card(1), try Cards.card(2))
        let result = try await Cards.inspect(other, as: own, front: good, back: good)
        #expect(result.codes.isSuperset(of: ["mrz.character", "qr.content", "portrait.differs", "field.differs"]))
        #expect(result.seenMRZ == other.mrz)
    }

    /// Among them the two that resemble each other most.
    @Test(arguments: [1, 3, 4, 7]) func `another portrait is found`(index: Int) async throws {
        let card = try Cards.card(index)
        for other in index == 3 ? [6] : [2, 5] {
            var record = card.record
            record.portrait = try Cards.card((index + other) % 8).record.portrait
            let printed = try Cards.make(record, mrz: card.mrz)
            let result = try await Cards.inspect(card, frames: [try Cards.frame(printed, .front, good)])
            #expect(
                result.codes.contains("portrait.differs"),
                "\(other): \(result.measures["front.portrait"] ?? 0) \(result.measures["front.portrait_part"] ?? 0)")
        }
    }

    @Test(arguments: [Panel.yellow, .magenta, .cyan, .black]) func `a panel that was not laid is named`(panel: Panel)
        async throws
    {
        let card = try Cards.card(3)
        var capture = good
        capture.without = [panel]
        let result = try await Cards.inspect(card, frames: [try Cards.frame(card, .front, capture)])
        let names: [Panel: String] = [.yellow: "y", .magenta: "m", .cyan: "c", .black: "k"]
        #expect(result.findings.map(\.code) == ["panel.missing"], "\(result.findings)")
        #expect(result.findings.first?.text == names[panel])
    }

    @Test func `a back without black is rejected`() async throws {
        let card = try Cards.card(3)
        var capture = good
        capture.without = [.black]
        let result = try await Cards.inspect(card, front: good, back: capture)
        #expect(!result.codes.isDisjoint(with: ["panel.missing", "print.blank"]))
        #expect(result.seenMRZ.isEmpty)
    }

    @Test func `a weak ribbon is named`() async throws {
        let card = try Cards.card(4)
        var capture = good
        capture.weakened = [.magenta: 0.5]
        let result = try await Cards.inspect(card, frames: [try Cards.frame(card, .front, capture)])
        #expect(result.codes.contains("panel.weak"), "\(result.findings)")
    }

    @Test func `what was printed on a card before shows through and is named first`() throws {
        let card = try Cards.card(3)
        let (own, before) = (Pictures.drawn(card, .front), Pictures.drawn(try Cards.card(6), .front))
        var rgb = own.rgb
        for y in 0..<own.height - 8 {
            for x in 0..<own.width - 12 {
                for channel in 0..<3 {
                    let left = 255 - Int(before.rgb[((y + 8) * own.width + x + 12) * 3 + channel])
                    let at = (y * own.width + x) * 3 + channel
                    rgb[at] = UInt8(Int(rgb[at]) * (255 - left / 5) / 255)
                }
            }
        }
        let result = try Pictures.inspector.inspect(
            PictureJob(
                side: .front, reference: own, capture: Picture(width: own.width, height: own.height, rgb: rgb),
                fields: Pictures.fields(card, .front), expected: PictureJob.Expected()))
        #expect(result.findings.first?.code == "print.ghost", "\(result.findings)")
    }

    @Test func `a card that was never printed is blank`() async throws {
        let card = try Cards.card(5)
        var capture = good
        capture.without = [.yellow, .magenta, .cyan, .black]
        let result = try await Cards.inspect(card, front: capture, back: capture)
        #expect(result.findings.map(\.code) == ["print.blank", "print.blank"], "\(result.findings)")
    }

    @Test func `a changed field is found by name`() async throws {
        let card = try Cards.card(6)
        var record = card.record
        record.names.latin.surname = String(record.names.latin.surname.dropLast() + "Q")
        record.nationalNumber = String(record.nationalNumber.reversed())
        let printed = try Cards.make(record, mrz: card.mrz)
        let result = try await Cards.inspect(printed, as: card, front: good, back: good)
        #expect(result.codes == ["field.differs"], "\(result.findings)")
        #expect(result.findings.contains { $0.text.contains("names.latin.surname") })
        #expect(result.findings.contains { $0.text.contains("national_number") })
    }

    @Test func `one dot of a letter is found`() async throws {
        let card = try Cards.card(1)
        var record = card.record
        record.names.sorani.motherGiven = String(record.names.sorani.motherGiven.map { $0 == "ر" ? "ز" : $0 })
        #expect(record != card.record)
        let printed = try Cards.make(record, mrz: card.mrz)
        let result = try await Cards.inspect(card, frames: [try Cards.frame(printed, .front, good)])
        #expect(result.codes == ["field.differs"], "\(result.findings)")
    }

    @Test func `a field that was not printed is missing`() async throws {
        let card = try Cards.card(6)
        var record = card.record
        record.names.sorani.father = " "
        let printed = try Cards.make(record, mrz: card.mrz)
        let result = try await Cards.inspect(printed, as: card, front: good, back: good)
        #expect(result.codes == ["field.missing"], "\(result.findings)")
        #expect(result.findings.first?.text.contains("names.sorani.father") == true)
    }

    @Test func `a QR code of another record is found`() async throws {
        let card = try Cards.card(6)
        let other = try Cards.card(7)
        let meant = RenderedDocument(
            sides: card.rendered.sides, panels: card.rendered.panels,
            fields: card.rendered.fields.map { field in
                guard field.kind == .qr else { return field }
                return FieldPlace(
                    name: field.name, kind: .qr, side: field.side, rect: field.rect, text: other.mrz.joined())
            }, ribbon: card.rendered.ribbon, dpi: 300)
        let request = InspectionRequest(
            attempt: Cards.attempt, rendered: meant, mrz: card.mrz, portrait: card.portrait,
            frames: [try Cards.frame(card, .front, good), try Cards.frame(card, .back, good)])
        #expect(try await CardInspector().inspect(request).codes == ["qr.content"])
    }

    @Test func `print that lies off is measured and rejected`() async throws {
        let card = try Cards.card(0)
        var capture = good
        capture.offset = (11.8, -4)
        let result = try await Cards.inspect(card, frames: [try Cards.frame(card, .front, capture)])
        #expect(result.codes.contains("print.registration"))
        #expect(abs((result.measures["front.offset_x_mm"] ?? 0) - 1000) < 60)
        #expect(abs((result.measures["front.offset_y_mm"] ?? 0) + 339) < 60)
    }

    @Test(arguments: [RectMM(x: 7, y: 24, width: 0.8, height: 0.8), RectMM(x: 33, y: 5, width: 0.3, height: 9)])
    func `a mark on the print is found at its place`(place: RectMM) async throws {
        let card = try Cards.card(0)
        var capture = good
        capture.marks = [(place, 30)]
        let result = try await Cards.inspect(card, frames: [try Cards.frame(card, .front, capture)])
        let near = result.findings.filter {
            abs($0.place.x + $0.place.width / 2 - place.x) < 3 && abs($0.place.y + $0.place.height / 2 - place.y) < 6
        }
        #expect(!near.isEmpty, "\(result.findings)")
        #expect(!result.codes.isDisjoint(with: ["print.spot", "print.scratch", "print.smudge", "portrait.differs"]))
    }

    @Test func `a turned card, swapped sides and one side twice are named`() async throws {
        let card = try Cards.card(1)
        var turned = good
        turned.upsideDown = true
        let over = try await Cards.inspect(card, front: turned, back: turned)
        #expect(over.findings.map(\.code) == ["card.orientation", "card.orientation"])
        let swapped = try await Cards.inspect(
            card,
            frames: [
                try Cards.frame(card, .back, good, as: .front), try Cards.frame(card, .front, good, as: .back),
            ])
        #expect(swapped.findings.map(\.code) == ["card.orientation", "card.orientation"])
        let front = try Cards.frame(card, .front, good)
        let twice = try await Cards.inspect(
            card, frames: [front, try Cards.frame(card, .front, good, as: .back)])
        #expect(twice.findings.map(\.code) == ["card.orientation"])
    }
}
