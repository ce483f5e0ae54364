import Ground
import OpenSSLCrypto
import Testing

@testable import BorderReader

@Suite struct DataGroupTests {
    @Test func `EF.COM is read as published`() throws {
        for vector in try VectorFile("icao-lds").entries(kind: "ef_com") {
            let common = try #require(CommonData(try vector.bytes(input: "file")))
            #expect(common.ldsVersion == (try vector.expected("ldsVersion")))
            #expect(common.unicodeVersion == (try vector.expected("unicodeVersion")))
            #expect(common.tags == (try vector.bytes(expected: "tagList")).map(UInt32.init))
        }
    }

    @Test func `EF.DG1 is read as published in all three formats`() throws {
        let vectors = try VectorFile("icao-lds").entries(kind: "dg1")
        #expect(vectors.count == 3)
        for vector in vectors {
            let inputs = try #require(vector.raw["inputs"] as? [String: Any])
            #expect(MRZData(try vector.bytes(expected: "file"))?.lines == inputs["lines"] as? [String])
        }
    }

    @Test func `EF.DG11 is read as published, with and without the template of other names`() throws {
        let vectors = try VectorFile("icao-lds")
        let worked = try #require(
            DetailGroup(try vectors.entry("dg11-worked-example").bytes(expected: "file"), tag: 0x6B))
        #expect(worked.listAgrees)
        #expect(worked.texts[0x5F0E] == ["SMITH<<JOHN<J"] && worked.texts[0x5F42] == ["123 MAPLE RD<ANYTOWN<MN"])
        let names = try #require(DetailGroup(try vectors.entry("dg11-other-names").bytes(expected: "file"), tag: 0x6B))
        #expect(names.texts == [0x5F0F: ["SMITH<<JOHN", "JOHN<SMITH"]] && names.listAgrees)
        let bare = try #require(
            DetailGroup(try vectors.entry("dg11-other-names-bare").bytes(expected: "file"), tag: 0x6B))
        #expect(bare.texts == [0x5F0F: ["SMITH<<JOHN"]])
    }

    @Test func `A group whose count or tag does not fit is told`() throws {
        let persons = try VectorFile("icao-lds").entry("dg16-worked-example").bytes(expected: "file")
        #expect(GroupShape.deviations(of: 16, in: persons).isEmpty)
        var fewer = persons
        let count = try #require(fewer.firstRange(of: hex("020102"))?.lowerBound)
        fewer[count + 2] = 1
        #expect(GroupShape.deviations(of: 16, in: fewer) == ["EF.DG16: the number of objects does not fit"])
        #expect(GroupShape.deviations(of: 13, in: persons) == ["EF.DG13: begins with another tag"])
        #expect(GroupShape.deviations(of: 16, in: persons + [0]) == ["EF.DG16: bytes are missing or left over"])
        #expect(GroupShape.deviations(of: 3, in: hex("6307 7F6103 020100 5300")).isEmpty == false)
        #expect(GroupShape.deviations(of: 3, in: hex("6308 7F6103 020100 5300")).isEmpty)
    }

    @Test(.enabled(if: SilverDocument.isThere)) func `The face of the BSI silver data set has its published size`()
        throws
    {
        let vector = try VectorFile("icao-lds").entry("dg2-bsi-silver-mandatory")
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        let face = try #require(FaceData(try SilverDocument.file("bsi-silver-2008/Datagroup2.bin")))
        #expect(face.width == expected["width"] as? Int && face.height == expected["height"] as? Int)
        #expect(face.faces == expected["faces"] as? Int && face.format == .jpeg2000 && face.warnings.isEmpty)
        #expect(face.image.count == 15_031 - 32 && face.image.starts(with: hex("0000000C6A502020")))
    }

    /// ISO/IEC 19794-5 with one JPEG of three bytes, written down by hand; `length` is what its header says.
    private func face(length: Int) -> Bytes {
        let image = hex("FFD8FF")
        let information = Bytes(repeating: 0, count: 14) + hex("0100") + hex("00280032") + Bytes(repeating: 0, count: 6)
        let block = BigEndian.bytes(UInt32(4 + 2 + information.count + image.count)) + hex("0000") + information + image
        let record = Bytes("FAC\0".utf8) + Bytes("010\0".utf8) + BigEndian.bytes(UInt32(length)) + hex("0001") + block
        let template = TLV(0x7F60, [TLV(0xA1, hex("87020101")), TLV(0x5F2E, record)])
        return TLV(0x75, [TLV(0x7F61, [TLV(0x02, [1]), template])]).encoded
    }

    @Test func `A face record that says another length is read with a warning, and one that is cut is not read`() throws
    {
        let right = try #require(FaceData(face(length: 49)))
        #expect(right.image == hex("FFD8FF") && right.width == 40 && right.height == 50 && right.warnings.isEmpty)
        for length in [0, 48, 50, 70_000] {
            let wrong = try #require(FaceData(face(length: length)))
            #expect(wrong.image == right.image)
            #expect(wrong.warnings == ["EF.DG2: the face record has another length than it says"])
        }
        let cut = Bytes("FAC\0".utf8) + Bytes("010\0".utf8) + hex("00000031 0001 00000023 0000")
        #expect(FaceRecord(cut) == nil)
    }

    @Test(.enabled(if: SilverDocument.isThere)) func `A face in the newer encoding is found and said to be so`() throws
    {
        let face = try #require(FaceData(try SilverDocument.file("iso39794/dg2-mandatory-fields.bin")))
        #expect(face.format == .jpeg2000 && face.image.count == 0x3A98)
        #expect(face.encoding == .extensible && face.warnings.isEmpty && face.faces == 1)
    }

    @Test(.enabled(if: SilverDocument.isThere))
    func `The security object of the BSI silver data set is version 0 with SHA-1 over four groups`() throws {
        let security = try #require(SecurityData(try SilverDocument.file("bsi-silver-2008/EF_SOD.bin")))
        #expect(security.contentType == "2.23.136.1.1.1" && security.certificates.count == 1)
        #expect(security.object.version == 0 && security.object.digest == .sha1)
        #expect(security.object.hashes.keys.sorted() == [1, 2, 3, 14])
        #expect(security.object.hashes[1] == hex("FB1BC1921F4DC07947408A7CDD5CC0C928353809"))
    }

    @Test(arguments: [
        "3012 020100 3007 06052B0E03021A 3004 3002 0201",
        "3020 020100 3009 06052B0E03021A0500 3010 3006 020101 0401 AA 3006 020101 0401 BB",
        "3018 020101 3009 06052B0E03021A0500 3008 3006 020101 0401 AA",
        "3018 020102 3009 06052B0E03021A0500 3008 3006 020101 0401 AA",
        "3018 020100 3009 06052B0E03021A0500 3008 3006 020111 0401 AA",
    ]) func `A security object that is cut, doubled, of the wrong version or out of range is none`(content: String) {
        #expect(SecurityObjectContent(hex(content)) == nil)
    }
}
