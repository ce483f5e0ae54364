import Foundation
import Ground
import Testing

@testable import Artwork

/// Visible digital seals against the worked examples of BSI TR-03137-1 and Doc 9303-13.
struct SealTests {
    private struct Entry {
        let id: String
        let inputs: [String: Any]
        let expected: [String: Any]

        func text(_ key: String) throws -> String { try #require((expected[key] ?? inputs[key]) as? String) }
    }

    private func entries(_ kind: String) throws -> [Entry] {
        let file = try #require(
            Bundle.module.url(forResource: "icao-vds", withExtension: "json", subdirectory: "Vectors"))
        let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let found = try #require(root?["entries"] as? [[String: Any]]).filter { $0["kind"] as? String == kind }
        try #require(!found.isEmpty)
        return try found.map { entry in
            Entry(
                id: try #require(entry["id"] as? String), inputs: try #require(entry["inputs"] as? [String: Any]),
                expected: try #require(entry["expected"] as? [String: Any]))
        }
    }

    private func date(_ text: String) throws -> CivilDate {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return try #require(CivilDate(year: parts[0], month: parts[1], day: parts[2]))
    }

    @Test("C40 as in the examples")
    func c40() throws {
        for entry in try entries("vds_c40") {
            #expect(try VisibleDigitalSeal.c40(entry.text("text")).hex == entry.text("encoded"), "\(entry.id)")
        }
    }

    @Test("dates as in the examples")
    func dates() throws {
        for entry in try entries("vds_date") {
            #expect(
                VisibleDigitalSeal.date(try date(entry.text("date"))).hex == (try entry.text("encoded")), "\(entry.id)")
        }
    }

    @Test("whole seals as in the examples, byte for byte")
    func seals() throws {
        var count = 0
        for entry in try entries("vds_seal") where entry.expected["rawVersion"] as? Int == 3 {
            let signer = try #require(
                VisibleDigitalSeal.Signer(
                    identifier: try entry.text("signer"), certificateReference: try entry.text("certificateReference")))
            let feature = try #require(
                VisibleDigitalSeal.Feature(hex: try entry.text("feature") + entry.text("category")))
            let message = try #require(entry.expected["message"] as? [[String]]).map { part in
                (tag: try #require(UInt8(part[0], radix: 16)), value: try #require(Bytes(hex: part[1])))
            }
            let seal = try VisibleDigitalSeal(
                issuer: try entry.text("issuer"), signer: signer, issued: try date(entry.text("issued")),
                signed: try date(entry.text("signed")), feature: feature, message: message)
            let signature = try #require(Bytes(hex: try entry.text("signature")))
            #expect(try seal.encoded(signature: signature).hex == entry.text("seal"), "\(entry.id)")
            count += 1
        }
        #expect(count >= 3)
    }

    @Test("a signer, a text and a signature that cannot be are refused")
    func refused() throws {
        #expect(VisibleDigitalSeal.Signer(identifier: "UTO", certificateReference: "01") == nil)
        #expect(VisibleDigitalSeal.Signer(identifier: "UTTS", certificateReference: "G1") == nil)
        #expect(throws: SakkError("artwork.seal.content", source: "", text: "", remedy: "")) {
            try VisibleDigitalSeal.c40("é")
        }
    }
}
