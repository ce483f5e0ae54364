import Ground
import PlantCamera
import Testing

@Suite struct PhotographerTests {
    private static let width = Photographer.width
    private static let height = Photographer.height
    /// 85.60 mm by 53.98 mm less the stock picture's bleed is 2022 by 1276 dots of 600 dpi; the sensor has 25 for a
    /// millimetre.
    private static let long = 2022 / 23.622 * 25
    private static let short = 1276 / 23.622 * 25

    private func plain(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> CardFace {
        var stock = Bytes()
        stock.reserveCapacity(CardFace.stockWidth * CardFace.stockHeight * 3)
        let line = [[UInt8]](repeating: [red, green, blue], count: CardFace.stockWidth).flatMap { $0 }
        for _ in 0..<CardFace.stockHeight { stock += line }
        return CardFace(stock: stock)
    }

    /// First and last bright dot of a row or a column.
    private func bright(_ values: [UInt8]) -> (first: Int, last: Int)? {
        guard let first = values.firstIndex(where: { $0 > 100 }), let last = values.lastIndex(where: { $0 > 100 })
        else {
            return nil
        }
        return (first, last)
    }

    private func row(_ frame: Bytes, _ y: Int) -> [UInt8] { Bytes(frame[(y * Self.width)..<((y + 1) * Self.width)]) }

    private func column(_ frame: Bytes, _ x: Int) -> [UInt8] { (0..<Self.height).map { frame[$0 * Self.width + x] } }

    @Test(arguments: [UInt64(1), 7, 99])
    func aPlainCardLiesInTheMiddleWithinItsTurnAndTilt(seed: UInt64) throws {
        let frame = Photographer(seed: seed).photograph(plain(200, 200, 200))
        #expect(frame.count == Self.width * Self.height)
        let across = try #require(bright(row(frame, Self.height / 2)))
        let down = try #require(bright(column(frame, Self.width / 2)))
        // scale within 0.2 percent, tilt within 0.5; turn within 0.6 degrees lengthens by less than 0.01
        let width = Double(across.last - across.first)
        let height = Double(down.last - down.first)
        #expect((width - Self.long).magnitude < Self.long * 0.007 + 3)
        #expect((height - Self.short).magnitude < Self.short * 0.007 + 3)
        // centre within 18 dots, and what the turn moves the middle of an edge
        let x = Double(across.first + across.last) / 2 - Double(Self.width) / 2
        let y = Double(down.first + down.last) / 2 - Double(Self.height) / 2
        #expect(x.magnitude < 24)
        #expect(y.magnitude < 24)
        // turn: the upper edge at a quarter and at three quarters of the card
        let left = try #require(bright(column(frame, Self.width / 2 - 500))).first
        let right = try #require(bright(column(frame, Self.width / 2 + 500))).first
        let slope = Double(right - left) / 1000
        #expect(slope.magnitude < 0.0105 + 0.003, "0.6 degrees, and the tilt")
        // corners are round, and the transport around is dark
        let corner = (down.first + 8) * Self.width + across.first + 8
        #expect(frame[corner] < 60)
        #expect(row(frame, 100).max()! < 60)
        #expect(row(frame, Self.height - 100).max()! < 60)
    }

    @Test func anEmptyTransportIsDarkEverywhere() {
        let frame = Photographer(seed: 3).photograph(nil)
        for y in stride(from: 0, to: Self.height, by: 97) { #expect(row(frame, y).max()! < 60) }
    }

    @Test func theMosaicBeginsWithRedThenGreenAndGreenThenBlue() {
        let x = Self.width / 2
        let y = Self.height / 2
        let red = Photographer(seed: 5).photograph(plain(200, 0, 0))
        let green = Photographer(seed: 5).photograph(plain(0, 200, 0))
        let blue = Photographer(seed: 5).photograph(plain(0, 0, 200))
        for (dx, dy, lit) in [(0, 0, red), (1, 0, green), (0, 1, green), (1, 1, blue)] {
            for frame in [red, green, blue] {
                let value = frame[(y + dy) * Self.width + x + dx]
                let isLit = frame == lit
                #expect(isLit == (value > 150), "\(dx) \(dy)")
                #expect(isLit == (value > 30), "\(dx) \(dy)")
            }
        }
    }

    @Test func aSeedGivesTheSamePicturesInTheSameOrderAndNoTwoAlike() {
        let face = plain(200, 190, 180)
        let first = Photographer(seed: 11)
        let second = Photographer(seed: 11)
        let one = first.photograph(face)
        let two = first.photograph(face)
        #expect(second.photograph(face) == one)
        #expect(second.photograph(face) == two)
        #expect(one != two)
        #expect(Photographer(seed: 12).photograph(face) != one)
    }

    @Test func aCardLaidHeadDownIsSeenHeadDown() throws {
        var face = plain(200, 200, 200)
        var dots = Bytes(repeating: 0, count: CardFace.inkWidth * CardFace.inkHeight)
        for row in 60..<160 { for column in 100..<300 { dots[row * CardFace.inkWidth + column] = 255 } }
        face.lay("k", dots)
        // the block's middle: dot (200, 110) of ink is (400, 220) of the stock, less the bleed of (5, 10)
        let dx = Int((395.0 - 1011) / 23.622 * 25)
        let dy = Int((210.0 - 638) / 23.622 * 25)
        func value(_ frame: Bytes, _ sign: Int) -> UInt8 {
            frame[(Self.height / 2 + sign * dy) * Self.width + Self.width / 2 + sign * dx]
        }
        let upright = Photographer(seed: 21).photograph(face)
        #expect(value(upright, 1) < 60)
        #expect(value(upright, -1) > 130)
        let turned = Photographer(seed: 21).photograph(face, turned: true)
        #expect(value(turned, 1) > 130)
        #expect(value(turned, -1) < 60)
    }

    @Test func noiseIsThereAndSmall() {
        let frame = Photographer(seed: 31).photograph(plain(200, 200, 200))
        // green dots of a small patch in the middle: light hardly changes there
        var values: [Double] = []
        for y in stride(from: 1000, to: 1060, by: 2) {
            for x in stride(from: 1201, to: 1261, by: 2) { values.append(Double(frame[y * Self.width + x])) }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.map { ($0 - mean) * ($0 - mean) }
        let deviation = (squares.reduce(0, +) / Double(values.count)).squareRoot()
        #expect((170...200).contains(mean), "\(mean)")
        #expect((0.5...4).contains(deviation), "\(deviation)")
    }
}
