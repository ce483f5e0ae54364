import Printers
import Stations
import Testing

/// Bits of the status words against the page that everybody reads.
@Suite struct EvolisStatusWordsTests {
    private typealias Word = EvolisStatusWords.Word

    /// Rows `| W-00020000 | word | meaning | word of IPP | mark |` of the firmware spec.
    private static func rows() throws -> [(word: EvolisStatusWords.Word, bit: UInt32, reason: String)] {
        try SpecPage.rows("evolis-esc").compactMap { cells in
            guard cells.count == 5, let word = Word(rawValue: String(cells[0].prefix(1))),
                cells[0].dropFirst().first == "-",
                let bit = UInt32(cells[0].dropFirst(2), radix: 16)
            else { return nil }
            return (word, bit, cells[3])
        }
    }

    @Test func everyBitOfThePageHasItsWordAndEveryOtherIsAStop() throws {
        let rows = try Self.rows()
        #expect(rows.count == 42)
        for row in rows {
            let meaning = EvolisStatusWords.meaning(row.word, row.bit)
            #expect(meaning?.map(\.rawValue) == (row.reason.isEmpty ? [] : [row.reason]), "\(row)")
        }
        for word in Word.allCases {
            for place in 0..<32 where !rows.contains(where: { $0.word == word && $0.bit == 1 << place }) {
                #expect(EvolisStatusWords.meaning(word, 1 << place) == nil, "\(word) \(place) is not on the page")
                let texts = Word.allCases.map { $0 == word ? EvolisStatusWordsTests.hex(1 << place) : "00000000" }
                let words = EvolisStatusWords(texts.joined(separator: ";"))
                #expect(words?.reasons == [.other, .hardwareFault])
            }
        }
    }

    private static func hex(_ bits: UInt32) -> String {
        let digits = String(bits, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    @Test(arguments: [
        "", "OK", "00000000;00000000", "00000000;00000000;00000000;00000000", "0000000;00000000;00000000",
        "0000000G;00000000;00000000", "+0000001;00000000;00000000", "00000000,00000000,00000000",
    ])
    func anythingElseIsNoStatus(text: String) { #expect(EvolisStatusWords(text) == nil) }
}
