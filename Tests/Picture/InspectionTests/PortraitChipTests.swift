import Ground
import Inspection
import Pixels
import Stations
import Testing

/// The portrait that a camera saw against the image that came out of a chip.
struct PortraitChipTests {
    private func seen(_ card: Card) async throws -> Picture {
        let result = try await Cards.inspect(card, front: Capture(seed: 3), back: Capture(seed: 4))
        #expect(result.verdict == .pass)
        return try #require(result.portrait)
    }

    private func compare(_ seen: Picture, _ chip: Bytes) async throws -> InspectionResult {
        try await CardInspector().compare(
            PortraitRequest(attempt: Cards.attempt, side: .front, seen: seen, chip: chip))
    }

    @Test func `The holder's own image passes, whichever of the two formats it has`() async throws {
        let card = try Cards.card(1)
        let seen = try await seen(card)
        let image = RGBImage(width: card.portrait.width, height: card.portrait.height, rgb: card.portrait.rgb)
        for chip in [
            card.record.portrait.bytes, try JPEG.encode(image, quality: 60), try JPEG2000.encode(image, ratio: 40),
        ] {
            let result = try await compare(seen, chip)
            #expect(result.verdict == .pass, "\(result.measures)")
        }
    }

    @Test func `Each other person's image is refused by the portrait in the chip`() async throws {
        let seen = try await seen(try Cards.card(1))
        for index in [0, 2, 3, 4, 5, 6, 7] {
            let result = try await compare(seen, try Cards.card(index).record.portrait.bytes)
            #expect(result.codes == ["portrait.chip"], "\(index): \(result.measures)")
        }
    }

    @Test func `What is no image is not judged`() async throws {
        let card = try Cards.card(1)
        let seen = try await seen(card)
        let image = card.record.portrait.bytes
        for chip in [[], [0xFF, 0xD8, 0xFF], Bytes(image.prefix(image.count / 2)), Bytes(repeating: 7, count: 20_000)] {
            #expect(try await compare(seen, chip).doubt == "picture.unreadable")
        }
        let tiny = Picture(width: 2, height: 2, rgb: Bytes(repeating: 0, count: 12))
        #expect(try await compare(tiny, image).doubt == "picture.unreadable")
    }
}
