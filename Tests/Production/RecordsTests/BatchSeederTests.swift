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

    @Test("Residence cards have two fingers of nobody and a signature, every eighth person no finger") func fingers()
        throws
    {
        let records = try World.records(9, product: "iq-residence-card")
        #expect(records.map { $0.fingers.map(\.position) } == Array(repeating: [2, 7], count: 7) + [[], [2, 7]])
        #expect(Set(records.flatMap { $0.fingers.map(\.record) }).count == 16)
        for record in records {
            #expect(record.signature != nil)
            guard case .record(let read) = RecordDecoder().decode(RecordEncoder.encode(record), name: "x") else {
                Issue.record("refused: \(World.problems(RecordEncoder.encode(record)))")
                continue
            }
            #expect(read == record)
            for finger in record.fingers {
                #expect((4_000...12_000).contains(finger.record.count))
                // ridges: dark and light lie close to each other
                let picture = try JPEG2000.decode(Bytes(finger.record.dropFirst(46)))
                let middle = (100..<140).map { picture.gray.values[160 * 240 + $0] }
                #expect(middle.max()! - middle.min()! > 100)
            }
        }
        #expect(try World.records(1, product: "iq-passport-regular")[0].fingers.isEmpty)
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
