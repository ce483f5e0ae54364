import Ground
import Pixels
import Testing

struct CodecTests {
    /// Smooth slopes, as a photograph has them.
    static let picture: RGBImage = {
        var image = RGBImage(width: 96, height: 64, filledWith: RGBColour(0, 0, 0))
        for y in 0..<64 {
            for x in 0..<96 { image[x, y] = RGBColour(UInt8(x * 2), UInt8(y * 3), UInt8(x + y)) }
        }
        return image
    }()

    private func code(_ body: () throws -> RGBImage) -> SakkError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? SakkError)?.code
        }
    }

    private func distance(_ left: RGBImage, _ right: RGBImage) -> Int {
        zip(left.rgb, right.rgb).map { abs(Int($0) - Int($1)) }.max() ?? 255
    }

    @Test("PNG keeps every pixel") func png() throws {
        #expect(try PNG.decode(PNG.encode(CodecTests.picture)) == CodecTests.picture)
        let gray = CodecTests.picture.gray
        #expect(try PNG.decode(PNG.encode(gray)) == gray.rgb)
        #expect(code { try PNG.decode(Bytes(try PNG.encode(CodecTests.picture).dropLast(40))) } == ImageFailure.corrupt)
    }

    @Test("JPEG and JPEG 2000 come back nearly as they were") func lossy() throws {
        #expect(distance(try JPEG.decode(JPEG.encode(CodecTests.picture, quality: 95)), CodecTests.picture) < 12)
        #expect(distance(try JPEG2000.decode(JPEG2000.encode(CodecTests.picture, ratio: 8)), CodecTests.picture) < 12)
    }

    @Test("A JPEG that is cut, damaged, followed by more or too large does not decode") func strictJPEG() throws {
        let good = try JPEG.encode(CodecTests.picture, quality: 80)
        #expect(code { try JPEG.decode(good) } == nil)
        #expect(code { try JPEG.decode([]) } == ImageFailure.truncated)
        #expect(code { try JPEG.decode(Bytes(repeating: 0x41, count: 100)) } == ImageFailure.unknown)
        for cut in [1, 2, 50, good.count / 2] {
            #expect(code { try JPEG.decode(Bytes(good.dropLast(cut))) } == ImageFailure.truncated, "\(cut)")
        }
        #expect(code { try JPEG.decode(good + [0]) } == ImageFailure.trailing)
        #expect(code { try JPEG.decode(good + good) } == ImageFailure.second)
        #expect(code { try JPEG.decode(good, maxPixels: 96 * 64 - 1) } == ImageFailure.tooLarge)
        #expect(code { try JPEG.decode(good, maxPixels: 96 * 64) } == nil)
    }

    @Test("A JPEG that promises more rows than it holds does not decode") func bomb() throws {
        var bytes = try JPEG.encode(CodecTests.picture, quality: 80)
        let frame = try #require(bytes.indices.dropLast(8).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(code { try JPEG.decode(bytes) } == ImageFailure.tooLarge)
        bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0x00, 0x80, 0x00, 0x60])
        #expect(code { try JPEG.decode(bytes) } != nil)
    }

    @Test("A JPEG 2000 that is cut, followed by more or too large does not decode") func strictJPEG2000() throws {
        let good = try JPEG2000.encode(CodecTests.picture, ratio: 10)
        #expect(code { try JPEG2000.decode(good) } == nil)
        #expect(code { try JPEG2000.decode([]) } == ImageFailure.unknown)
        #expect(code { try JPEG2000.decode(Bytes(repeating: 0x41, count: 100)) } == ImageFailure.unknown)
        for cut in [1, 2, 50, good.count / 2] {
            #expect(code { try JPEG2000.decode(Bytes(good.dropLast(cut))) } == ImageFailure.truncated, "\(cut)")
        }
        #expect(code { try JPEG2000.decode(good + [0]) } == ImageFailure.trailing)
        #expect(code { try JPEG2000.decode(good + good) } == ImageFailure.second)
        #expect(code { try JPEG2000.decode(good, maxPixels: 100) } == ImageFailure.tooLarge)
        let start = try #require(good.firstRange(of: [0xFF, 0x4F, 0xFF, 0x51])).lowerBound
        let codestream = Bytes(good[start...])
        #expect(code { try JPEG2000.decode(codestream) } == nil)
        #expect(code { try JPEG2000.decode(codestream + [0, 0, 0]) } == ImageFailure.trailing)
        #expect(code { try JPEG2000.decode(Bytes(codestream.dropLast(2))) } == ImageFailure.truncated)
    }

    @Test("Equal pixels give equal bytes") func deterministic() throws {
        #expect(try JPEG.encode(CodecTests.picture, quality: 80) == JPEG.encode(CodecTests.picture, quality: 80))
        #expect(try JPEG2000.encode(CodecTests.picture, ratio: 20) == JPEG2000.encode(CodecTests.picture, ratio: 20))
    }
}
