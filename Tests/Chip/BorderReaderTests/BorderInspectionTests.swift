import Foundation
import Ground
import OpenSSLCrypto
import PlantChip
import Testing

@testable import BorderReader

@Suite(.enabled(if: SilverDocument.isThere)) struct BorderInspectionTests {
    private func failed(_ reading: BorderReading) -> [String] { reading.checks.filter { !$0.passed }.map(\.name) }

    private func read(
        files: [UInt16: Bytes], number: String = SilverDocument.number, at time: WallTime = SilverDocument.time
    ) throws -> BorderReading {
        let channel = CardOnChannel()
        try channel.personalise(
            files: files, documentNumber: SilverDocument.number, birth: SilverDocument.birth,
            expiry: SilverDocument.expiry)
        return try BorderInspection(trust: []).read(
            on: channel, documentNumber: number, dateOfBirth: SilverDocument.birth,
            dateOfExpiry: SilverDocument.expiry, at: time)
    }

    @Test
    func `The BSI silver document on a chip is read whole and lacks its country's certificate and its chip's key`()
        throws
    {
        let files = try SilverDocument.files()
        let reading = try read(files: files)
        #expect(reading.files.keys.sorted() == files.keys.sorted())
        #expect(files.allSatisfy { reading.files[$0.key] == $0.value })
        #expect(failed(reading) == ["ca", "sod.chain"])
        #expect(reading.reasons == [.chipAuthenticationFailed, .authorityUnknown])
        #expect(
            reading.checks.map(\.name) == [
                "application", "bac", "ca", "files", "com.sod.agree", "dg1.hash", "dg2.hash", "dg3.hash", "dg14.hash",
                "sod.signature", "sod.chain", "sod.signer", "dg1.mrz", "dg1.access", "dg2.face",
            ])
        #expect(reading.mrz.count == 2 && reading.mrz[1].hasPrefix("C11T002JM4"))
        #expect(reading.portraitFormat == "jpeg2000" && reading.portrait.count == 14_999)
        #expect(reading.sodHash == Digest.sha256(try #require(files[0x011D])))
        #expect(!String(reflecting: reading).contains("MUSTERMANN") && !"\(reading.checks)".contains("MUSTERMANN"))
    }

    @Test func `With the document signer trusted the whole document passes, after its time it does not`() throws {
        let files = try SilverDocument.files()
        let sod = try #require(files[0x011D])
        let security = try #require(SecurityData(sod))
        let signer = try X509Certificate(der: security.certificates[0])
        let inspection = BorderInspection(trust: [signer])
        let reading = inspection.judge(
            files: files, information: SilverDocument.information, at: SilverDocument.time)
        #expect(failed(reading) == [])
        #expect(
            reading.warnings == [
                "document signer: no country", "document signer: no key usage",
                "document signer: no place of the revocation list", "document signer: no list of document types",
            ])
        let late = inspection.judge(
            files: files, information: SilverDocument.information, at: WallTime(iso8601: "2020-01-01T00:00:00Z")!)
        #expect(failed(late) == ["sod.signer"])
        #expect(late.reasons == [.signerExpired])
        #expect(late.warnings.first == "a certificate of the signer is not valid at the time of reading")
    }

    @Test(arguments: [(0x0101, "dg1.hash"), (0x0102, "dg2.hash"), (0x0103, "dg3.hash"), (0x010E, "dg14.hash")])
    func `One flipped bit in a data group fails its hash and nothing is thrown`(fid: Int, check: String) throws {
        var files = try SilverDocument.files()
        files[UInt16(fid)]![files[UInt16(fid)]!.count - 1] ^= 1
        let reading = BorderInspection(trust: []).judge(
            files: files, information: SilverDocument.information, at: SilverDocument.time)
        #expect(reading[check: check]?.passed == false)
        #expect(failed(reading).filter { $0.hasSuffix(".hash") } == [check])
    }

    @Test func `A flipped bit in the signed hashes or in the signature fails the signature`() throws {
        let original = try SilverDocument.files()
        let sod = try #require(original[0x011D])
        let hash = try #require(sod.firstRange(of: hex("FB1BC1921F4DC079"))?.lowerBound)
        for place in [hash, sod.count - 1] {
            var files = original
            files[0x011D]![place] ^= 1
            let reading = BorderInspection(trust: []).judge(files: files, information: nil, at: SilverDocument.time)
            #expect(reading[check: "sod.signature"]?.passed == false)
            #expect(reading[check: "sod.chain"]?.passed == false)
        }
    }

    @Test func `The portrait of one document with the signature of another fails`() throws {
        var files = try SilverDocument.files()
        files[0x0102] = try SilverDocument.file("iso39794/dg2-mandatory-fields.bin")
        let reading = try read(files: files)
        #expect(failed(reading) == ["ca", "dg2.hash", "sod.chain"])
    }

    @Test func `A group that is signed and missing, or there and not signed, is told`() throws {
        var files = try SilverDocument.files()
        files[0x010E] = nil
        let missing = try read(files: files)
        #expect(failed(missing) == ["files", "dg14.hash", "sod.chain"])
        files = try SilverDocument.files()
        files[0x010F] = try SilverDocument.file("bsi-silver-2008/Datagroup15.bin")
        files[0x011E] = hex("60175F0104303130375F36063034303030305C056175636E6F")
        let unsigned = try read(files: files)
        #expect(failed(unsigned) == ["aa", "ca", "com.sod.agree", "dg15.hash", "sod.chain"])
    }

    @Test func `Wrong access data opens nothing`() throws {
        let reading = try read(files: try SilverDocument.files(), number: "C11T002JN")
        #expect(failed(reading) == ["bac"])
        #expect(reading.mrz.isEmpty && reading.files.isEmpty)
    }

    @Test func `A chip whose zone is another person's is told`() throws {
        let channel = CardOnChannel()
        try channel.personalise(
            files: try SilverDocument.files(), documentNumber: "X00000000", birth: "700101", expiry: "300101")
        let reading = try BorderInspection(trust: []).read(
            on: channel, documentNumber: "X00000000", dateOfBirth: "700101", dateOfExpiry: "300101",
            at: SilverDocument.time)
        #expect(failed(reading) == ["ca", "sod.chain", "dg1.access"])
    }

    @Test func `A chip that stops answering is the channel's error at every command`() throws {
        let files = try SilverDocument.files().filter { [0x0101, 0x011D, 0x011E].contains($0.key) }
        let whole = CardOnChannel()
        try whole.personalise(
            files: files, documentNumber: SilverDocument.number, birth: SilverDocument.birth,
            expiry: SilverDocument.expiry)
        let inspection = BorderInspection(trust: [])
        func read() throws(SakkError) -> BorderReading {
            _ = whole.card.powerOn()
            return try inspection.read(
                on: whole, documentNumber: SilverDocument.number, dateOfBirth: SilverDocument.birth,
                dateOfExpiry: SilverDocument.expiry, at: SilverDocument.time)
        }
        let before = whole.sent
        _ = try read()
        let commands = whole.sent - before
        #expect(commands > 10)
        for number in 1...commands {
            whole.card.set(behaviour: .failsAt(apdu: number, .silent))
            #expect(throws: SakkError("chip.mute", source: "", text: "", remedy: "")) { try read() }
            whole.card.set(behaviour: .failsAt(apdu: number, .status(0x6F00)))
            #expect(try read().passed == false)
        }
    }

    @Test func `Odd certificates of the living world can be trusted`() throws {
        let folder = SilverDocument.folder.appending(path: "certs")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".der") }
        #expect(names.count == 7)
        for name in names {
            let certificate = try X509Certificate(der: try SilverDocument.file("certs/\(name)"))
            let reading = BorderInspection(trust: [certificate]).judge(
                files: try SilverDocument.files(), information: nil, at: SilverDocument.time)
            #expect(failed(reading) == ["sod.chain"], "\(name)")
        }
    }
}
