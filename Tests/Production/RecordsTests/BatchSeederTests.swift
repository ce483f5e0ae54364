import Foundation
import Ground
import Pixels
import Records
import Seeds
import Stations
import Testing

struct BatchSeederTests {
    @Test("The same seed gives the same bytes, another seed other people") func deterministic() throws {
        let folder = try World.folder()
        let signer = try folder.signer()
        let first = try BatchSeeder(seed: 9, folder: folder).make(product: "iq-national-id", count: 3, signer: signer)
        let again = try BatchSeeder(seed: 9, folder: folder).make(product: "iq-national-id", count: 3, signer: signer)
        #expect(first == again)
        let other = try BatchSeeder(seed: 10, folder: folder).make(product: "iq-national-id", count: 3, signer: signer)
        #expect(first != other)
    }

    @Test("A record does not depend on how many follow it") func stable() throws {
        #expect(try World.records(1) == Array(try World.records(3).prefix(1)))
    }

    @Test("Numbers and requests are used once, portraits have the size of a chip's", .timeLimit(.minutes(20)))
    func distinct() throws {
        let records = try World.records(24)
        #expect(Set(records.map(\.documentNumber)).count == 24)
        #expect(Set(records.map(\.nationalNumber)).count == 24)
        #expect(Set(records.map(\.requestID)).count == 24)
        #expect(Set(records.map(\.productionID)).count == 24)
        #expect(Set(records.map(\.portrait.format)) == [.jpeg, .jpeg2000])
        for record in records { #expect((9_000...24_000).contains(record.portrait.bytes.count)) }
    }

    @Test("The letters that only Sorani has are among the names") func letters() throws {
        let text = try World.records(40).map { record in
            let names = record.names.sorani
            return names.given + names.father + names.grandfather + names.surname + names.motherGiven
                + names.motherFather + record.placeOfBirth.sorani
        }
        .joined()
        for letter in "ێڕڵەئۆڤ" { #expect(text.contains(letter), "\(letter)") }
    }

    @Test("Nineteen governorates have an office") func offices() throws {
        let offices = try World.folder().offices
        #expect(offices.count { $0.kind == .office } == 19)
        #expect(Set(offices.map(\.id)).count == offices.count)
    }

    @Test("An unknown product is refused") func unknownProduct() throws {
        let seeder = BatchSeeder(seed: 1, folder: try World.folder())
        #expect(throws: SakkError("seeds.product", source: "", text: "", remedy: "")) {
            try seeder.makeRecords(product: "iq-library-card", count: 1)
        }
    }

    // computed by hand with Python: hashlib.sha256 over struct.pack('>I', len) + text, first 16 bytes, Crockford
    @Test("The production id is the one that another program computes") func productionID() {
        let id = ProductionID(authority: "UTO-CIVIL", requestID: "S1-000001", product: "iq-national-id", issueNumber: 1)
        #expect(id.rawValue == "5DKHZ89VYG3B8MHT02GHM6JFK2")
    }
}
