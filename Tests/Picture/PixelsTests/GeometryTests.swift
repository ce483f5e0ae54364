import Pixels
import Testing

struct GeometryTests {
    @Test("Shrinking by two averages four pixels") func shrink() {
        let image = GrayImage(width: 4, height: 2, values: [0, 100, 10, 20, 100, 200, 30, 40]).rgb
        #expect(image.resized(width: 2, height: 1).gray.values == [100, 25])
    }

    @Test("Growing keeps a flat field flat") func grow() {
        let image = RGBImage(width: 3, height: 5, filledWith: RGBColour(10, 200, 77))
        #expect(image.resized(width: 31, height: 17) == RGBImage(width: 31, height: 17, filledWith: image[0, 0]))
    }

    @Test("A crop keeps its pixels and stops at the edge") func crop() {
        let image = CodecTests.picture
        let part = image.cropped(x: 90, y: 10, width: 20, height: 4)
        #expect(part.width == 6)
        #expect(part.height == 4)
        #expect(part[2, 3] == image[92, 13])
        #expect(image.cropped(x: 500, y: 0, width: 5, height: 5).width == 0)
    }

    @Test("An outline marks the edge and leaves the inside") func outline() {
        var image = RGBImage(width: 20, height: 20, filledWith: RGBColour(255, 255, 255))
        let red = RGBColour(255, 0, 0)
        image.outline(x: 5, y: 5, width: 10, height: 30, colour: red)
        #expect(image[5, 5] == red)
        #expect(image[14, 19] == red)
        #expect(image[6, 10] == red)
        #expect(image[10, 10] == RGBColour(255, 255, 255))
        #expect(image[4, 10] == RGBColour(255, 255, 255))
    }
}
