import Ground
import PlantCamera
import Testing

/// Ink by its stated colours: a full dye lets 5 percent of its own third of the light through and 97 percent of the
/// next, full resin 6 percent of all.
@Suite struct CardFaceTests {
    private static let grey = Bytes(repeating: 200, count: CardFace.stockWidth * CardFace.stockHeight * 3)

    /// A face with one block of 8 by 8 dots of these inks, its top left dot at (100, 50).
    private func face(_ inks: [Character: UInt8]) -> CardFace {
        var face = CardFace(stock: Self.grey)
        for (panel, level) in inks {
            var dots = Bytes(repeating: 0, count: CardFace.inkWidth * CardFace.inkHeight)
            for row in 50..<58 { for column in 100..<108 { dots[row * CardFace.inkWidth + column] = level } }
            face.lay(panel, dots)
        }
        return face
    }

    private func colour(_ picture: Bytes, _ x: Int, _ y: Int) -> [Int] {
        let index = (y * CardFace.stockWidth + x) * 3
        return picture[index..<(index + 3)].map(Int.init)
    }

    private func close(_ seen: [Int], _ expected: [Int]) -> Bool {
        zip(seen, expected).allSatisfy { abs($0 - $1) <= 1 }
    }

    @Test(arguments: [
        ("c", [10, 194, 200]), ("m", [194, 10, 194]), ("y", [200, 200, 10]), ("k", [12, 12, 12]),
        ("o", [200, 200, 200]),
        ("cm", [10, 10, 194]), ("ymc", [10, 10, 10]),
    ])
    func fullInkHasItsColourAndTheCardBesideItNone(panels: String, expected: [Int]) {
        let seen = face(Dictionary(uniqueKeysWithValues: panels.map { ($0, UInt8(255)) })).seen()
        #expect(close(colour(seen, 204, 104), expected), "\(colour(seen, 204, 104))")
        // a dot is two by two of the stock picture
        #expect(close(colour(seen, 200, 100), expected))
        #expect(close(colour(seen, 215, 115), expected))
        for (x, y) in [(199, 104), (204, 99), (216, 104), (204, 116), (1000, 1000)] {
            #expect(colour(seen, x, y) == [200, 200, 200], "\(x) \(y)")
        }
    }

    @Test func halfADyeTakesHalfOfWhatAFullOneTakes() {
        let seen = face(["c": 128]).seen()
        // 200 * (1 - 0.95 * 128 / 255) = 104.6
        #expect(close(colour(seen, 204, 104), [104, 196, 200]), "\(colour(seen, 204, 104))")
    }

    @Test func whatIsLaidTwiceAddsUpToFullAtMost() {
        var face = face(["k": 200])
        face.lay("k", face.inks["k"]!)
        #expect(face.inks["k"]?[54 * CardFace.inkWidth + 104] == 255)
        #expect(face.inks["k"]?[0] == 0)
    }

    @Test func aPrintThatStopsHalfWayHasOnlyItsFirstHalf() {
        let full = Bytes(repeating: 9, count: CardFace.inkWidth * CardFace.inkHeight)
        let part = CardFace.part(of: full, eighths: 4)
        #expect(part[507] == 9)
        #expect(part[508] == 0)
        #expect(part[647 * 1016 + 507] == 9)
        #expect(part[647 * 1016 + 508] == 0)
        #expect(CardFace.part(of: full, eighths: 8) == full)
        #expect(CardFace.digest(of: full).inked == 1016 * 648)
        #expect(CardFace.digest(of: part).inked == 508 * 648)
    }
}
