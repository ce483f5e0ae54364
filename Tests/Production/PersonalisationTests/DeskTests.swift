import Foundation
import Ground
import PlantChip
import Records
import Seeds
import Stations
import Testing

/// `sakk chip personalise` at a real pcscd with the vpcd driver's two slots.
@Suite(.serialized, .enabled(if: PCSCWorld.port != nil, "run by scripts/pcsc-test in a world of its own"))
struct DeskTests {
    private static let root = FileManager.default.currentDirectoryPath

    private func sakk(_ arguments: [String]) throws -> (status: Int32, output: String, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: Self.root + "/.build/debug/sakk")
        process.arguments = arguments
        let (output, said) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = said
        try process.run()
        let first = output.fileHandleForReading.readDataToEndOfFile()
        let second = said.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: first, as: UTF8.self), String(decoding: second, as: UTF8.self)
        )
    }

    private func records(_ product: String, _ count: Int, in folder: URL) throws -> [(file: String, ApprovedRecord)] {
        let made = try BatchSeeder(seed: 5, folder: SeedFolder(path: Self.root + "/seeds")).makeRecords(
            product: product, count: count)
        return try made.enumerated().map { index, record in
            let file = folder.appending(path: "\(product)-\(index).json")
            try Data(RecordEncoder.encode(record)).write(to: file)
            return (file.path, record)
        }
    }

    @Test(arguments: ["iq-residence-card", "iq-passport-diplomatic"])
    func `two readers write two documents at once, and a border opens both`(product: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "desk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let records = try records(product, 2, in: folder)
        let port = try #require(PCSCWorld.port)
        let readers = ["Plant 00 00 00", "Plant 00 00 01"]
        let cards = [Specimen.card(serial: 0x71), Specimen.card(serial: 0x72)]
        let slots = [VPCDSlot(port: port), VPCDSlot(port: port + 1)]
        for (slot, card) in zip(slots, cards) { try slot.insert(card) }
        defer { for slot in slots { slot.remove() } }
        let isBooklet = product.contains("passport")
        let made = try sakk(
            ["chip", "personalise", "--product", product, "--json"]
                + readers.flatMap { ["--reader", $0] } + records.flatMap { ["--record", $0.file] }
                + (isBooklet ? ["--number", "B12345678"] : []))
        #expect(made.status == 0, "\(made.said)")
        let results = try made.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(results.map { $0["verdict"] as? String } == ["good", "good"])
        #expect(Set(results.compactMap { $0["reader"] as? String }) == Set(readers))
        #expect(Set(results.compactMap { $0["chip"] as? String }).count == 2)
        #expect(made.output.hasPrefix("{\"schema\":\"sakk.chip-personalise/1\""))

        for (index, result) in results.enumerated() {
            let record = records[index].1
            let number = isBooklet ? "B12345678" : record.documentNumber
            let read = try sakk(
                [
                    "chip", "read", "--reader", try #require(result["reader"] as? String), "--csca",
                    "seeds/test-pki/csca.pem",
                    "--mrz", "\(number),\(record.dateOfBirth.yymmdd),\(record.dateOfExpiry.yymmdd)", "--json",
                ] + (isBooklet ? [] : ["--terminal", "seeds/test-pki/inspection"]))
            #expect(read.status == 0, "\(read.output) \(read.said)")
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [String: Any])
            #expect(document["verdict"] as? String == "pass")
            #expect((document["warnings"] as? [String]) == [])
            #expect(
                (document["protocols"] as? [String]) == [
                    "PACE-ECDH-GM-aes128/12", "AA-ECDSA-sha256", "CA-ECDH-aes128",
                ] + (isBooklet ? [] : ["TA"]))
            // the desk read its own fingers back
            #expect(made.output.contains("dg3.read") == !isBooklet)
        }
        // a card with a document on it is not written again
        let again = try sakk(
            [
                "chip", "personalise", "--product", product, "--reader", readers[0], "--record", records[0].file,
            ] + (isBooklet ? ["--number", "B12345678"] : []))
        #expect(again.status != 0 && again.said.contains("chip.occupied"))
        #expect(cards.allSatisfy { $0.census().locked })
    }

    @Test func `keys that are not test keys are refused before a reader is looked for`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "real-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["ds.pem", "ds.key.pem", "csca.pem", "transport-master.hex"] {
            try Data(Specimen.file(name)).write(to: folder.appending(path: name))
        }
        let refused = try sakk([
            "chip", "personalise", "--reader", "No such reader", "--product", "iq-residence-card", "--record", "none",
            "--keys", folder.path,
        ])
        #expect(refused.status == 3 && refused.said.contains("keys.real") && !refused.said.contains("reader.missing"))
        // nor is the key of an inspection system that is not marked, beside marked ones
        try FileManager.default.createDirectory(
            at: folder.appending(path: "inspection"), withIntermediateDirectories: true)
        for name in ["SPECIMEN", "cvca.cvcert", "inspection/key.pem", "inspection/2-terminal.cvcert"] {
            try Data(Specimen.file(name)).write(to: folder.appending(path: name))
        }
        let inspected = try sakk([
            "chip", "personalise", "--reader", "No such reader", "--product", "iq-residence-card", "--record", "none",
            "--keys", folder.path,
        ])
        #expect(inspected.status == 3 && inspected.said.contains("keys.real"))
        #expect(!inspected.said.contains("reader.missing"))
    }

    @Test func `a chip that refuses is killed and said to be, and a record of another product is not begun`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "desk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try records("iq-national-id", 1, in: folder)[0].file
        let card = Specimen.card(serial: 0x73)
        card.set(behaviour: .failsAt(apdu: 30, .status(0x6F00)))
        let slot = VPCDSlot(port: try #require(PCSCWorld.port))
        try slot.insert(card)
        defer { slot.remove() }
        let common = ["chip", "personalise", "--reader", "Plant 00 00 00", "--record", file, "--json"]
        let other = try sakk(common + ["--product", "iq-residence-card"])
        #expect(other.status != 0 && other.said.contains("record.product"))
        card.set(behaviour: .failsAt(apdu: 30, .status(0x6F00)))
        let refused = try sakk(common + ["--product", "iq-national-id"])
        #expect(refused.status == 4, "\(refused.said)")
        #expect(
            refused.output.contains("\"chip_death\":\"confirmed\"")
                && refused.output.contains("\"code\":\"chip.refused\""))
        #expect(card.census().cardState == "CARD_LOCKED" && !card.census().instanceInstalled)
    }
}
