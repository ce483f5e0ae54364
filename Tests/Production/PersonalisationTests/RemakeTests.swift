import BorderReader
import Catalog
import Foundation
import Ground
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// Nothing of one attempt serves another.
@Suite struct RemakeTests {
    @Test(arguments: Specimen.Product.all)
    func `a record made three times has three security objects and three sets of chip keys`(
        product: Specimen.Product
    ) async throws {
        var objects: Set<Bytes> = []
        var groups: [UInt16: Set<Bytes>] = [:]
        for attempt in 1...3 {
            let card = Specimen.card(serial: UInt32(attempt))
            let job = try await Specimen.document(product, attempt: AttemptID("SPECIMEN-\(attempt)")).chip
            try Specimen.personaliser(product).personalise(
                job, on: try Specimen.identity(serial: UInt32(attempt)), channel: try TornCard(card).power()
            ) { _ in }
            let report = try Specimen.border().report(
                on: try TornCard(card).power(), access: job.access, at: Specimen.time)
            #expect(report.passed, "\(report.checks.filter { !$0.passed })")
            objects.insert(report.sodHash)
            for (file, hash) in report.fileHashes { groups[file, default: []].insert(hash) }
        }
        #expect(objects.count == 3)
        #expect(groups[0x010F]?.count == 3)
        #expect(groups[0x010E]?.count == (product.name == "iq-national-id" ? nil : 3))
        // the person's own data stay what they are
        #expect(groups[0x0101]?.count == 1 && groups[0x0102]?.count == 1)
    }

    @Test func `keys that the host makes are in memory that is wiped, and none says what it is`() async throws {
        let job = try await Specimen.document().chip
        let keys = try #require(job.keys)
        #expect(keys.secrets.keys.sorted() == ["aa.exponent", "aa.modulus", "aa.pkcs8"])
        let exponent = try #require(keys.secrets["aa.exponent"])
        #expect(exponent.withBytes { $0.count } == 128)
        var dumped = ""
        dump(exponent, to: &dumped)
        #expect(dumped.contains("not shown") && "\(exponent)" == "chip secret (not shown)")
    }

    @Test func `the digits of a document number decide nothing about its keys`() async throws {
        let first = try await Specimen.document(attempt: AttemptID("A-1")).chip
        let second = try await Specimen.document(attempt: AttemptID("A-2")).chip
        #expect(first.sodHash != second.sodHash)
        let keys = [first, second].map { $0.files.first { $0.fileID == 0x010F }?.bytes }
        #expect(keys[0] != nil && keys[0] != keys[1])
    }
}
