import BorderReader
import Catalog
import DocumentWriter
import Foundation
import Ground
import LDS
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// EF.DG3 and EF.DG7 of the residence card: compared before the lock, open to inspection systems alone after it.
@Suite struct FingerTests {
    private let product = Specimen.Product.residence

    private func written(
        _ change: (inout ApprovedRecord) -> Void = { _ in }, authority: Bytes? = nil
    ) async throws -> (card: VirtualCard, document: PreparedDocument) {
        var record = Specimen.record(product)
        change(&record)
        let preparation = TravelDocumentPreparation(
            format: .td1, document: try product.chip.document, artwork: nil,
            signers: SignerRing(try Specimen.signer()),
            decode: { _ throws(SakkError) in Picture(width: 2, height: 3, rgb: Bytes(repeating: 0, count: 18)) },
            time: Specimen.Clock(), fingerAuthority: try authority ?? Specimen.fingerAuthority())
        let document = try await preparation.prepare(record, for: AttemptID("SPECIMEN-1"))
        let card = Specimen.card()
        try Specimen.personaliser(product).personalise(
            document.chip, on: try Specimen.identity(), channel: try VirtualChannel(card)
        ) { _ in }
        return (card, document)
    }

    private func report(
        _ card: VirtualCard, _ document: PreparedDocument, _ border: BorderInspection
    ) throws -> BorderReport {
        try border.report(on: try VirtualChannel(card), access: document.chip.access, at: Specimen.time)
    }

    private func reading(
        _ card: VirtualCard, _ document: PreparedDocument, _ border: BorderInspection
    ) throws -> BorderReading {
        let access = document.chip.access
        return try border.read(
            on: try VirtualChannel(card), documentNumber: access.documentNumber, dateOfBirth: access.dateOfBirth,
            dateOfExpiry: access.dateOfExpiry, at: Specimen.time)
    }

    @Test func `fingers go to the chip as they were enrolled, and only an inspection system reads them`() async throws {
        let (card, document) = try await written()
        let group = try #require(document.chip.files.first { $0.fileID == 0x0103 }).bytes
        for finger in Specimen.fingers() { #expect(group.firstRange(of: finger.record) != nil) }
        #expect(card.census().fileSHA256["0103"] == Digest.sha256(group).hex)

        // after PACE and Chip Authentication alone: 6982, which is no fault of the document
        let closed = try report(card, document, try Specimen.border())
        #expect(closed.passed && closed.fileHashes[0x0103] == nil, "\(closed.checks.filter { !$0.passed })")
        #expect(closed.checks.contains { $0.name == "dg3.closed" && $0.passed })
        #expect(!closed.checks.contains { $0.name == "dg3.read" || $0.name == "dg3.hash" })
        let seen = try reading(card, document, try Specimen.border())
        // what is issued here has no warning, and it is told what was not looked at
        #expect(seen.warnings == [] && seen.unread == [3])

        let open = try report(card, document, try Specimen.inspection())
        #expect(open.passed, "\(open.checks.filter { !$0.passed })")
        #expect(open.fileHashes[0x0103] == Digest.sha256(group))
        for name in ["ta", "dg3.closed", "dg3.read", "dg3.hash"] {
            #expect(open.checks.contains { $0.name == name && $0.passed }, "\(name)")
        }
        let inspected = try reading(card, document, try Specimen.inspection())
        #expect(inspected.warnings == [] && inspected.unread == [] && inspected.protocols.last == "TA")
    }

    @Test func `an inspection system of another authority reads no finger, and the line's document does not pass`()
        async throws
    {
        let key = try PrivateKey.fresh(curve: 12)
        let other = try CVCertificateBuilder(
            authority: "UTCVCA00009", holder: "UTCVCA00009", role: .authority, rights: 3,
            effective: CivilDate(iso8601: "2026-01-01")!, expires: CivilDate(iso8601: "2029-01-01")!
        ).certificate(for: key, algorithm: .ecdsa256, signer: key, signerAlgorithm: .ecdsa256)
        let (card, document) = try await written(authority: other)
        let report = try report(card, document, try Specimen.inspection())
        let failed = report.checks.filter { !$0.passed }.map(\.name)
        #expect(failed == ["ta", "dg3.read"] && report.fileHashes[0x0103] == nil)
    }

    @Test(arguments: [false, true], [false, true])
    func `a whole document whose fingers open to anybody does not pass, though everything else is right`(
        inspected: Bool, untilProved: Bool
    ) async throws {
        let (card, document) = try await written()
        card.set(behaviour: .fingersOpen(untilProved: untilProved))
        let border = inspected ? try Specimen.inspection() : try Specimen.border()
        let report = try report(card, document, border)
        #expect(!report.passed && report.checks.filter { !$0.passed }.map(\.name) == ["dg3.closed"])
        card.set(behaviour: .good)
        #expect(try self.report(card, document, border).passed)
    }

    @Test func `who has no fingers gets an empty group that no hash tells, each time another`() async throws {
        let first = try await written { $0.fingers = [] }
        let second = try await written { $0.fingers = [] }
        let groups = try [first, second].map { made in
            try #require(made.document.chip.files.first { $0.fileID == 0x0103 }).bytes
        }
        #expect(groups[0] != groups[1] && groups[0].count == groups[1].count)
        let report = try report(first.card, first.document, try Specimen.inspection())
        #expect(report.passed && report.fileHashes[0x0103] == Digest.sha256(groups[0]))
    }

    @Test func `the signature is in EF DG7 as it was approved, and the group is left out where there is none`()
        async throws
    {
        let (card, document) = try await written()
        let group = try #require(document.chip.files.first { $0.fileID == 0x0107 }).bytes
        #expect(group == TLV(0x67, [TLV(0x02, [1]), TLV(0x5F43, Specimen.portrait)]).encoded)
        #expect(try report(card, document, try Specimen.border()).fileHashes[0x0107] == Digest.sha256(group))
        let without = try await written { $0.signature = nil }
        let report = try report(without.card, without.document, try Specimen.border())
        #expect(report.passed && report.fileHashes[0x0107] == nil)
    }

    @Test func `a document with fingers is not prepared for nobody`() async throws {
        let preparation = TravelDocumentPreparation(
            format: .td1, document: try product.chip.document, artwork: nil,
            signers: SignerRing(try Specimen.signer()),
            decode: { _ throws(SakkError) in Picture(width: 2, height: 3, rgb: Bytes(repeating: 0, count: 18)) },
            time: Specimen.Clock())
        await #expect(throws: SakkError("chip.authority.missing", source: "", text: "", remedy: "")) {
            try await preparation.prepare(Specimen.record(product), for: AttemptID("SPECIMEN-1"))
        }
    }

