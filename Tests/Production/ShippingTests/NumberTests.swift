import Foundation
import Ground
import Shipping
import Stations
import Testing

/// Published examples (`Vectors/upu-s10-gs1.json`, each with its source).
@Suite struct NumberTests {
    private func entries(_ kind: String) throws -> [(inputs: JSONValue, expected: JSONValue)] {
        let url = try #require(
            Bundle.module.url(forResource: "upu-s10-gs1", withExtension: "json", subdirectory: "Vectors"))
        let all = try #require(try JSONValue(parsing: Bytes(Data(contentsOf: url)))["entries"]?.array)
        let chosen = all.filter { $0["kind"]?.string == kind }
        #expect(!chosen.isEmpty)
        return try chosen.map { (try #require($0["inputs"]), try #require($0["expected"])) }
    }

    @Test func itemNumbersAreThePublishedOnes() throws {
        for entry in try entries("upu_s10") {
            let service = try #require(entry.inputs["service"]?.string)
            let serial = try #require(entry.inputs["serial"]?.string.flatMap { Int($0) })
            let country = try #require(entry.inputs["country"]?.string)
            let number = try #require(S10(service: service, serial: serial, country: country))
            let text = try #require(entry.expected["identifier"]?.string)
            #expect("\(number.checkDigit)" == entry.expected["checkDigit"]?.string)
            #expect(number.description == text)
            #expect(S10(text) == number)
        }
    }

    @Test func checkDigitsOfGS1AreThePublishedOnes() throws {
        for entry in try entries("gs1_mod10") {
            let digits = try #require(entry.inputs["digits"]?.string)
            #expect(GS1.checkDigit(of: digits).map(String.init) == entry.expected["checkDigit"]?.string, "\(digits)")
        }
    }

    @Test func aContainerNumberIsReadAsLabelsAndScannersGiveIt() throws {
        // GS1 General Specifications, (00)095287654321012346
        let number = try #require(SSCC(extensionDigit: 0, prefix: "952876543", serial: 2_101_234))
        #expect(number.digits == "095287654321012346")
        for text in ["095287654321012346", "(00)095287654321012346", "00095287654321012346", "]C100095287654321012346"]
        {
            #expect(SSCC(text) == number, "\(text)")
        }
        // GS1 General Specifications, (00)106141411234567897
        #expect(SSCC(extensionDigit: 1, prefix: "0614141", serial: 123_456_789)?.digits == "106141411234567897")
    }

    @Test func oneWrongDigitIsAlwaysFound() throws {
        for text in ["RR473124829GB", "095287654321012346"] {
            for index in text.indices where text[index].isNumber {
                for digit in "0123456789" where digit != text[index] {
                    let wrong = text.replacingCharacters(in: index...index, with: String(digit))
                    #expect(S10(wrong) == nil && SSCC(wrong) == nil, "\(wrong)")
                    let error = #expect(throws: SakkError.self) { try ScannedCode(wrong) }
                    #expect(error?.code == Refusal.scanCheck.code, "\(wrong)")
                }
            }
        }
    }

    @Test func aRangeGivesEachNumberOnceAndThenNoMore() throws {
        let range = S10Range(id: "r", service: "RA", country: "XX", serials: 7...9, routes: [.home])
        var last: S10?
        var seen: [Int] = []
        for _ in 0..<3 {
            let next = try range.next(after: last)
            #expect(range.contains(next))
            seen.append(next.serial)
            last = next
        }
        #expect(seen == [7, 8, 9])
        let error = #expect(throws: SakkError.self) { try range.next(after: last) }
        #expect(error?.code == Refusal.numbersExhausted.code)

        let boxes = SSCCRange(id: "b", extensionDigit: 3, prefix: "9521234", serials: 1...2, kinds: [.box])
        let first = try boxes.next(after: nil)
        let second = try boxes.next(after: first)
        #expect(first != second && boxes.contains(first) && boxes.contains(second))
        #expect(SSCC(first.digits) == first)
        let end = #expect(throws: SakkError.self) { try boxes.next(after: second) }
        #expect(end?.code == Refusal.numbersExhausted.code)
    }

    @Test(arguments: [
        ("RR 473 124 829 GB", "envelope"), ("(00)106141411234567897", "container"), ("NID:A0000001", "document"),
    ])
    func theFormOfALabelSaysWhatItIs(text: String, kind: String) throws {
        let code = try ScannedCode(text)
        switch code {
        case .document: #expect(kind == "document")
        case .envelope: #expect(kind == "envelope")
        case .container: #expect(kind == "container")
        }
    }
}
