import DocumentWriter
import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// DG12, DG13, DG14 and DG16 against published files, and EF.SOD before the judge `openssl`.
@Suite struct GroupVectorTests {
    private func file(_ id: String, _ part: String) throws -> Bytes {
        let url = try #require(
            Bundle.module.url(forResource: "icao-lds", withExtension: "json", subdirectory: "Vectors"))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let entries = try #require(root["entries"] as? [[String: Any]])
        let entry = try #require(entries.first { $0["id"] as? String == id })
        let digits = try #require((entry[part] as? [String: Any])?["file"] as? String)
        return try #require(Bytes(hex: digits))
    }

    private func day(_ text: String) -> CivilDate { CivilDate(iso8601: text)! }

    @Test func `EF.DG16 is the published example`() throws {
        let group = DataGroup16(persons: [
            PersonToNotify(
                recorded: day("2002-01-01"), name: "SMITH<<CHARLES<R", telephone: "19525551212",
                address: ["123 MAPLE RD", "ANYTOWN", "MN", "55100"]),
            PersonToNotify(
                recorded: day("2002-03-15"), name: "BROWN<<MARY<J", telephone: "14155551212",
                address: ["49 REDWOOD LN", "OCEAN BREEZE", "CA", "94000"]),
        ])
        #expect(group.encoded == (try file("dg16-worked-example", "expected")))
    }

    @Test func `EF.DG13 is the published example`() throws {
        let group = try #require(FreeGroup(number: 13, content: Bytes(hex: "01234567890123456789")!))
        #expect(group.encoded == (try file("dg13-free-content", "expected")))
        #expect(FreeGroup(number: 2, content: []) == nil)
    }

    @Test func `EF.DG12 lists its objects before them`() throws {
        var details = DocumentDetails()
        details.issuingAuthority = "UTOPIA"
        details.dateOfIssue = day("2026-06-01")
        details.otherPersons = ["ERIKSSON<<TINA", "ERIKSSON<<TOM"]
        details.personalisationSystem = "LINE 1"
        let expected =
            "6C4D5C085F195F265F1A5F565F190655544F5049415F260832303236303630 31"
            + "A02402010 25F1A0E4552494B53534F4E3C3C54494E415F1A0D4552494B53534F4E3C3C544F4D5F56064C494E452031"
        #expect(DataGroup12(details: details).encoded.hex == expected.replacing(" ", with: ""))
    }

    @Test func `EF.CardAccess is the published one`() throws {
        var infos = SecurityInfoSet()
        try infos.addPACE(.generic, .ecdh, .aes128, parameter: 13)
        #expect(infos.encoded == (try file("cardaccess-gm", "inputs")))
        try infos.addPACE(.chipAuthentication, .ecdh, .aes128, parameter: 13)
        #expect(infos.encoded == (try file("cardaccess-gm-and-cam", "inputs")))
    }

    @Test(arguments: [
        (SecurityInfoSet.Mapping.chipAuthentication, SecurityInfoSet.Agreement.dh, SecurityInfoSet.Cipher.aes128, 2),
        (.chipAuthentication, .ecdh, .tripleDES, 13), (.integrated, .ecdh, .aes128, 10), (.generic, .ecdh, .aes128, 5),
        (.generic, .dh, .aes128, 13),
    ]) func `Variants of PACE that do not exist are refused`(
        mapping: SecurityInfoSet.Mapping, agreement: SecurityInfoSet.Agreement, cipher: SecurityInfoSet.Cipher,
        parameter: Int
    ) {
        var infos = SecurityInfoSet()
        #expect(throws: SakkError("lds.security_info.impossible", source: "", text: "", remedy: "")) {
            try infos.addPACE(mapping, agreement, cipher, parameter: parameter)
        }
    }

    private static let seeds = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../seeds/test-pki")

    private func seed(_ name: String) throws -> Bytes { Bytes(try Data(contentsOf: Self.seeds.appending(path: name))) }

    private func openssl(_ arguments: [String], in folder: URL) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test(arguments: [false, true], [Digest.sha256, .sha384, .sha512])
    func `openssl takes EF.SOD of both versions for what it is, and a flipped bit for what it is`(
        newer: Bool, digest: Digest
    ) throws {
        let signer = DocumentSigner(
            certificate: try X509Certificate(pem: seed("ds.pem")), key: try PrivateKey(pem: seed("ds.key.pem")))
        let version: LDSSecurityObject.Version =
            newer ? .v1(ldsVersion: "0108", unicodeVersion: "040000") : .v0
        let object = LDSSecurityObject(
            hashes: [1: digest.of([1]), 2: digest.of([2]), 14: digest.of([14])], digest: digest, version: version)
        let time = try #require(WallTime(iso8601: "2026-06-01T12:00:00Z"))
        let file = try SecurityObject(over: object, signer: signer, at: time).encoded
        let cms = try #require(TLV.parse(file)).value
        let folder = FileManager.default.temporaryDirectory.appending(path: "sod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(cms).write(to: folder.appending(path: "sod.der"))
        let verify = [
            "cms", "-verify", "-inform", "DER", "-in", "sod.der", "-CAfile",
            Self.seeds.appending(path: "csca.pem").path(), "-purpose", "any", "-out", "content", "-binary",
        ]
        let judged = try openssl(verify, in: folder)
        #expect(judged.status == 0, "\(judged.text)")
        #expect(Bytes(try Data(contentsOf: folder.appending(path: "content"))) == object.encoded)
        let printed = try openssl(["cms", "-cmsout", "-print", "-inform", "DER", "-in", "sod.der"], in: folder)
        #expect(printed.text.contains("eContentType: undefined (2.23.136.1.1.1)"))
        #expect(printed.text.contains("signingTime") && printed.text.contains("version: 3"))
        var broken = cms
        let place = try #require(cms.firstRange(of: digest.of([2]))?.lowerBound)
        broken[place] ^= 1
        try Data(broken).write(to: folder.appending(path: "sod.der"))
        #expect(try openssl(verify, in: folder).status != 0)
    }
}
