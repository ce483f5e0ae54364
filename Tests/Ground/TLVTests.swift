import Ground
import Testing

@Suite struct TLVTests {
    /// EF.COM of ICAO Doc 9303-11 appendix D.4.
    @Test func aPublishedFileParsesAndKeepsItsBytes() throws {
        let bytes = try #require(Bytes(hex: "60145F0104303130365F36063034303030305C026175"))
        let file = try #require(TLV.parse(bytes))
        #expect(file.tag == 0x60)
        #expect(file.encoded == bytes)
        #expect(file.first(0x5F01)?.value == Bytes("0106".utf8))
        #expect(file.first(0x5C)?.value == [0x61, 0x75])
        #expect(TLV(0x60, file.children ?? []).encoded == bytes)
    }

    @Test(arguments: ["", "60", "6002AA", "5F", "5F8181", "6080", "60850000000000", "6001AABB"])
    func cutOrIndefiniteIsRefused(hex: String) throws {
        #expect(TLV.parse(try #require(Bytes(hex: hex))) == nil)
    }
}
