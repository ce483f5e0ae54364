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

    /// ASN.1 of 9303-10 4.6.2.3 written out by hand, then longer ones against the writer of `Ground`.
    @Test func `The LDS security object is the sequence that the standard shows`() {
        let hashes: [Int: Bytes] = [2: [0xBB], 1: [0xAA]]
        let algorithm = "300B0609608648016503040201"
        let groups = "3010" + "30060201010401AA" + "30060201020401BB"
        #expect(LDSSecurityObject(hashes: hashes).encoded.hex == "3022020100" + algorithm + groups)
        let newer = LDSSecurityObject(hashes: hashes, version: .v1(ldsVersion: "0108", unicodeVersion: "040000"))
        #expect(newer.encoded.hex == "3032020101" + algorithm + groups + "300E1304303130381306303430303030")
    }

    @Test(arguments: [Digest.sha1, .sha224, .sha256, .sha384, .sha512])
    func `A security object of all sixteen groups has the lengths that it should`(digest: Digest) throws {
        let hashes = Dictionary(uniqueKeysWithValues: (1...16).map { ($0, digest.of([UInt8($0)])) })
        let encoded = LDSSecurityObject(hashes: hashes, digest: digest).encoded
        let object = try #require(TLV.parse(encoded)?.children)
        let groups = (1...16).map { TLV(0x30, [TLV(0x02, [UInt8($0)]), TLV(0x04, digest.of([UInt8($0)]))]) }
        #expect(object.map(\.tag) == [0x02, 0x30, 0x30])
        #expect(object[2] == TLV(0x30, groups))
        #expect(TLV(0x30, object).encoded == encoded)
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
            // openssl's chains take no explicit curve parameters, which 9303-12 asks for: the signer's own certificate is
            // judged by itself below
            "cms", "-verify", "-inform", "DER", "-in", "sod.der", "-noverify", "-out", "content", "-binary",
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

    @Test
    func `openssl finds the signer's certificate signed by its country, with the extensions of 9303-12 and no others`()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "signer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let signer = Self.seeds.appending(path: "ds.pem").path()
        let parsed = try openssl(["asn1parse", "-in", signer], in: folder).text.split(separator: "\n")
        // the second sequence is the signed part, the last bit string its signature
        let body = try #require(parsed.dropFirst().first?.split(separator: ":").first).filter(\.isNumber)
        let signature = try #require(parsed.last?.split(separator: ":").first).filter(\.isNumber)
        for (place, name) in [(body, "body"), (signature, "signature")] {
            #expect(
                try openssl(["asn1parse", "-in", signer, "-strparse", place, "-noout", "-out", name], in: folder).status
                    == 0)
        }
        let authority = Self.seeds.appending(path: "csca.pem").path()
        #expect(
            try openssl(["x509", "-in", authority, "-noout", "-pubkey", "-out", "authority.pub"], in: folder).status
                == 0)
        let verify = ["dgst", "-sha256", "-verify", "authority.pub", "-signature", "signature", "body"]
        let verified = try openssl(verify, in: folder)
        #expect(verified.status == 0 && verified.text.contains("Verified OK"), "\(verified.text)")

        let text = try openssl(["x509", "-in", signer, "-noout", "-text"], in: folder).text
        let extensions = try #require(text.components(separatedBy: "X509v3 extensions:").last)
        let names = extensions.components(separatedBy: "\n").filter {
            $0.hasPrefix("            ") && !$0.hasPrefix("             ")
        }
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasSuffix(":") || $0.hasSuffix("critical") }
        #expect(
            names == [
                "X509v3 Key Usage: critical", "X509v3 Subject Key Identifier:", "X509v3 Authority Key Identifier:",
                "X509v3 Private Key Usage Period:", "2.23.136.1.1.6.2:", "X509v3 Subject Alternative Name:",
                "X509v3 Issuer Alternative Name:", "X509v3 CRL Distribution Points:",
            ])
        #expect(text.contains("Field Type: prime-field") && text.contains("Prime:") && !text.contains("ASN1 OID"))
    }
}
