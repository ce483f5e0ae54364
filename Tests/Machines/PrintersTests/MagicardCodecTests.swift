import Foundation
import Ground
import Printers
import Stations
import Testing

@Suite struct MagicardCodecTests {
    @Test func aQuestionIsNineFivesOneTextAndItsEnd() {
        let fives = Bytes(repeating: 5, count: 9)
        #expect(
            MagicardCodec.question(.serial) == fives
                + [0x01, 0x52, 0x45, 0x51, 0x2C, 0x53, 0x54, 0x41, 0x2C, 0x4D, 0x53, 0x52, 0x2C, 0x1C, 0x03])
        #expect(MagicardCodec.order(.eject) == fives + [0x01, 0x45, 0x4A, 0x54, 0x2C, 0x1C, 0x03])
        #expect(MagicardCodec.sensor(12) == fives + [0x01, 0x53, 0x4E, 0x52, 0x31, 0x32, 0x1C, 0x03])
    }

    @Test func anAnswerIsReadByTheKeyThatWasAskedOnly() {
        let answer = Bytes("\u{01}STA,TCQ4711,\u{03}".utf8)
        #expect(MagicardCodec.value(answer, of: .cards) == "4711")
        for key in MagicardKey.allCases where key != .cards { #expect(MagicardCodec.value(answer, of: key) == nil) }
        for count in 0..<answer.count {
            #expect(Int(MagicardCodec.value(Bytes(answer.prefix(count)), of: .cards) ?? "-") == nil)
        }
        #expect(MagicardCodec.value(Bytes("\u{01}STA,TCQ4\u{07}1,\u{03}".utf8), of: .cards) == nil)
        #expect(MagicardCodec.line(answer) == nil, "an answer with a frame is no line of a list")
        #expect(MagicardCodec.line([]) == nil)
    }

    @Test func aRandomAnswerIsReadOrRefusedAndNeverACrash() {
        var state: UInt64 = 5
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let words = ["FRONT ON", "MID OFF", "LID ON", "REAR", "DYE ON ", "\u{01}STA,TCQ", "TEMP OFF", "FLIP ON"]
        for _ in 0..<20_000 {
            var bytes = next() % 3 == 0 ? Bytes(words[Int(next() % 8)].utf8) : []
            for _ in 0..<Int(next() % 12) { bytes.append(UInt8(truncatingIfNeeded: next())) }
            let value = MagicardCodec.value(bytes, of: .cards)
            #expect(value == nil || bytes.starts(with: Bytes("\u{01}STA,TCQ".utf8)))
            let lines =
                (0..<Int(next() % 10)).map { _ in words[Int(next() % 8)] }
                + [MagicardCodec.line(bytes)].compactMap(\.self)
            let state = MagicardState(
                lines: lines, port: UInt8(truncatingIfNeeded: next()), panelsLeft: 1, cleaningIsDue: false)
            #expect(state == nil, "five kinds of line are never all the sensors")
        }
    }

    @Test func onlyRibbonsOfThePageHaveACode() {
        #expect(["ymcko", "k", "ko", "ymckok"].map(MagicardCodec.ribbonCode) == ["LC1", "LC3", "LC6", "LC8"])
        #expect(MagicardCodec.ribbonCode("ymckk") == nil)
        #expect(MagicardCodec.sides(of: "ymckok").front == [.yellow, .magenta, .cyan, .black, .overlay])
        #expect(MagicardCodec.sides(of: "ymckok").back == [.black])
        #expect(MagicardCodec.sides(of: "ko").back == [])
    }

    @Test func anOvercoatIsWholeOrHasOneRectangleAndNothingElse() {
        var pixels = Bytes(repeating: 255, count: 10 * 6)
        func overcoat() -> MagicardRaster.Overcoat? {
            MagicardRaster.overcoat(PanelRaster(side: .front, panel: .overlay, width: 10, height: 6, pixels: pixels))
        }
        #expect(overcoat() == .full)
        for y in 2..<4 { for x in 5..<9 { pixels[y * 10 + x] = 0 } }
        #expect(overcoat() == .hole(MagicardHole(left: 5, top: 2, right: 9, bottom: 4)))
        pixels[0] = 0
        #expect(overcoat() == nil)
    }

    @Test func aPictureThatDoesNotFitIsNoPlane() {
        let raster = PanelRaster(
            side: .front, panel: .black, width: 8, height: 12, pixels: Bytes(repeating: 255, count: 96))
        #expect(MagicardRaster.plane(raster, width: 16, height: 8)?.count == 16)
        #expect(MagicardRaster.plane(raster, width: 16, height: 9) == nil)
        #expect(MagicardRaster.plane(raster, width: 8, height: 8) == nil)
        #expect(MagicardRaster.plane(raster, width: 15, height: 8) == nil)
    }
}

