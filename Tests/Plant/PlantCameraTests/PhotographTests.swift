import Ground
import PlantCamera
import Testing

/// Photographs against the ink model worked out by hand.
struct PhotographTests {
    private static let inkDots = CardFace.inkWidth * CardFace.inkHeight

    private func face(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> CardFace {
        var stock = Bytes()
        stock.reserveCapacity(CardFace.stockWidth * CardFace.stockHeight * 3)
        for _ in 0..<(CardFace.stockWidth * CardFace.stockHeight) { stock += [red, green, blue] }
        return CardFace(stock: stock)
    }

    private func full(_ level: UInt8 = 255) -> Bytes { Bytes(repeating: level, count: PhotographTests.inkDots) }

    /// The four neighbours of a place on the sensor: red, green of the red row, green of the blue row, blue.
    private func mosaic(_ frame: Bytes, _ column: Int, _ row: Int) -> [UInt8] {
        let x = column & ~1
        let y = row & ~1
        let first = y * Photographer.width + x
        return [
            frame[first], frame[first + 1], frame[first + Photographer.width], frame[first + Photographer.width + 1],
        ]
    }

    private let middle = (Photographer.width / 2, Photographer.height / 2)

    @Test("Bare stock is seen in its own colours, red where the mosaic is red, blue where it is blue")
    func stock() {
        let frame = Photographer(seed: 1, conditions: .ideal).photograph(face(200, 100, 50))
        #expect(mosaic(frame, middle.0, middle.1) == [200, 100, 100, 50])
    }

    @Test(
        "Each dye takes its third of the light and a little of the next; resin takes all of it",
        arguments: [
            // 5 % of its own third is left under full dye, 97 % where a neighbour's dye leaks; 6 % under resin
            (Character("c"), [13, 247, 247, 255]), ("m", [247, 13, 13, 247]), ("y", [255, 255, 255, 13]),
            ("k", [15, 15, 15, 15]),
        ] as [(Character, [Int])])
    func inks(panel: Character, expected: [Int]) {
        var card = face(255, 255, 255)
        card.lay(panel, full())
        let frame = Photographer(seed: 1, conditions: .ideal).photograph(card)
        let seen = mosaic(frame, middle.0, middle.1).map { Int($0) }
        #expect(zip(seen, expected).allSatisfy { abs($0 - $1) <= 1 }, "\(panel): \(seen)")
    }

    @Test("Half the dye takes half of what full dye takes; two layers of it take as much as full dye")
    func density() {
        var card = face(255, 255, 255)
        card.lay("y", full(128))
        #expect(abs(Int(card.seen()[2]) - 133) <= 1)
        card.lay("y", full(128))
        #expect(abs(Int(card.seen()[2]) - 13) <= 1)
    }

    @Test("The overlay is seen as a slight gloss on dark ink and not at all on white")
    func overlay() {
        var card = face(255, 255, 255)
        card.lay("o", full())
        #expect(card.seen()[0] == 255)
        card.lay("k", full())
        #expect(card.seen()[0] > 15)
        #expect(card.seen()[0] <= 19)
    }

    @Test("A panel that laid nothing leaves what is there")
    func nothing() {
        var card = face(90, 80, 70)
        card.lay("m", full(0))
        #expect(Bytes(card.seen().prefix(3)) == [90, 80, 70])
    }

    @Test("Nothing under the camera is the dark transport")
    func empty() {
        let frame = Photographer(seed: 1, conditions: .ideal).photograph(nil)
        #expect(frame.allSatisfy { $0 == 16 })
    }

    @Test("The card is 85.6 by 54 mm at 25 dots a millimetre, with round corners, on the dark transport")
    func extent() {
        let frame = Photographer(seed: 1, conditions: .ideal).photograph(face(255, 255, 255))
        let row = middle.1
        let across = (0..<Photographer.width).count { frame[row * Photographer.width + $0] > 128 }
        let down = (0..<Photographer.height).count { frame[$0 * Photographer.width + middle.0] > 128 }
        #expect(abs(across - 2140) <= 3, "\(across)")
        #expect(abs(down - 1350) <= 3, "\(down)")
        let corner = (row - down / 2 + 4) * Photographer.width + (middle.0 - across / 2 + 4)
        #expect(frame[corner] == 16)
    }

    @Test("A dot of ink is seen where it was laid: the upper left of the panel at the upper left of the card")
    func place() {
        var dots = full(0)
        // a block of 40 dots around (100, 60) of the panel
        for y in 40..<80 { for x in 80..<120 { dots[y * CardFace.inkWidth + x] = 255 } }
        var card = face(255, 255, 255)
        card.lay("k", dots)
        let frame = Photographer(seed: 1, conditions: .ideal).photograph(card)
        // 300 dpi: the block's middle is (100 - 508, 60 - 324) dots of 1/11.811 mm from the middle of the card
        let x = middle.0 + Int((Float(100 - 508) / 11.811 * 25).rounded())
        let y = middle.1 + Int((Float(60 - 324) / 11.811 * 25).rounded())
        #expect(mosaic(frame, x, y).allSatisfy { $0 < 30 })
        #expect(mosaic(frame, x + 120, y).allSatisfy { $0 > 240 })
        let turned = Photographer(seed: 1, conditions: .ideal).photograph(card, turned: true)
        #expect(mosaic(turned, 2 * middle.0 - x, 2 * middle.1 - y).allSatisfy { $0 < 30 })
    }

    @Test("The same seed gives the same photographs, another seed others, and no two of a series are equal")
    func seeds() {
        let card = face(180, 170, 160)
        let one = Photographer(seed: 5)
        let same = Photographer(seed: 5)
        let first = one.photograph(card)
        #expect(first == same.photograph(card))
        #expect(first != one.photograph(card))
        #expect(first != Photographer(seed: 6).photograph(card))
    }

    @Test("In the workshop the card is shifted and turned a little, the light uneven, the noise small")
    func workshop() {
        let card = face(180, 170, 160)
        for seed in UInt64(1)...3 {
            let frame = Photographer(seed: seed).photograph(card)
            let seen = mosaic(frame, middle.0, middle.1).map { Int($0) }
            for (value, ideal) in zip(seen, [180, 170, 170, 160]) { #expect(abs(value - ideal) < 32, "seed \(seed)") }
            let left: Int =
                (0..<Photographer.width).first(where: { frame[middle.1 * Photographer.width + $0] > 80 }) ?? 0
            #expect(abs(left - 154) < 40, "seed \(seed)")
        }
    }

    @Test("A head that stops half way inks the first half of the card's length only")
    func partial() {
        let part = CardFace.part(of: full(), eighths: 4)
        #expect(CardFace.digest(of: part).inked == PhotographTests.inkDots / 2)
        #expect(part[507] == 255)
        #expect(part[508] == 0)
        #expect(CardFace.part(of: full(), eighths: 8) == full())
    }
}
