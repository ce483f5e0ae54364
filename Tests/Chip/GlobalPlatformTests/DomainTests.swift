import Ground
import SmartCard
import Testing

@testable import GlobalPlatform

/// Cards that answer SELECT of their security domain in ways of their own.
@Suite struct DomainTests {
    /// Answers SELECT by name as told, and keeps what was asked.
    private final class Card: CardChannel {
        let answers: [String: APDUResponse]
        let other: StatusWord
        var asked: [String] = []

        init(_ answers: [String: (String, StatusWord)] = [:], other: StatusWord) {
            self.answers = answers.mapValues { APDUResponse(data: Bytes(hex: $0.0)!, status: $0.1) }
            self.other = other
        }

        func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
            #expect(command.header == "00A40400")
            asked.append(command.data.hex)
            return answers[command.data.hex] ?? APDUResponse(data: [], status: other)
        }
    }

    private static let usual = ["A000000151000000", "A000000003000000", "A0000001510000", ""]

    @Test(arguments: [0x6A86, 0x6D00, 0x6E00, 0x6700, 0x6982, 0x6F00] as [UInt16])
    func `a card that knows no SELECT by name is taken as it woke up`(word: UInt16) throws {
        let card = Card(other: StatusWord(rawValue: word))
        let domain = try #require(try CardManager(card).selectDomain(nil))
        #expect(domain.aid == nil && domain.refusal?.rawValue == word && !domain.isLocked)
        #expect(card.asked == Self.usual)
    }

    @Test(arguments: [0x6A82, 0x6A81, 0x6985, 0x6999] as [UInt16])
    func `a card that has none of the names has no domain`(word: UInt16) throws {
        #expect(try CardManager(Card(other: StatusWord(rawValue: word))).selectDomain(nil) == nil)
    }

    @Test func `a refusal of one name is no refusal of the next`() throws {
        let card = Card(["A000000003000000": ("6F10" + "8408A000000003000000" + "A5049F6501FF", 0x9000)], other: 0x6A86)
        let domain = try #require(try CardManager(card).selectDomain(nil))
        #expect(domain.aid?.hex == "A000000003000000" && domain.refusal == nil && domain.commandLimit == 255)
        #expect(card.asked.count == 2)
    }

    @Test(
        arguments: [
            ("", "A000000151000000", nil), ("6F00", "A000000151000000", nil), ("FFFFFF", "A000000151000000", nil),
            ("6F0A8408A000000003000000", "A000000003000000", nil),
            ("620A8408A000000003000000", "A000000003000000", nil),
            // history behind the template, and a limit of two bytes
            ("6F118408A000000003000000A5059F650203E85F0101", "A000000151000000", nil),
            ("6F118408A000000003000000A5059F650203E8850101", "A000000003000000", 1000),
            ("6F128408A000000003000000A5069F6503", "A000000151000000", nil),
            ("6F028400", "A000000151000000", nil),
        ] as [(String, String, Int?)])
    func `an FCI of any shape is taken for what it tells`(fci: String, aid: String, limit: Int?) throws {
        let domain = try #require(
            try CardManager(Card(["A000000151000000": (fci, 0x9000)], other: 0x6A82)).selectDomain(nil))
        #expect(domain.aid?.hex == aid && domain.refusal == nil)
        if let limit { #expect(domain.commandLimit == limit) }
    }

    @Test func `a locked card's domain is found, and the default one has the name that it tells or none`() throws {
        let locked = try #require(
            try CardManager(Card(["A000000151000000": ("", 0x6283)], other: 0x6A82)).selectDomain(nil))
        #expect(locked.isLocked && locked.aid?.hex == "A000000151000000")
        let unnamed = try #require(try CardManager(Card(["": ("6F00", 0x9000)], other: 0x6A82)).selectDomain(nil))
        #expect(unnamed.aid == nil && unnamed.refusal == nil)
    }

    @Test func `a name of the caller's own is never exchanged for another`() throws {
        let name = Bytes(hex: "A00000000901")!
        let card = Card(["A000000151000000": ("", 0x9000)], other: 0x6A86)
        #expect(throws: SakkError("chip.refused", source: "", text: "", remedy: "")) {
            try CardManager(card).selectDomain(name)
        }
        #expect(card.asked == [name.hex])
        #expect(try CardManager(Card(other: 0x6A82)).selectDomain(name) == nil)
    }

    @Test func `objects are asked for with class 00 on a card that knows no 80`() throws {
        final class Old: CardChannel {
            func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
                guard command.cla == 0x00 else { return APDUResponse(data: [], status: 0x6E00) }
                let isKnown = command.header == "00CA0042"
                return APDUResponse(data: isKnown ? [0x42, 0x01, 0x77] : [], status: isKnown ? 0x9000 : 0x6E00)
            }
        }
        #expect(try CardManager(Old()).issuerIdentification() == [0x77])
        #expect(try CardManager(Old()).data(0x0066) == nil)
    }
}