/// The driver's reading of sensors and port status against the page that everybody reads.
@Suite struct MagicardStateTests {
    private static let healthy = [
        "FRONT OFF", "MID OFF", "REAR OFF", "FLIP OFF", "SMART OFF", "LID ON", "DYE ON", "TEMP OFF",
    ]

    private static func state(_ lines: [String], port: UInt8? = 0x18) -> MagicardState? {
        MagicardState(lines: lines, port: port, panelsLeft: 60, cleaningIsDue: false)
    }

    private static func changed(_ name: String) -> [String] {
        healthy.map { line in
            guard line.hasPrefix(name + " ") else { return line }
            return line.hasSuffix("ON") ? name + " OFF" : name + " ON"
        }
    }

    /// Rows `| S1 | FRONT | ... | word | mark |` of the firmware spec.
    @Test func everySensorOfThePageHasItsWordAndNoOtherIsListed() throws {
        let page = TranscriptFolder.of("").appending(path: "../../firmware-specs/magicard/README.md")
        let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
        var seen = 0
        for row in text.split(separator: "\n") where row.hasPrefix("| S") {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            for name in cells[2].split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces.union(["`"])) }) {
                seen += 1
                if Self.healthy.contains(where: { $0.hasPrefix(name + " ") }) {
                    let state = try #require(Self.state(Self.changed(name)))
                    #expect(
                        state.reasons == Set([PrinterStateReason(rawValue: cells[4])].compactMap(\.self)), "\(name)")
                } else {
                    let state = try #require(Self.state(Self.healthy + [name + " ON"]))
                    #expect(state.reasons == [] && state.stop(.feed) == nil, "\(name)")
                }
            }
        }
        #expect(seen == 16)
        for line in ["LASER ON", "MID", "CAM MAYBE", "CAM1  ON", "lid ON", "TEMP2 OFF", ""] {
            let state = try #require(Self.state(Self.healthy + [line]))
            #expect(state.reasons == [.other, .hardwareFault], "\(line)")
            for act in [MagicardState.Act.feed, .move, .print] {
                #expect(state.stop(act)?.code == "printer.sense.unknown", "\(line)")
            }
        }
    }

    @Test func everyPortStatusIsReadyEmptyOrAStop() throws {
        for value in UInt8.min...UInt8.max {
            let state = try #require(Self.state(Self.healthy, port: value))
            switch value {
            case 0x18: #expect(state.stop(.feed) == nil && state.reasons == [])
            case 0x38: #expect(state.stop(.feed)?.code == "printer.feeder.empty" && state.stop(.move) == nil)
            default:
                for act in [MagicardState.Act.feed, .move, .print] { #expect(state.stop(act) != nil, "\(value)") }
                #expect(state.reasons.contains(value & ~0x28 == 0x10 ? .hardwareFault : .other), "\(value)")
            }
        }
        #expect(Self.state(Self.healthy, port: nil)?.stop(.feed) == nil)
    }

    @Test func withoutEverySensorNothingIsKnown() {
        for index in Self.healthy.indices {
            var lines = Self.healthy
            lines.remove(at: index)
            #expect(Self.state(lines) == nil)
            #expect(Self.state(Self.healthy + [Self.healthy[index]]) == nil)
        }
        #expect(Self.state(Self.healthy) != nil)
    }

    @Test func aCardIsAtOnePlaceOrSomewhere() {
        func place(_ on: String...) -> CardPosition? {
            let lines = Self.healthy.map { line in
                on.contains(where: { line.hasPrefix($0 + " ") }) ? line.replacing("OFF", with: "ON") : line
            }
            return Self.state(lines)?.position(chip: .contact)
        }
        #expect(place() == CardPosition.none)
        #expect(place("MID") == .at(.print))
        #expect(place("SMART") == .at(.contact))
        for name in ["FRONT", "REAR", "FLIP"] { #expect(place(name) == .somewhere) }
        #expect(place("MID", "SMART") == .somewhere)
    }
}
