import Foundation
import Ground
import LDS
import Testing

/// The tables of Doc 9303-3 clause 6 (`Vectors/icao-mrz.json`).
@Suite struct TransliterationTests {
    private func entries(_ kind: String) throws -> [[String: Any]] {
        let url = try #require(
            Bundle.module.url(forResource: "icao-mrz", withExtension: "json", subdirectory: "Vectors"))
        let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        return try #require(file["entries"] as? [[String: Any]]).filter { $0["kind"] as? String == kind }
    }

    @Test func `Every letter of the published Arabic table has its sequence`() throws {
        let expected = try #require(try entries("arabic_table").first?["expected"] as? [String: Any])
        let table = try #require(expected["table"] as? [String: String])
        #expect(table.count == 82)
        for (code, sequence) in table where sequence != "XTA/XAH" && sequence != "[DOUBLE]" {
            let scalar = try #require(UInt32(code, radix: 16).flatMap(Unicode.Scalar.init))
            #expect(Transliteration.arabicSequence(of: scalar) == sequence, "\(code)")
        }
        let missing = try #require(expected["notInTable"] as? [String: [String]])
        for code in missing["Sorani"] ?? [] {
            let scalar = try #require(UInt32(code, radix: 16).flatMap(Unicode.Scalar.init))
            #expect(Transliteration.arabicSequence(of: scalar) == nil)
            #expect(Transliteration.soraniTable[scalar] != nil)
        }
    }

    @Test func `Published Arabic names are written as the table says`() throws {
        let names = try entries("arabic_name").filter { $0["verified"] as? Bool == true }
        #expect(names.count == 8)
        for entry in names {
            let arabic = try #require((entry["inputs"] as? [String: Any])?["arabic"] as? String)
            let expected = try #require((entry["expected"] as? [String: Any])?["mrz"] as? String)
            #expect(try Transliteration.arabic(arabic) == expected, "\(entry["id"] ?? "")")
        }
    }

    @Test(arguments: [
        ("Müller-Lüdenscheidt", "MUELLER-LUEDENSCHEIDT"), ("Størmer Ødegård", "STOERMER OEDEGAARD"),
        ("Çelik Şahin", "CELIK SAHIN"), ("Þórsdóttir", "THORSDOTTIR"), ("Groß", "GROSS"), ("ırmak", "IRMAK"),
        ("Nguyễn", "NGUYEN"), ("O’Connor", "O’CONNOR"),
    ]) func `Latin letters with marks become the recommended sequences`(name: String, expected: String) throws {
        #expect(try Transliteration.latin(name) == expected)
    }

    @Test func `A letter of no table is refused by its code alone`() throws {
        for name in ["Ω", "Ж"] {
            do throws(SakkError) {
                _ = try Transliteration.latin("Maria \(name)")
                Issue.record("accepted")
            } catch {
                #expect(error.code == "lds.transliteration.unknown" && !error.description.contains("Maria"))
            }
        }
        #expect(throws: SakkError.self) { try Transliteration.arabic("A") }
    }
}
