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

    /// openssl's streamed signature inside 77 80 .. 00 00.
    private func indefinite(_ passport: TestPassport, _ country: TestCountry) throws -> Bytes {
        let groups = passport.files.filter { (0x0101...0x0110).contains($0.key) }
        let content = LDSSecurityObject(
            hashes: Dictionary(uniqueKeysWithValues: groups.map { (Int($0.key & 0xFF), Digest.sha256($0.value)) }))
        try Data(content.encoded).write(to: country.folder.appending(path: "content"))
        try country.openssl([
            "cms", "-sign", "-in", "content", "-binary", "-nodetach", "-stream", "-econtent_type", "2.23.136.1.1.1",
            "-signer", "good.pem", "-inkey", "good.key", "-nosmimecap", "-outform", "DER", "-out", "sod.ber",
        ])
        return [0x77, 0x80] + (try country.read("sod.ber")) + [0, 0]
    }

    @Test func `EF.SOD whose own tag has no length is read to its end from the chip, verified, and said to be so`()
        throws
    {
        let country = try TestCountry()
        defer { country.remove() }
        let signer = try country.signer("good")
        let now = SystemTime().wall()
        // longer than what is signed, too: an elementary file is often larger than its content
        for filling in [0, 3, 700] {
            var passport = try TestPassport(TestPassport.Plan(), signer: signer, at: now)
            let file = try indefinite(passport, country)
            passport.files[0x011D] = file + Bytes(repeating: 0, count: filling)
            try passport.finish()
            let inspection = BorderInspection(trust: [try country.authority])
            let reading = try inspection.read(on: passport.card, access: TestPassport.access, at: now)
            #expect(reading.checks.filter { !$0.passed }.map { "\($0.name) \($0.detail)" } == [])
            #expect(reading.files[0x011D] == file)
            #expect(reading.warnings.contains("EF.SOD: tag 77 has no definite length"))
        }
    }

    @Test func `A file that never ends, or ends early, is given up`() throws {
        let country = try TestCountry()
        defer { country.remove() }
        let signer = try country.signer("good")
        let now = SystemTime().wall()
        let nested = Bytes(repeating: 0x30, count: 600).enumerated().map { $0.offset % 2 == 0 ? UInt8(0x30) : 0x80 }
        let octets = Array([Bytes](repeating: [0x04, 0x01, 0x00], count: 400).joined())
        for file in [[0x77, 0x80] + nested, [0x77, 0x80] + octets, [0x77, 0x80, 0x04, 0x80]] {
            var passport = try TestPassport(TestPassport.Plan(), signer: signer, at: now)
            passport.files[0x011D] = file
            try passport.finish()
            let reading = try BorderInspection(trust: [try country.authority]).read(
                on: passport.card, access: TestPassport.access, at: now)
            #expect(reading.reasons.contains(.filesUnreadable))
        }
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