    @Test(arguments: [
        ("  - { do: terminal_authority, resume: again }\n", "", "must give the chip {ta.authority}"),
        ("data_groups: [1, 2, 3, 7, 11]", "data_groups: [1, 2, 7, 11]", "must give the chip {ta.authority}"),
        (
            "  - { do: terminal_authority, resume: again }\n  - { do: files, resume: again }\n",
            "  - { do: files, resume: again }\n  - { do: terminal_authority, resume: again }\n",
            "before the files are written"
        ),
        (
            "  - { do: files, resume: again }\n  - { do: closed_files, resume: again }\n",
            "  - { do: closed_files, resume: again }\n  - { do: files, resume: again }\n",
            "must write the files before"
        ),
        (
            "  chip_authentication: { domain: bp256, cipher: aes128, key_id: 1, made: chip }\n", "",
            "with 3 need `chip_authentication`"
        ),
    ]) func `a profile that would leave fingers open is refused when it is read`(
        from: String, to: String, reason: String
    ) throws {
        let error = #expect(throws: SakkError.self) { try profile(from, to) }
        #expect(error?.text.contains(reason) == true, "\(error?.text ?? "")")
    }

    @Test func `a profile says whether fingers are compared before the lock`() throws {
        #expect(try product.chip.comparesFingers)
        #expect(try profile("  - { do: closed_files, resume: again }\n", "").comparesFingers == false)
    }

    private func profile(_ from: String, _ to: String) throws -> ChipSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fingers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = try String(contentsOfFile: product.profile.chipProfile, encoding: .utf8)
        try #require(text.contains(from))
        let file = folder.appending(path: "chip.yaml")
        let specs = Specimen.root.appending(path: "firmware-specs").path
        try text.replacing(from, with: to).replacing("../../firmware-specs", with: specs)
            .write(to: file, atomically: true, encoding: .utf8)
        return try ChipSettings(path: file.path)
    }
}
