import BorderReader
import DocumentWriter
import Foundation
import Ground
import LDS
import OpenSSLCrypto
import Testing

/// Security objects as the tools of other issuers write them.
@Suite(.serialized) struct LivingWorldTests {
    @Test func `EF.SOD in BER with indefinite lengths, as openssl streams it, is verified, and said to be BER`() throws
    {
        let country = try TestCountry()
        defer { country.remove() }
        let signer = try country.signer("good")
        let passport = try TestPassport(TestPassport.Plan(), signer: signer, at: SystemTime().wall())
        var files = passport.files
        let groups = files.filter { (0x0101...0x0110).contains($0.key) }
        let content = LDSSecurityObject(
            hashes: Dictionary(uniqueKeysWithValues: groups.map { (Int($0.key & 0xFF), Digest.sha256($0.value)) }))
        try Data(content.encoded).write(to: country.folder.appending(path: "content"))
        try country.openssl([
            "cms", "-sign", "-in", "content", "-binary", "-nodetach", "-stream", "-econtent_type", "2.23.136.1.1.1",
            "-signer", "good.pem", "-inkey", "good.key", "-nosmimecap", "-outform", "DER", "-out", "sod.ber",
        ])
        let signed = try country.read("sod.ber")
        // 30 80: an indefinite length
        #expect(signed.prefix(2) == [0x30, 0x80])
        files[0x011D] = TLV(0x77, signed).encoded
        let inspection = BorderInspection(trust: [try country.authority])
        let reading = inspection.judge(files: files, information: nil, at: SystemTime().wall())
        #expect(reading.checks.filter { !$0.passed }.map(\.name) == [])
        #expect(
            reading.warnings == ["EF.SOD: encoding is BER, with indefinite lengths or strings in pieces"])

        // one bit of the content, wherever the pieces are
        var broken = signed
        let place = try #require(signed.firstRange(of: Digest.sha256(files[0x0102] ?? []))?.lowerBound)
        broken[place] ^= 1
        files[0x011D] = TLV(0x77, broken).encoded
        let refused = inspection.judge(files: files, information: nil, at: SystemTime().wall())
        #expect(refused.reasons.contains(.signatureInvalid) && refused[check: "dg2.hash"]?.passed == false)
    }

    @Test func `Lengths that never end, and nesting without end, are refused`() throws {
        let inspection = BorderInspection(trust: [])
        let nested = Bytes(repeating: 0x30, count: 10_000).enumerated().map { $0.offset % 2 == 0 ? UInt8(0x30) : 0x80 }
        let malformed: [Bytes] = [
            [0x30, 0x80], [0x30, 0x80, 0x00], [0x04, 0x80, 0x00, 0x00], nested,
            [0x30, 0x80, 0x24, 0x80, 0x02, 0x01, 0x01],
        ]
        for bytes in malformed {
            let reading = inspection.judge(
                files: [0x011D: TLV(0x77, bytes).encoded], information: nil, at: SystemTime().wall())
            #expect(reading.reasons.first == BorderReason.securityObjectMalformed)
        }
    }
}
