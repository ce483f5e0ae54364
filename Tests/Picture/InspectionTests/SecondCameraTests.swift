import Ground
import Inspection
import Stations
import Testing

/// The inspection under another camera, printer and people than those that its limits were set on.
struct SecondCameraTests {
    @Test("Good cards pass under another camera, and their zones are read as printed", arguments: 0..<6)
    func good(person: Int) async throws {
        let specimen = try Specimens.people.get()[person]
        let result = try await Specimens.inspect(
            specimen, try Specimens.frames(of: specimen, day: UInt64(person * 2 + 700)))
        #expect(result.verdict == .pass)
        #expect(result.seenMRZ == specimen.mrz)
    }

    @Test("Print that lies a quarter of a millimetre off passes, though the stock keeps its place")
    func smallShift() async throws {
        let specimen = try Specimens.people.get()[7]
        let off = PrintModel(shiftX: 0.25, shiftY: -0.2)
        let frames = try Specimens.frames(of: specimen, front: off, back: off, day: 114)
        let result = try await Specimens.inspect(specimen, frames)
        #expect(result.verdict == .pass, "\(result.findings)")
    }

    @Test(
        "An ink that is too weak is a weak panel, one that is too strong a matter of colour, and both are named",
        arguments: [
            (Panel.yellow, 0.65, "panel.weak", "y:"), (.magenta, 1.4, "print.colour", "m:"),
            (.black, 0.5, "panel.weak", "k:"),
        ])
    func strength(panel: Panel, factor: Double, code: String, name: String) async throws {
        let result = try await front(PrintModel(strength: [panel: factor]), person: 2)
        #expect(result.findings.map(\.code) == [code], "\(result.findings)")
        #expect(result.findings.first?.text.hasPrefix(name) == true)
    }

    @Test("A ribbon that ended in the portrait is a missing panel there, not another portrait")
    func endedRibbon() async throws {
        let result = try await front(PrintModel(strength: [.cyan: 0], band: 0.22...1), person: 3)
        let portrait = try #require(Specimens.people.get()[3].rendered.fields.first { $0.kind == .portrait }).rect
        #expect(result.findings.map(\.code) == ["panel.missing"])
        #expect(result.findings.first?.text == "c, in a part")
        #expect((result.findings.first?.place.x ?? 0) > portrait.x + portrait.width / 3)
    }

    /// Line and column of the zone: type, number, check digit, optional data, birth, sex, filler, last digit, name.
    static let positions = [(0, 1), (0, 5), (0, 14), (1, 2), (1, 7), (1, 20), (1, 29), (2, 1), (2, 29)]

    @Test("A wrong character is found wherever it stands, and read as it stands", arguments: positions.indices)
    func character(index: Int) async throws {
        let (line, column) = Self.positions[index]
        let specimen = try Specimens.people.get()[index]
        var lines: [[Character]] = specimen.mrz.map { Array($0) }
        let alike: [Character: Character] = [
            "0": "O", "O": "0", "1": "I", "I": "1", "8": "B", "B": "8", "5": "S", "S": "5", "2": "Z", "Z": "2",
            "6": "G", "<": "K", "D": "0", "M": "F", "F": "E", "U": "V",
        ]
        lines[line][column] = alike[lines[line][column]] ?? (lines[line][column] == "7" ? "1" : "7")
        let printed = try Specimens.make(specimen.record, mrz: lines.map { String($0) })
        let frame = try Specimens.frame(
            of: printed, .back, camera: CaptureModel(day: UInt64(200 + index)), number: 2)
        let result = try await Specimens.inspect(specimen, [frame])
        #expect(result.codes.contains("mrz.character"))
        #expect(!result.codes.contains("mrz.unreadable"))
        #expect(result.seenMRZ == printed.mrz)
    }

    @Test("A zone that rendering and print have wrong together is found out by the signed lines")
    func sharedZone() async throws {
        let specimen = try Specimens.people.get()[3]
        var lines: [[Character]] = specimen.mrz.map { Array($0) }
        lines[0][5] = lines[0][5] == "X" ? "Y" : "X"
        let wrong = try Specimens.make(specimen.record, mrz: lines.map { String($0) })
        let request = InspectionRequest(
            attempt: Specimens.attempt, rendered: wrong.rendered, mrz: specimen.mrz, portrait: specimen.portrait,
            frames: try Specimens.frames(of: wrong, day: 264))
        let result = try await CardInspector().inspect(request)
        #expect(result.codes == ["mrz.character"])
        #expect(result.seenMRZ == wrong.mrz)
    }

    @Test("A portrait of a look-alike that rendering and print share is found out by the approved one")
    func sharedPortrait() async throws {
        let people = try Specimens.people.get()
        var record = people[2].record
        record.portrait = people[5].record.portrait
        let rendered = try Specimens.make(record, mrz: people[2].mrz)
        let request = InspectionRequest(
            attempt: Specimens.attempt, rendered: rendered.rendered, mrz: people[2].mrz, portrait: people[2].portrait,
            frames: try Specimens.frames(of: rendered, day: 262))
        #expect(try await CardInspector().inspect(request).codes == ["portrait.differs"])
    }

    @Test("A dark spot of 0.4 mm on the stock is found at its place")
    func spot() async throws {
        let place = RectMM(x: 68, y: 20, width: 0.4, height: 0.4)
        let result = try await front(PrintModel(marks: [(place, [35, 35, 35])]), person: 8)
        #expect(result.findings.map(\.code) == ["print.spot"], "\(result.findings)")
        let found = try #require(result.findings.first?.place)
        #expect(abs(found.x - place.x) < 0.3 && abs(found.y - place.y) < 0.3)
    }

    @Test("A QR code with a hole in it is not read")
    func tornCode() async throws {
        let specimen = try Specimens.people.get()[6]
        let place = try #require(specimen.rendered.fields.first { $0.kind == .qr }).rect
        let hole = RectMM(x: place.x + 1, y: place.y + 1, width: 9, height: 9)
        let result = try await back(PrintModel(marks: [(hole, [240, 240, 240])]), of: specimen)
        #expect(result.codes.contains("qr.unreadable"))
    }

    @Test("A scratch through the zone makes its characters doubtful, never right")
    func scratchedZone() async throws {
        let specimen = try Specimens.people.get()[8]
        let scratch = RectMM(x: 20, y: 35.2, width: 4, height: 1.8)
        let result = try await back(PrintModel(marks: [(scratch, [250, 250, 250])]), of: specimen)
        #expect(!result.codes.isDisjoint(with: ["mrz.unreadable", "mrz.character"]))
        #expect(result.seenMRZ != specimen.mrz)
    }

    private func front(_ print: PrintModel, person: Int) async throws -> InspectionResult {
        let specimen = try Specimens.people.get()[person]
        let frame = try Specimens.frame(
            of: specimen, .front, printed: print, camera: CaptureModel(day: 102), number: 1)
        return try await Specimens.inspect(specimen, [frame])
    }

    private func back(_ print: PrintModel, of specimen: Specimen) async throws -> InspectionResult {
        let frame = try Specimens.frame(
            of: specimen, .back, printed: print, camera: CaptureModel(day: 273), number: 2)
        return try await Specimens.inspect(specimen, [frame])
    }
}
