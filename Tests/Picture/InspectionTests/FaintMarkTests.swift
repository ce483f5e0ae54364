import Glibc
import Ground
import Inspection
import Stations
import Testing

/// Marks that no single place shows, and tones that are no marks.
@Suite struct FaintMarkTests {
    /// A fold of the ribbon: a light flank beside a dark one, a tenth of the light each.
    @Test(arguments: [0.2, 1.1]) func `a crease of a tenth of the light is a wrinkle and no scratch`(angle: Double)
        async throws
    {
        let print = PrintModel(surface: { x, y in
            let (dx, dy) = (x - 52, y - 30)
            let (along, across) = (dx * cos(angle) + dy * sin(angle), dy * cos(angle) - dx * sin(angle))
            guard abs(along) < 7 else { return 1 }
            return 1 + 0.11 * 1.65 * across / 0.3 * exp(-across * across / (2 * 0.3 * 0.3))
        })
        let result = try await front(print, person: 2)
        #expect(!result.codes.contains("print.scratch"), "\(result.findings)")
        let place = try #require(result.findings.first { $0.code == "print.wrinkle" }?.place, "\(result.findings)")
        #expect(abs(place.x + place.width / 2 - 52) < 3 && abs(place.y + place.height / 2 - 30) < 3, "\(place)")
    }

    @Test func `the rims of a strong smudge are no wrinkle`() async throws {
        let print = PrintModel(surface: { x, y in
            let (dx, dy) = ((x - 62) / 3.4, (y - 24) / 2)
            return 1 - 0.38 * exp(-(dx * dx + dy * dy) * 1.4)
        })
        let result = try await front(print, person: 4)
        #expect(!result.codes.isEmpty && !result.codes.contains("print.wrinkle"), "\(result.findings)")
    }

    @Test func `what is seen of a scratch in pieces is a scratch`() async throws {
        let pieces = [18.0, 20.4].map { RectMM(x: 70, y: $0, width: 0.3, height: 1.2) }
        let result = try await front(PrintModel(marks: pieces.map { ($0, [40, 40, 40]) }), person: 8)
        #expect(result.codes == ["print.scratch"], "\(result.findings)")
    }

    /// A letter that is cut differs; why it does is what goes on beyond the text.
    @Test func `a scratch through a text that goes on outside its box is named`() async throws {
        let fields = try Specimens.people.get()[8].rendered.fields
        let box = try #require(fields.first { $0.side == .front && $0.kind == .text }).rect
        let scratch = RectMM(x: box.x - 1.5, y: box.y + 0.6 * box.height, width: 9, height: 0.25)
        let result = try await front(PrintModel(marks: [(scratch, [120, 110, 110])]), person: 8)
        #expect(result.findings.first?.code == "print.scratch", "\(result.findings)")
    }

    /// Brows, pupils and hair that are lighter than the artwork has them, all alike.
    @Test(arguments: [30.0, 44.0]) func `dye that is never quite black is no mark on the dark of a portrait`(
        light: Double
    ) async throws {
        for person in [1, 3, 6] {
            let result = try await front(PrintModel(dyeLight: light), person: person)
            #expect(result.codes.isEmpty, "\(result.findings)")
        }
    }

    /// Strokes of another card, a fortieth of the light each.
    @Test func `what shows through faintly all over is a ghost`() async throws {
        let print = PrintModel(surface: { x, y in
            let isStroke = x.truncatingRemainder(dividingBy: 2.1) < 0.4 && y.truncatingRemainder(dividingBy: 3.7) < 2.2
            return isStroke ? 0.975 : 1
        })
        let result = try await front(print, person: 2)
        #expect(result.codes == ["print.ghost"], "\(result.findings)")
    }

    /// A reader reads through it.
    @Test func `a smudge on a code is seen`() throws {
        let card = try Cards.card(3)
        let drawn = Pictures.drawn(card, .back)
        let code = try #require(Pictures.fields(card, .back).first { $0.kind == .qr })
        var rgb = drawn.rgb
        let scale = 300 / 25.4
        let left = (Double(drawn.width) - CardFormat.widthMM * scale) / 2
        let top = (Double(drawn.height) - CardFormat.heightMM * scale) / 2
        for index in rgb.indices {
            let x = (Double(index / 3 % drawn.width) - left) / scale - code.rect.x - code.rect.width / 2
            let y = (Double(index / 3 / drawn.width) - top) / scale - code.rect.y - code.rect.height / 2
            rgb[index] = UInt8(Double(rgb[index]) * (1 - 0.13 * exp(-(x * x + y * y) / 5)))
        }
        let result = try Pictures.inspector.inspect(
            PictureJob(
                side: .back, reference: drawn, capture: Picture(width: drawn.width, height: drawn.height, rgb: rgb),
                fields: Pictures.fields(card, .back), expected: PictureJob.Expected()))
        #expect(result.codes.contains("print.smudge"), "\(result.findings)")
    }

    private func front(_ print: PrintModel, person: Int) async throws -> InspectionResult {
        let specimen = try Specimens.people.get()[person]
        let frame = try Specimens.frame(
            of: specimen, .front, printed: print, camera: CaptureModel(day: 102), number: 1)
        return try await Specimens.inspect(specimen, [frame])
    }
}
