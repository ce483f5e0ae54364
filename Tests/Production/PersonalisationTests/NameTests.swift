import Foundation
import Ground
import LDS
import Personalisation
import Stations
import Testing

/// Names from the record to the zone and the chip, by the examples of Doc 9303-4, -5 and -6 (`icao-mrz.json`).
@Suite struct NameTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let id: String
        let primary: String
        let secondary: String
        let length: Int
        let field: String
        let truncated: Bool
        var testDescription: String { id }

        var format: MachineReadableZone.Format { length == 30 ? .td1 : length == 31 ? .td2 : .td3 }

        /// Given, father's and grandfather's name for the secondary components; one name alone for a primary identifier alone.
        var names: ApprovedRecord.Names {
            let parts = secondary.split(separator: " ").map(String.init)
            func part(_ index: Int) -> String { index < parts.count ? parts[index] : "" }
            return ApprovedRecord.Names(
                given: parts.isEmpty ? primary : part(0), father: part(1), grandfather: part(2),
                surname: parts.isEmpty ? "" : primary, motherGiven: "HANA", motherFather: "OMAR")
        }
    }

    static let examples: [Example] = {
        let url = Specimen.root.appending(path: "Tests/Chip/LDSTests/Vectors/icao-mrz.json")
        guard let data = try? Data(contentsOf: url),
            let file = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let entries = file["entries"] as? [[String: Any]]
        else { return [] }
        return entries.filter { $0["kind"] as? String == "mrz_name" }.compactMap { entry in
            guard let inputs = entry["inputs"] as? [String: Any], let expected = entry["expected"] as? [String: Any],
                let id = entry["id"] as? String, let primary = inputs["primary"] as? String,
                let secondary = inputs["secondary"] as? String, let length = inputs["length"] as? Int,
                let field = expected["field"] as? String, let truncated = expected["truncated"] as? Bool
            else { return nil }
            return Example(
                id: id, primary: primary, secondary: secondary, length: length, field: field, truncated: truncated)
        }
    }()

    private func record(_ names: ApprovedRecord.Names, _ product: Specimen.Product = .passport) -> ApprovedRecord {
        var record = Specimen.record(product)
        record.names = .init(arabic: names, sorani: names, latin: names)
        return record
    }

    private func field(_ example: Example) throws -> String {
        var record = record(example.names)
        // seven characters of optional data have no room for it
        if example.format == .td2 { record.nationalNumber = "" }
        let lines = try TravelDocumentPreparation.mrz(of: record, format: example.format)
        return example.format == .td1 ? lines[2] : String(lines[0].dropFirst(5))
    }

    @Test func `Examples of all three formats are there, whole and truncated`() {
        #expect(Set(Self.examples.map(\.length)) == [30, 31, 39])
        #expect(Self.examples.filter(\.truncated).count >= 10)
        #expect(Self.examples.filter { !$0.truncated }.count == 21)
    }

    @Test(arguments: examples.filter { !$0.truncated })
    func `A record's names stand in the zone as published`(example: Example) throws {
        #expect(try field(example) == example.field)
    }

    /// Doc 9303-4, 4.2.3 leaves the way to the issuer, but not this: components begin as the name's do and keep their order, the
    /// two fillers stand between the identifiers, and a letter in the last place says that something is missing.
    @Test(arguments: examples.filter(\.truncated))
    func `Names that are too long are truncated as the standard allows`(example: Example) throws {
        for written in [try field(example), example.field] {
            #expect(written.count == example.length)
            #expect(written.last?.isLetter == true)
            let halves = written.components(separatedBy: "<<")
            try #require(halves.count == 2)
            for (half, name) in [(halves[0], example.primary), (halves[1], example.secondary)] {
                let components = name.split(separator: " ")
                let kept = half.split(separator: "<")
                #expect(!kept.isEmpty && kept.count <= components.count)
                for (short, whole) in zip(kept, components) { #expect(whole.hasPrefix(short)) }
            }
        }
    }

    @Test func `Without a surname the zone, EF.DG1 and EF.DG11 name the grandfather first, and only once`() async throws
    {
        let names = ApprovedRecord.Names(
            given: "SALMA", father: "KARIM", grandfather: "JALAL", surname: "", motherGiven: "HANA",
            motherFather: "OMAR")
        let prepared = try await Specimen.preparation(.passport).prepare(record(names), for: AttemptID("NAMES-1"))
        #expect(prepared.mrz[0] == "P<UTOJALAL<<SALMA<KARIM<<<<<<<<<<<<<<<<<<<<<")
        let first = try #require(prepared.chip.files.first { $0.fileID == 0x0101 })
        #expect(TLV.parse(first.bytes)?.first(0x5F1F)?.value == Bytes(prepared.mrz.joined().utf8))
        let eleventh = try #require(prepared.chip.files.first { $0.fileID == 0x010B })
        #expect(TLV.parse(eleventh.bytes)?.first(0x5F0E)?.value == Bytes("JALAL<<SALMA<KARIM".utf8))
    }

    @Test func `With a surname EF.DG11 has the names of the zone`() async throws {
        let names = ApprovedRecord.Names(
            given: "HUDA", father: "MUHAMMAD", grandfather: "JAWAD", surname: "AL-BASRI", motherGiven: "HANA",
            motherFather: "OMAR")
        let prepared = try await Specimen.preparation(.passport).prepare(record(names), for: AttemptID("NAMES-2"))
        #expect(prepared.mrz[0].hasPrefix("P<UTOAL<BASRI<<HUDA<MUHAMMAD<JAWAD<<"))
        let eleventh = try #require(prepared.chip.files.first { $0.fileID == 0x010B })
        #expect(TLV.parse(eleventh.bytes)?.first(0x5F0E)?.value == Bytes("AL-BASRI<<HUDA<MUHAMMAD<JAWAD".utf8))
    }
}
