import Foundation
import Ground
import Inspection
import Pixels
import Stations
import Testing

@Suite struct BadPictureTests {
    private func frame(
        _ side: CardSide, width: Int = 2448, height: Int = 2048, format: PixelFormat = .bayerRG8, pixels: Bytes
    ) -> Frame {
        Frame(
            attempt: Cards.attempt, side: side, number: side == .front ? 1 : 2, width: width, height: height,
            format: format, pixels: pixels)
    }

    @Test(arguments: [0, 16, 128, 255] as [UInt8]) func `an even picture is never judged`(level: UInt8) async throws {
        let card = try Cards.card(0)
        let pixels = Bytes(repeating: level, count: 2448 * 2048)
        let result = try await Cards.inspect(
            card, frames: [frame(.front, pixels: pixels), frame(.back, pixels: pixels)])
        #expect(result.doubt == "front: card.absent; back: card.absent")
        #expect(result.seenMRZ.isEmpty)
        #expect(result.annotated.count == 2)
    }

    @Test func `a blurred card is out of focus`() async throws {
        var capture = Capture()
        capture.blur = 4
        let card = try Cards.card(0)
        let result = try await Cards.inspect(card, front: capture, back: capture)
        #expect(result.doubt == "front: focus; back: focus", "\(result.findings)")
    }

    @Test func `too much and too little light are not judged`() async throws {
        var capture = Capture()
        capture.exposure = 1.7
        let card = try Cards.card(0)
        #expect(try await Cards.inspect(card, front: capture, back: capture).doubt?.contains("exposure.bright") == true)
        capture.exposure = 0.22
        #expect(try await Cards.inspect(card, front: capture, back: capture).doubt?.contains("exposure.dark") == true)
    }

    @Test func `frames that are missing, repeated or of another attempt are not judged`() async throws {
        let card = try Cards.card(0)
        let front = try Cards.frame(card, .front, Capture())
        let back = try Cards.frame(card, .back, Capture())
        #expect(try await Cards.inspect(card, frames: []).doubt == "front: frame.missing; back: frame.missing")
        #expect(try await Cards.inspect(card, frames: [front]).doubt == "back: frame.missing")
        let again = Frame(
            attempt: Cards.attempt, side: .back, number: front.number, width: back.width, height: back.height,
            format: back.format, pixels: back.pixels)
        #expect(
            try await Cards.inspect(card, frames: [front, again]).doubt
                == "front: frame.repeated; back: frame.repeated")
        let strange = Frame(
            attempt: AttemptID(rawValue: "T-2-1"), side: .back, number: 9, width: back.width, height: back.height,
            format: back.format, pixels: back.pixels)
        #expect(try await Cards.inspect(card, frames: [front, strange]).doubt == "back: frame.missing")
    }

    @Test func `a grey picture does not judge colours`() async throws {
        let card = try Cards.card(0)
        let front = try Cards.frame(card, .front, Capture())
        let gray = frame(.front, format: .mono8, pixels: front.pixels)
        #expect(try await Cards.inspect(card, frames: [gray]).doubt?.contains("front: frame.grey") == true)
    }

    @Test func `every finding is drawn and named from the published list, without personal data`() async throws {
        let (own, other) = (try Cards.card(1), try Cards.card(2))
        let result = try await Cards.inspect(other, as: own, front: Capture(), back: Capture())
        let clean = try await Cards.inspect(other, front: Capture(), back: Capture())
        for side in CardSide.allCases {
            let (seen, same) = (try #require(result.annotated[side]), try #require(clean.annotated[side]))
            let (picture, good) = (try PNG.decode(seen), try PNG.decode(same))
            // as it was seen, what it should be, and below them a row for each finding
            #expect(picture.width == 2080 && picture.height > good.height && good.height > 700)
            let red = RGBColour(220, 30, 30)
            func count(_ image: RGBImage) -> Int {
                (66..<714).reduce(0) { sum, y in sum + (16..<1032).count { image[$0, y] == red } }
            }
            #expect(count(picture) > count(good) + 500)
        }
        for finding in result.findings {
            #expect(InspectionReason(rawValue: finding.code) != nil)
            for field in own.rendered.fields + other.rendered.fields where field.text.count > 3 {
                #expect(!finding.text.contains(field.text))
            }
        }
        if let folder = ProcessInfo.processInfo.environment["SAKK_INSPECTION_OUT"] {
            for (side, png) in result.annotated {
                try Data(png).write(to: URL(fileURLWithPath: "\(folder)/other-\(side.rawValue).png"))
            }
        }
    }

    @Test func `hostile frames are refused without harm`() async throws {
        let card = try Cards.card(0)
        let shapes: [(Int, Int, PixelFormat, Int)] = [
            (0, 0, .rgb8, 0), (1, 1, .mono8, 1), (2448, 2048, .rgb8, 2448 * 2048), (2448, 2048, .bayerRG8, 10),
            (-5, 2048, .bayerRG8, 100), (Int.max, Int.max, .rgb8, 3), (400, 300, .mono8, 120_000),
            (401, 301, .bayerRG8, 401 * 301), (16385, 400, .mono8, 16385 * 400),
        ]
        for (width, height, format, count) in shapes {
            let noise = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 ^ $0 >> 3) }
            let bad = [CardSide.front, .back].map {
                frame($0, width: width, height: height, format: format, pixels: noise)
            }
            #expect(try await Cards.inspect(card, frames: bad).doubt != nil)
        }
    }
}
