import Ground
import Stations
import Testing

@testable import Line

/// The zones are the specimens printed in ICAO Doc 9303-5 (TD1) and 9303-4 (TD3).
struct SeenMRZTests {
    static let td1 = [
        "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    ]
    static let td3 = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]

    @Test func `The specimen zones open with number, birth and expiry`() throws {
        let card = try #require(SeenMRZ.access(SeenMRZTests.td1))
        #expect([card.documentNumber, card.dateOfBirth, card.dateOfExpiry] == ["D23145890", "740812", "120415"])
        let book = try #require(SeenMRZ.access(SeenMRZTests.td3))
        #expect([book.documentNumber, book.dateOfBirth, book.dateOfExpiry] == ["L898902C3", "740812", "120415"])
    }

    @Test func `Any one digit changed in the second line is seen`() {
        for index in SeenMRZTests.td1[1].indices where SeenMRZTests.td1[1][index].isNumber {
            var line = SeenMRZTests.td1[1]
            line.replaceSubrange(index...index, with: line[index] == "9" ? "8" : "9")
            #expect(SeenMRZ.access([SeenMRZTests.td1[0], line, SeenMRZTests.td1[2]]) == nil)
        }
    }

    @Test func `Nothing is no zone`() {
        #expect(SeenMRZ.access([]) == nil && SeenMRZ.access(["", "", ""]) == nil)
    }
}
