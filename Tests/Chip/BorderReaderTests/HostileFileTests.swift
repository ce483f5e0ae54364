import Ground
import Testing

@testable import BorderReader

/// Files as an attacker writes them. What a parser gives back must be bytes of the file, whatever the lengths say.
@Suite(.enabled(if: SilverDocument.isThere)) struct HostileFileTests {
    private static let seed: UInt64 = 0x5A4B_2026
    private static let count = 20_000

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private typealias Parser = (Bytes) -> [Bytes]

    /// Number of the first mutation whose result is not part of the file; nil when there is none.
    private static func firstLie(of parsers: [(Bytes, Parser)]) -> Int? {
        var random = Generator(state: seed)
        for number in 1...count {
            let (original, parse) = parsers[number % parsers.count]
            var file = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<min(file.count, 100), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: file[place] = UInt8.random(in: 0...255, using: &random)
                case 1: file[place] = [0x80, 0x81, 0x82, 0x84, 0x88, 0xFF, 0x7F].randomElement(using: &random)!
                case 2: file = Bytes(file.prefix(place + 1))
                default: file.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            for part in parse(file) where !part.isEmpty && file.firstRange(of: part) == nil { return number }
        }
        return nil
    }

    /// The silver face with the first 200 bytes of its image, lengths put right.
    private static func smallFace() throws -> Bytes {
        let image = Bytes(try SilverDocument.file("bsi-silver-2008/Datagroup2.bin")[84..<284])
        let block = BigEndian.bytes(UInt32(32 + image.count)) + Bytes(repeating: 0, count: 16)
        let information = hex("0101") + hex("015101C1") + Bytes(repeating: 0, count: 6)
        let record =
            Bytes("FAC\u{0}010\u{0}".utf8) + BigEndian.bytes(UInt32(14 + 32 + image.count)) + [0, 1] + block
            + information
            + image
        let header = TLV(0xA1, [TLV(0x81, [2]), TLV(0x87, [1, 1]), TLV(0x88, [0, 8])])
        let template = TLV(0x7F60, [header, TLV(0x5F2E, record)])
        return TLV(0x75, [TLV(0x7F61, [TLV(0x02, [1]), template])]).encoded
    }

    @Test func `Twenty thousand altered files crash nothing and invent nothing`() throws {
        let files = try SilverDocument.files()
        let face = try Self.smallFace()
        #expect(FaceData(face)?.image.count == 200)
        let details = try VectorFile("icao-lds").entry("dg11-worked-example").bytes(expected: "file")
        let lie = Self.firstLie(of: [
            (face, { FaceData($0).map { [$0.image] } ?? [] }),
            (files[0x011D]!, { SecurityData($0).map { [$0.content] + $0.certificates } ?? [] }),
            (files[0x0101]!, { MRZData($0)?.lines.map { Bytes($0.utf8) }.filter { !$0.contains(0xEF) } ?? [] }),
            (files[0x011E]!, { CommonData($0).map { [$0.tags.map { UInt8($0) }] } ?? [] }),
            (
                details,
                {
                    _ = DetailGroup($0, tag: 0x6B)?.texts
                    return FileReading.length(ofHeader: $0).map { _ in [] } ?? []
                }
            ),
        ])
        #expect(lie == nil, "seed \(Self.seed), mutation \(lie ?? 0)")
        print("hostile files: seed \(Self.seed), \(Self.count) mutations")
    }

    @Test func `The same run finds a parser that believes the length and fills up`() throws {
        let believing: Parser = { file in
            guard file.count > 3, file[0] == 0x60 else { return [] }
            let claimed = Int(file[1])
            return [file.dropFirst(2).prefix(claimed) + Bytes(repeating: 0xAA, count: max(0, claimed - file.count + 2))]
        }
        #expect(Self.firstLie(of: [(try SilverDocument.files()[0x011E]!, believing)]) != nil)
    }
}
