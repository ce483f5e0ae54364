import BorderReader
import Catalog
import Foundation
import Ground
import Personalisation
import PlantChip
import Stations
import Testing

/// PACE with the chip authentication mapping (9303-11 clause 4.4.3.5): the chip's own key proves itself while the chip opens, and a
/// signed EF.CardSecurity in the master file says which key that is.
@Suite struct ChipMappingTests {
    /// The passport's profile with this mapping, on the curve of its Chip Authentication key.
    private func profile(_ pace: String, keyID: Int = 13) throws -> ChipSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mapping-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var text = try String(contentsOfFile: Specimen.Product.passport.profile.chipProfile, encoding: .utf8)
        let specs = Specimen.root.appending(path: "firmware-specs").path
        for (from, to) in [
            ("pace: { mapping: generic, cipher: aes128, domain: p256 }", "pace: { \(pace) }"),
            ("../../firmware-specs", specs), ("key_id: 1,", "key_id: \(keyID),"),
        ] {
            try #require(text.contains(from))
            text = text.replacing(from, with: to)
        }
        let file = folder.appending(path: "chip.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try ChipSettings(path: file.path)
    }

    @Test(arguments: ["aes128", "aes256"])
    func `a passport whose own key maps is written, and its signed key explains that`(cipher: String) async throws {
        let settings = try profile("mapping: chip, cipher: \(cipher), domain: bp256")
        let document = try await Specimen.preparation(.passport, document: settings.document).prepare(
            Specimen.record(.passport), for: AttemptID("SPECIMEN-1"))
        let card = Specimen.card()
        var steps: [String] = []
        try ChipPersonaliser(profile: settings, keys: try Specimen.keys()).personalise(
            document.chip, on: try Specimen.identity(), channel: try VirtualChannel(card)
        ) { steps.append($0) }
        #expect(Array(steps.suffix(5)) == ["file.011D", "file.011D", "file.011C", "access", "lock"])
        let zone = document.chip.access
        let access = DocumentAccess.mrz(
            documentNumber: zone.documentNumber, dateOfBirth: zone.dateOfBirth, dateOfExpiry: zone.dateOfExpiry)
        let reading = try Specimen.border().read(on: try VirtualChannel(card), access: access, at: Specimen.time)
        #expect(reading.checks.filter { !$0.passed } == [] && reading.warnings == [])
        for name in ["pace", "cam", "card.security", "card.access", "ca", "aa"] {
            #expect(reading[check: name]?.passed == true, "\(name)")
        }
        #expect(reading.protocols.first == "PACE-ECDH-CAM-\(cipher)/13")
    }

    @Test(arguments: [("aes128", "p256", 12), ("3des", "bp256", 13), ("aes128", "bp256", 1)])
    func `a mapping that the chip's key cannot do is refused when the profile is read`(
        cipher: String, domain: String, keyID: Int
    ) throws {
        #expect {
            try profile("mapping: chip, cipher: \(cipher), domain: \(domain)", keyID: keyID)
        } throws: {
            ($0 as? SakkError)?.text.contains("the curve's number as key_id") == true
        }
    }
}
