import BorderReader
import Catalog
import DocumentWriter
import Foundation
import Ground
import LDS
import OpenSSLCrypto
import Personalisation
import Stations
import Testing

/// Signers take turns by date and by count, and none signs outside its period.
@Suite struct SignerRingTests {
    /// Made by openssl: a certificate with this usage period and these document types.
    private static func signer(
        _ name: String, _ usage: (String, String), country: String = "UT", types: [String] = ["P", "ID"],
        days: Int = 20_000
    ) throws -> DocumentSigner {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ring-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let list = types.map { "t\($0) = PRINTABLESTRING:\($0)" }.joined(separator: "\n")
        try """
        [req]
        distinguished_name = none
        prompt = no
        [none]
        [signer]
        keyUsage = critical, digitalSignature
        2.5.29.16 = ASN1:SEQUENCE:usage
        2.23.136.1.1.6.2 = ASN1:SEQUENCE:types
        [usage]
        notBefore = IMPLICIT:0, GENERALIZEDTIME:\(usage.0)
        notAfter = IMPLICIT:1, GENERALIZEDTIME:\(usage.1)
        [types]
        version = INTEGER:0
        types = SET:list
        [list]
        \(list)
        """.write(to: folder.appending(path: "cnf"), atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-config", "cnf", "-extensions", "signer", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key", "-out", "pem", "-subj", "/C=\(country)/CN=\(name)",
            "-days", String(days),
        ]
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        func read(_ name: String) throws -> Bytes { Bytes(try Data(contentsOf: folder.appending(path: name))) }
        return DocumentSigner(
            certificate: try X509Certificate(pem: read("pem")), key: try PrivateKey(pem: read("key")))
    }

    private func at(_ text: String) throws -> WallTime { try #require(WallTime(iso8601: text)) }

    private func name(_ signer: DocumentSigner) -> String { Digest.sha256(signer.certificate.der).hex }

    @Test func `a signer takes over when the one before has signed as often as it may, over restarts too`() throws {
        let first = try Self.signer("first", ("20260101000000Z", "20600101000000Z"))
        let second = try Self.signer("second", ("20260101000000Z", "20600101000000Z"))
        let now = SystemTime().wall()
        // the books say that the first signed seven of ten
        let ring = SignerRing([
            SignerRing.Member(first, attemptsMax: 10, used: 7), SignerRing.Member(second, attemptsMax: 2),
        ])
        var taken: [String] = []
        for _ in 1...5 {
            let turn = try ring.take(at: now, documentCode: "P", state: "UTO")
            taken.append(turn.name)
        }
        #expect(taken == [first, first, first, second, second].map(name))
        #expect(ring.standing(at: now).map(\.used) == [10, 2])
        #expect {
            try ring.take(at: now, documentCode: "P", state: "UTO")
        } throws: { error in
            guard let error = error as? SakkError else { return false }
            return error.code == "keys.signer.none" && error.outcome == .notDone
                && error.text.contains("it signed 10 attempts of 10")
                && error.text.contains("it signed 2 attempts of 2")
        }
    }

