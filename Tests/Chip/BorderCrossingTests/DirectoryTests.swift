import BorderReader
import DocumentWriter
import Foundation
import Ground
import LDS
import OpenSSLCrypto
import Testing

/// What a border is given to trust, in the forms in which countries and their directory hand it out.
@Suite(.serialized) struct DirectoryTests {
    private let now = SystemTime().wall()

    private func export(_ entries: [(String, Bytes)]) -> Data {
        var text = "# an export of a directory\nversion: 1\n"
        for (index, entry) in entries.enumerated() {
            text += "\ndn: cn=\(index),dc=data,dc=download,dc=pkd,dc=example\nobjectClass: top\n"
            let value = Data(entry.1).base64EncodedString()
            var line = "\(entry.0):: \(value)"
            while line.count > 76 {
                text += line.prefix(76) + "\n"
                line = " " + line.dropFirst(76)
            }
            text += line + "\n"
        }
        return Data(text.utf8)
    }

    /// EF.SOD without the signer's certificate, by openssl.
    private func bare(_ files: [UInt16: Bytes], _ country: TestCountry) throws -> Bytes {
        let groups = files.filter { (0x0101...0x0110).contains($0.key) }
        let content = LDSSecurityObject(
            hashes: Dictionary(uniqueKeysWithValues: groups.map { (Int($0.key & 0xFF), Digest.sha256($0.value)) }))
        try Data(content.encoded).write(to: country.folder.appending(path: "content"))
        try country.openssl([
            "cms", "-sign", "-in", "content", "-binary", "-nodetach", "-econtent_type", "2.23.136.1.1.1", "-nocerts",
            "-signer", "good.pem", "-inkey", "good.key", "-nosmimecap", "-outform", "DER", "-out", "sod.der",
        ])
        return TLV(0x77, try country.read("sod.der")).encoded
    }

    @Test func `A security object that leaves its signer to the directory is verified with what the directory exports`()
        throws
    {
        let country = try TestCountry()
        defer { country.remove() }
        let (signer, other) = (try country.signer("good"), try country.signer("other"))
        var files = try TestPassport(TestPassport.Plan(), signer: signer, at: now).files
        files[0x011D] = try bare(files, country)
        let folder = country.folder.appending(path: "trust")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(try country.authority.der).write(to: folder.appending(path: "country"))
        func reading() throws -> BorderReading {
            let trust = try TrustStore(folder: folder.path(), at: now)
            return BorderInspection(trust: trust).judge(files: files, information: nil, at: now)
        }
        let unknown = try reading()
        #expect(unknown.reasons.contains(.signerMissing) && unknown[check: "sod.signature"]?.passed == false)

        let directory = folder.appending(path: "001.ldif")
        try export([("userCertificate;binary", other.certificate.der)]).write(to: directory)
        #expect(try reading().reasons.contains(.signerMissing))
        try export([
            ("userCertificate;binary", other.certificate.der), ("userCertificate;binary", signer.certificate.der),
        ]).write(to: directory)
        let known = try reading()
        #expect(known.checks.filter { !$0.passed }.map(\.name) == [])
        #expect(known.warnings == ["EF.SOD: the signer's certificate is not inside"])

        // the list of those that are revoked comes the same way
        let list = try country.revocationList(of: ["good"])
        #expect(list.count == 1)
        try country.openssl(["crl", "-in", "country.crl", "-outform", "DER", "-out", "country.bin"])
        try export([
            ("userCertificate;binary", signer.certificate.der),
            ("certificateRevocationList;binary", try country.read("country.bin")),
        ]).write(to: directory)
        #expect(try reading().reasons.contains(.signerRevoked))
    }

    @Test func `A directory's signers are known and not trusted`() throws {
        let (country, stranger) = (try TestCountry(), try TestCountry())
        defer {
            country.remove()
            stranger.remove()
        }
        let signer = try stranger.signer("good")
        let files = try TestPassport(TestPassport.Plan(), signer: signer, at: now).files
        let folder = country.folder.appending(path: "trust")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(try country.read("csca.pem")).write(to: folder.appending(path: "csca.txt"))
        try export([("userCertificate;binary", signer.certificate.der)]).write(to: folder.appending(path: "a.ldif"))
        let trust = try TrustStore(folder: folder.path(), at: now)
        #expect(trust.authorities.count == 1 && trust.signers.count == 1)
        let reading = BorderInspection(trust: trust).judge(files: files, information: nil, at: now)
        #expect(reading.reasons.contains(.authorityUnknown))
    }

    @Test func `A signer that lies among the trusted ones is still judged by its authority`() throws {
        let country = try TestCountry()
        defer { country.remove() }
        let signer = try country.signer("good")
        let files = try TestPassport(TestPassport.Plan(), signer: signer, at: now).files
        let list = try country.revocationList(of: ["good"])
        let trust = TrustStore(authorities: [signer.certificate, try country.authority], revocationLists: [list])
        let reading = BorderInspection(trust: trust).judge(files: files, information: nil, at: now)
        #expect(reading.reasons.contains(.signerRevoked))
    }

    @Test func `What a folder holds is known by what is in it, and a bundle has many`() throws {
        let countries = [try TestCountry(), try TestCountry(), try TestCountry()]
        defer { for country in countries { country.remove() } }
        let folder = countries[0].folder.appending(path: "trust")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let bundle = try countries.flatMap { Bytes("Subject: somebody\n".utf8) + (try $0.read("csca.pem")) }
        try Data(bundle).write(to: folder.appending(path: "bundle.txt"))
        _ = try countries[1].signer("good")
        _ = try countries[1].revocationList(of: ["good"])
        try Data(try countries[1].read("country.crl")).write(to: folder.appending(path: "revoked"))
        try Data("a note".utf8).write(to: folder.appending(path: "README"))
        let trust = try TrustStore(folder: folder.path(), at: now)
        #expect(trust.authorities.count == 3 && trust.revocationLists.count == 1)
        #expect(trust.warnings == ["README: not a file of a trust folder"])
        #expect(throws: SakkError.self) {
            try TrustStore(paths: [folder.appending(path: "README").path()], at: now)
        }
    }

    @Test("A reader that is given no folder trusts nobody, and reads all the same")
    func nobody() throws {
        let trust = try TrustStore(paths: [], at: now)
        #expect(trust.authorities.isEmpty && trust.signers.isEmpty)
    }
}
