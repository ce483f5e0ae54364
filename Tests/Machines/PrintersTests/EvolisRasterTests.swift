import Ground
import Printers
import Stations
import Testing

/// Expected bytes were computed apart from this code, from facts P3 to P5, by this Python:
///
///     def pack(w, h, bits, f):
///         s = ''.join(format(f(y, w - 1 - x), '0%db' % bits) for y in range(h) for x in range(w))
///         return bytes(int(s[i:i + 8].ljust(8, '0'), 2) for i in range(0, len(s), 8))
///     v = lambda x, y: (x * 37 + y * 11) % 256
///     pack(16, 8, 1, lambda x, y: int(v(x, y) >= 128)).hex()
///     pack(16, 8, 7, lambda x, y: round(v(x, y) * 127 / 255)).hex()
@Suite struct EvolisRasterTests {
    private func raster(_ panel: Panel, _ width: Int, _ height: Int, _ value: (Int, Int) -> Int) -> PanelRaster {
        var pixels = Bytes()
        for y in 0..<height { for x in 0..<width { pixels.append(UInt8(value(x, y))) } }
        return PanelRaster(side: .front, panel: panel, width: width, height: height, pixels: pixels)
    }

    private func pattern(_ panel: Panel, _ width: Int, _ height: Int) -> PanelRaster {
        raster(panel, width, height) { ($0 * 37 + $1 * 11) % 256 }
    }

    @Test(arguments: [Panel.black, .overlay])
    func resinAndVarnishAreOneBitAPixel(panel: Panel) {
        #expect(
            EvolisRaster.pack(pattern(panel, 8, 16), width: 16, height: 8)?.hex == "F000FE00FFE03FFC03FF007F800FF000")
        #expect(EvolisRaster.levels(panel) == 2)
    }

    @Test(arguments: [Panel.yellow, .magenta, .cyan])
    func coloursAreSevenBitsAPixelWithoutGaps(panel: Panel) {
        #expect(
            EvolisRaster.pack(pattern(panel, 8, 16), width: 16, height: 8)?.hex
                == "A5363C278DD8AC4C84D96202C280CB7ED549F2623E72CD7284674C12EFCB667C372B51971A03B6AC15251413FF9E9BB4"
                + "E3BD629CD9109EB7385C88C0C07DF6E1AF2E0B5567CA5EA521E324C70807F7C72DB9F15C82F1B31569901B2A40505FFEBA6"
                + "FA93A4C37CE19AD5088E972430381")
        #expect(EvolisRaster.levels(panel) == 128)
    }

    @Test func aBitmapThatIsNoWholeNumberOfBytesIsFilledWithZeros() {
        let diagonal = raster(.cyan, 3, 3) { $0 == $1 ? 255 : 0 }
        #expect(EvolisRaster.pack(diagonal, width: 3, height: 3)?.hex == "0003F80FE03F8000")
    }

    @Test func theWholeCardHasTheSizesOfThePageAndTheRightEnds() throws {
        let colour = try #require(EvolisRaster.pack(pattern(.cyan, 1016, 648), width: 648, height: 1016))
        #expect(colour.count == 576_072)
        #expect(Bytes(colour.prefix(16)).hex == "CD86DD6A12E2C074D57AA487CC941C24")
        #expect(Bytes(colour.suffix(8)).hex == "8501EBAEFD592FD9")
        #expect(crc32(colour) == 584_754_092)
        let black = try #require(EvolisRaster.pack(pattern(.black, 1016, 648), width: 648, height: 1016))
        #expect(black.count == 82_296)
        #expect(Bytes(black.prefix(16)).hex == "FF001FFE003FFC003FF8007FF800FFF0")
        #expect(Bytes(black.suffix(8)).hex == "003FFC007FF8007F")
        #expect(crc32(black) == 2_763_378_051)
    }

    @Test func sidesThatAreNoMultipleOfEightAreTurnedWhole() throws {
        let colour = try #require(EvolisRaster.pack(pattern(.cyan, 75, 21), width: 21, height: 75))
        #expect(crc32(colour) == 4_199_822_683)
        let black = try #require(EvolisRaster.pack(pattern(.black, 75, 21), width: 21, height: 75))
        #expect(crc32(black) == 180_639_507)
    }

    @Test func aPanelOfAnotherSizeIsRefused() {
        #expect(EvolisRaster.pack(pattern(.black, 16, 8), width: 16, height: 8) == nil)
        #expect(EvolisRaster.pack(pattern(.black, 8, 15), width: 16, height: 8) == nil)
    }

    /// As `zlib.crc32` of Python gives it.
    private func crc32(_ bytes: Bytes) -> UInt32 {
        var table = [UInt32]()
        for index in UInt32(0)..<256 {
            var entry = index
            for _ in 0..<8 { entry = entry & 1 == 0 ? entry >> 1 : 0xEDB8_8320 ^ (entry >> 1) }
            table.append(entry)
        }
        var value = ~UInt32(0)
        bytes.withUnsafeBufferPointer {
            for byte in $0 { value = table[Int((value ^ UInt32(byte)) & 255)] ^ (value >> 8) }
        }
        return ~value
    }
}