    @Test func `a signer takes over by date, and none signs before or after its period`() throws {
        let year = 1970 + Int(SystemTime().wall().microseconds / 31_556_952_000_000)
        let first = try Self.signer("first", ("\(year - 2)0101000000Z", "\(year - 1)0101000000Z"))
        let second = try Self.signer("second", ("\(year - 1)0101000000Z", "\(year + 2)0101000000Z"))
        let third = try Self.signer("third", ("\(year + 2)0101000000Z", "\(year + 9)0101000000Z"))
        let ring = SignerRing([first, second, third].map { SignerRing.Member($0) })
        // not before their certificates, which begin at the second in which they are made
        let now = SystemTime().wall()
        #expect(try ring.take(at: now, documentCode: "P", state: "UTO").name == name(second))
        let later = try at("\(year + 3)-06-01T00:00:00Z")
        #expect(try ring.take(at: later, documentCode: "P", state: "UTO").name == name(third))
        let reasons = ring.standing(at: now).map(\.refusal)
        #expect(reasons[0] == "its usage period ended \(year - 1)-01-01" && reasons[1] == nil)
        #expect(reasons[2] == "its usage period begins \(year + 2)-01-01")
        let tooLate = try at("\(year + 12)-06-01T00:00:00Z")
        #expect(throws: SakkError("keys.signer.none", source: "", text: "", remedy: "")) {
            try ring.take(at: tooLate, documentCode: "P", state: "UTO")
        }
    }

    @Test func `a signer for other documents, or of another country, is passed over`() throws {
        let cards = try Self.signer("cards", ("20200101000000Z", "20600101000000Z"), types: ["ID"])
        let abroad = try Self.signer("abroad", ("20200101000000Z", "20600101000000Z"), country: "IQ")
        let own = try Self.signer("own", ("20200101000000Z", "20600101000000Z"))
        let ring = SignerRing([cards, abroad, own].map { SignerRing.Member($0) })
        let now = SystemTime().wall()
        #expect(try ring.take(at: now, documentCode: "P", state: "UTO").name == name(own))
        #expect(try ring.take(at: now, documentCode: "ID", state: "UTO").name == name(cards))
        #expect(try ring.take(at: now, documentCode: "P", state: "IRQ").name == name(abroad))
    }

    @Test func `a signer whose certificate ends before the document does is passed over`() throws {
        let short = try Self.signer("short", ("20260101000000Z", "20600101000000Z"), days: 1000)
        let long = try Self.signer("long", ("20260101000000Z", "20600101000000Z"))
        let now = SystemTime().wall()
        let year = 1970 + Int(now.microseconds / 31_556_952_000_000)
        let expires = try #require(CivilDate(year: year + 10, month: 1, day: 31))
        let ring = SignerRing([short, long].map { SignerRing.Member($0) })
        #expect(try ring.take(at: now, documentCode: "P", state: "UTO", expires: expires).name == name(long))
        let soon = try #require(CivilDate(year: year + 1, month: 1, day: 31))
        #expect(try ring.take(at: now, documentCode: "P", state: "UTO", expires: soon).name == name(short))
        let alone = SignerRing(short)
        #expect {
            try alone.take(at: now, documentCode: "P", state: "UTO", expires: expires)
        } throws: {
            ($0 as? SakkError)?.text.contains("before the document does") == true
        }
    }

    @Test func `each attempt says who signed it`() async throws {
        let signer = try Specimen.signer()
        let job = try await Specimen.document().chip
        #expect(job.signer == name(signer))
    }

    @Test func `a document outside every signer's period is not begun`() async throws {
        let old = try Self.signer("old", ("20200101000000Z", "20210101000000Z"))
        let preparation = try Specimen.preparation(signers: SignerRing(old))
        await #expect(throws: SakkError("keys.signer.none", source: "", text: "", remedy: "")) {
            try await preparation.prepare(Specimen.record(), for: AttemptID("A-1"))
        }
    }

    @Test func `a signer that another controller used up is passed over when the attempt comes again`() async throws {
        let first = try Self.signer("first", ("20260101000000Z", "20600101000000Z"))
        let second = try Self.signer("second", ("20260101000000Z", "20600101000000Z"))
        let ring = SignerRing([SignerRing.Member(first, attemptsMax: 10), SignerRing.Member(second)])
        let names = (name(first), name(second))
        #expect(ring.limits == [names.0: 10])
        let preparation = TravelDocumentPreparation(
            format: .td1, document: try Specimen.Product.nationalID.chip.document, artwork: nil, signers: ring,
            // what the books count: others took nine, this process one
            signed: { () throws(SakkError) in [names.0: 10] },
            decode: { _ in Picture(width: 1, height: 1, rgb: [0, 0, 0]) }, time: SystemTime())
        let attempt = AttemptID("SPECIMEN-1")
        let lost = try await preparation.prepare(Specimen.record(), for: attempt)
        #expect(lost.chip.signer == names.0)
        // the books refused it: the same attempt is prepared again
        let again = try await preparation.prepare(Specimen.record(), for: attempt)
        #expect(again.chip.signer == names.1)
    }

    @Test func `a signer's certificate is compared with the profile before anything is signed with it`() throws {
        let ours = try X509Certificate(pem: Specimen.file("ds.pem"))
        #expect(SignerProfile.deviations(of: ours.der) == [])
        let plain = try Self.signer("plain", ("20260101000000Z", "20600101000000Z"))
        let found = SignerProfile.deviations(of: plain.certificate.der)
        for text in [
            "curve by name instead of explicit parameters", "no alternative name of the subject",
            "no alternative name of the issuer", "no place of the revocation list",
        ] {
            #expect(found.contains(text), "\(text)")
        }
        let authority = try X509Certificate(pem: Specimen.file("csca.pem"))
        #expect(SignerProfile.deviations(of: authority.der).contains("basic constraints in a signer's certificate"))
        #expect(SignerProfile.deviations(of: [0x30, 0x00]) == ["not a certificate that can be read"])
    }
}
