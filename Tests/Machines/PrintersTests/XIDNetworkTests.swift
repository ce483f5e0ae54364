import Ground
import Printers
import Stations
import Testing

/// The network twin: bytes as the published notes have them (N1 to N10).
@Suite struct XIDNetworkTests {
    /// A connection that says what was put into it, and keeps what it was told.
    private final class Stream: ByteStream {
        let connection = "tcp:test"
        var sent: [Bytes] = []
        var answers: [Bytes]
        init(_ answers: [String]) { self.answers = answers.map { Bytes(hex: $0) ?? [] } }
        func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) { sent.append(bytes) }
        func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
            answers.isEmpty ? [] : answers.removeFirst()
        }
        func close() {}
    }

    /// N2: 72 bytes, the number at 30, the model at 56; 6/28 after power-on.
    private static let greeting =
        "F3000200 00000010 00062800 00000000" + String(repeating: "00", count: 14) + "53414B4B2D58442D30303032"
        + String(repeating: "00", count: 14) + "58494438363030202020202020202020"
    private static let greeted = "F3000300 00000002 00000000 99999999"

    private static func link(_ answers: [String]) throws -> (XIDNetworkLink, Stream) {
        let stream = Stream([greeting, greeted] + answers)
        let link = try XIDNetworkLink(stream, source: "test", timeoutMS: 5, isFine: true)
        try link.resynchronise()
        stream.sent = []
        return (link, stream)
    }

    @Test func aCommandIsTypeCountStatusSequenceAndOneWord() throws {
        let (link, stream) = try Self.link([
            "F1000100 00000002 00000000 00000000", "F1000100 00000002 0002D100 00000001",
        ])
        #expect(try link.act(.load(.contactless), timeoutMS: 60_000) == .good)
        #expect(try link.ready() == XIDSense(key: 2, code: 0xD1))
        #expect(
            stream.sent.map(\.hex) == [
                "F000010000000003000000000000000004028002", "F000010000000003000000000000000101020000",
            ])
    }

    @Test(arguments: [
        (XIDAct.load(.print), UInt32(0x0402_8000)), (.move(.reject, turned: false), 0x0502_0004),
        (.move(.print, turned: true), 0x0502_1000),
        (.print([.cyan, .magenta, .yellow, .black], buffer: 0), 0x0602_000F),
        (.print([.fluorescent], buffer: 0), 0x0602_0040), (.print([.peelOff], buffer: 0), 0x0602_0020),
        (.transfer(.thenEject), 0x0702_0005), (.transfer(.thenTurn), 0x0702_1000),
        (.station(.engageContact), 0x0A02_4000), (.station(.engageContactless), 0x0A02_1000),
        (.station(.releaseContact), 0x0A02_5000), (.initialise, 0x0302_0000),
    ])
    func theWordsAreThoseOfTheNotes(act: XIDAct, word: UInt32) {
        #expect(XIDNetworkMessage.word(act) == word)
    }

    @Test func anAnswerThatComesLateToAnotherQuestionIsDropped() throws {
        let (link, _) = try Self.link([
            "F1000100 00000003 00000000 99999990 00000100", "F1000100 00000003 00000000 00000000 00000002",
        ])
        #expect(try link.position() == .at(.contactless))
    }

    @Test func waitIsAskedAgainUntilTheMovementIsOver() throws {
        let (link, stream) = try Self.link([
            "F1000100 00000002 0002D300 00000000", "F1000100 00000002 0002D400 00000001",
            "F1000100 00000002 00000000 00000002",
        ])
        #expect(try link.act(.transfer(.thenReturn), timeoutMS: 60_000) == .good)
        #expect(stream.sent.count == 3)
    }

    @Test func aMessageLongerThanAnyAnswerOrOfAnotherTypeIsOutOfStep() throws {
        let (long, _) = try Self.link(["F1000100 00FFFFFF"])
        let error = #expect(throws: SakkError.self) { try long.ready() }
        #expect(error?.code == "printer.desynchronised")
        let (other, _) = try Self.link(["F1000200 00000002 00000000 00000000"])
        #expect(throws: SakkError.self) { try other.ready() }
    }

    @Test func silenceIsATimeoutWithAnUnknownOutcome() throws {
        let (link, _) = try Self.link([])
        let error = #expect(throws: SakkError.self) { try link.act(.transfer(.thenTurn), timeoutMS: 5) }
        #expect(error?.code == "printer.timeout")
        #expect(error?.outcome == .unknown)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func noiseNeverEndsAParser(seed: UInt64) {
        var state = seed
        func roll() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let heads: [Bytes] = [[0x39, 0, 0, 0x48], [0x38, 0, 0, 0x30], [0x70], [0x06, 0], [43, 0, 0, 0, 0x23], []]
        var read = 0
        for _ in 0..<60_000 {
            var page = heads[Int(roll()) % heads.count]
            let length = [8, 13, 20, 44, 52, 64, 76, 96, Int(roll() % 120)][Int(roll()) % 9]
            while page.count < length { page.append(UInt8(truncatingIfNeeded: roll())) }
            if XIDReplies.sense(page) != nil { read += 1 }
            if XIDReplies.status(page) != nil { read += 1 }
            if XIDReplies.counters(page) != nil { read += 1 }
            if XIDReplies.inquiry(page) != nil { read += 1 }
            if XIDReplies.ink(page) != nil { read += 1 }
            _ = XIDReplies.position(page)
            _ = XIDReplies.plane(page)
            _ = XIDReplies.retries(page)
            _ = EvolisCodec.answer(page)
        }
        #expect(read > 0, "some noise looks like a page")
    }
}
