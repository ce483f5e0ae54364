import Ground
import PlantCamera
import Testing

/// What the inks of a card show by each lamp.
struct LampTests {
    private static let (width, height) = (CardFace.inkWidth, CardFace.inkHeight)

    /// A coloured stock with one ink all over its left half.
    private func face(_ ink: Character?) -> CardFace {
        var face = CardFace(
            stock: (0..<CardFace.stockWidth * CardFace.stockHeight).flatMap { _ in Bytes([200, 120, 60]) })
        if let ink {
            var dots = Bytes(repeating: 0, count: Self.width * Self.height)
            for row in 0..<Self.height { for x in 0..<Self.width / 2 { dots[row * Self.width + x] = 255 } }
            face.lay(ink, dots)
        }
        return face
    }

    private func sides(_ picture: Bytes) -> (left: Bytes, right: Bytes) {
        let row = CardFace.stockHeight / 2 * CardFace.stockWidth
        func pixel(_ x: Int) -> Bytes { Bytes(picture[(row + x) * 3..<(row + x) * 3 + 3]) }
        return (pixel(500), pixel(1500))
    }

    @Test func `Infrared light sees carbon and nothing else`() {
        for ink: Character? in [nil, "y", "m", "c", "d", "u", "o"] {
            let (left, right) = sides(face(ink).seen(by: .infrared))
            #expect(left == right && left.allSatisfy { $0 > 180 }, "\(ink.map { String($0) } ?? "bare")")
        }
        let (left, right) = sides(face("k").seen(by: .infrared))
        #expect(left.allSatisfy { $0 < 30 } && right.allSatisfy { $0 > 180 })
    }

    @Test func `Black of dyes looks as black as carbon by white light`() {
        #expect(face("d").seen() == face("k").seen())
    }

    @Test func `By ultraviolet light the card is dull and its panel gives light`() {
        for ink: Character? in [nil, "y", "c", "k", "o"] {
            let (left, right) = sides(face(ink).seen(by: .uv))
            #expect((left + right).allSatisfy { $0 < 20 })
        }
        let (left, right) = sides(face("u").seen(by: .uv))
        #expect(left[2] > 150 && left[2] > left[0] && right[2] < 20)
        #expect(sides(face("u").seen()).left == sides(face(nil).seen()).left)
    }

    @Test func `Raking light shows relief that white light does not`() {
        var scratched = face(nil)
        var relief = [Int8](repeating: 0, count: Self.width * Self.height)
        for row in 0..<Self.height { relief[row * Self.width + 400] = -9 }
        scratched.relief = relief
        #expect(scratched.seen() == face(nil).seen())
        let row = CardFace.stockHeight / 2 * CardFace.stockWidth
        let picture = scratched.seen(by: .raking)
        func level(_ dot: Int) -> Int { Int(picture[(row + dot * 2) * 3]) }
        #expect(level(399) < level(300) - 30 && level(401) > level(300) + 30)
    }

    @Test func `What lies still is seen at the same place, by whichever lamp`() {
        let photographer = Photographer(seed: 5)
        let card = face("k")
        func edge(_ frame: Bytes) -> Int {
            let row = Bytes(frame[1024 * 2448..<1025 * 2448])
            return row.firstIndex { $0 > 100 } ?? -1
        }
        let white = edge(photographer.photograph(card, stay: 1))
        #expect(abs(edge(photographer.photograph(card, by: [.infrared], stay: 1)) - white) <= 2)
        #expect(photographer.photograph(card, by: [], stay: 1).allSatisfy { $0 < 40 })
        let moved = (2..<8).map { edge(photographer.photograph(card, stay: $0)) }
        #expect(moved.contains { abs($0 - white) > 3 })
    }
}
