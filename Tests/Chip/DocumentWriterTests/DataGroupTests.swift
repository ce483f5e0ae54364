import DocumentWriter
import Foundation
import Ground
import Testing

/// Examples of Doc 9303-10 and the BSI silver data set (`Vectors/icao-lds.json`).
@Suite struct DataGroupTests {
    private func entry(_ id: String) throws -> (inputs: [String: Any], expected: [String: Any]) {
        let url = try #require(
            Bundle.module.url(forResource: "icao-lds", withExtension: "json", subdirectory: "Vectors"))
        let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let all = try #require(file["entries"] as? [[String: Any]])
        let entry = try #require(all.first { $0["id"] as? String == id })
        return (
            try #require(entry["inputs"] as? [String: Any]), try #require(entry["expected"] as? [String: Any])
        )
    }

    @Test(arguments: ["dg1-td1", "dg1-td2", "dg1-td3-bsi-silver"])
    func dataGroup1IsThePublishedFile(id: String) throws {
        let entry = try entry(id)
        let lines = try #require(entry.inputs["lines"] as? [String])
        #expect(DataGroup1(mrz: lines).encoded.hex == entry.expected["file"] as? String)
    }

    @Test func commonFileIsThePublishedFile() throws {
        let file = try #require(try entry("efcom-1-2-4-12").inputs["file"] as? String)
        #expect(EFCommon(dataGroupTags: [0x61, 0x75, 0x76, 0x6C]).encoded.hex == file)
    }

    /// The silver data set's image is 337 by 449 pixels, JPEG 2000; it leaves the colour space unspecified (00), ours
    /// says 24-bit RGB (01).
    @Test func dataGroup2StartsAsThePublishedFile() throws {
        let entry = try entry("dg2-bsi-silver-mandatory")
        let digits = try #require(entry.inputs["fileStart"] as? String)
        var start = try #require(Bytes(hex: digits))
        let length = try #require(entry.inputs["fileLength"] as? Int)
        start[start.count - 10] = 0x01
        let face = FaceImage(
            format: .jpeg2000, bytes: [0, 0, 0, 0x0C] + Bytes(repeating: 7, count: 14995), width: 337, height: 449,
            gender: .unspecified)
        let encoded = DataGroup2(face: face).encoded
        #expect(encoded.count == length)
        #expect(Bytes(encoded.prefix(start.count)).hex == start.hex)
    }

    /// Same name, place and order rule as the worked example of appendix A.5, with our own choice of objects.
    @Test func dataGroup11ListsItsObjectsInOrder() throws {
        let details = PersonalDetails(
            primaryName: "SMITH", secondaryNames: ["JOHN", "J"], personalNumber: "199012345678",
            dateOfBirth: try #require(CivilDate(iso8601: "1990-01-15")), placeOfBirth: ["ANYTOWN", "MN"])
        let encoded = DataGroup11(details: details).encoded
        let expected =
            "6B415C085F0E5F105F2B5F115F0E0D534D4954483C3C4A4F484E3C4A5F100C3139393031323334353637385F2B08"
            + "31393930303131355F110A414E59544F574E3C4D4E"
        #expect(encoded.hex == expected)
    }

    @Test func `A person of one name has no filler after it`() throws {
        let details = PersonalDetails(
            primaryName: "ARKFREITH", secondaryNames: [], personalNumber: "199012345678",
            dateOfBirth: try #require(CivilDate(iso8601: "1990-01-15")), placeOfBirth: ["ANYTOWN"])
        let group = try #require(TLV.parse(DataGroup11(details: details).encoded))
        #expect(group.first(0x5F0E)?.value == Bytes("ARKFREITH".utf8))
    }
}
