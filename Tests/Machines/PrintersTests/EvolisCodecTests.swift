import Ground
import Printers
import Stations
import Testing

@Suite struct EvolisCodecTests {
    @Test func aCommandIsEscapeNameParametersCarriageReturn() {
        #expect(EvolisCodec.command("Pem", "18") == [0x1B, 0x50, 0x65, 0x6D, 0x3B, 0x31, 0x38, 0x0D])
        #expect(EvolisCodec.command("Rtp") == [0x1B, 0x52, 0x74, 0x70, 0x0D])
        #expect(
            EvolisCodec.download(.black, levels: 2, data: [0x0D, 0x1B]) == [0x1B] + Bytes("Db;k;2;".utf8)
                + [0x0D, 0x1B, 0x0D])
    }

    @Test(arguments: [
        ("OK", EvolisAnswer.ok), ("KC200B", .value("KC200B")), ("5,00 Volts", .value("5,00 Volts")),
        ("ERROR CDE", .fault(.unknownCommand)), ("ERR PARAMETERS", .fault(.parameters)),
        ("ERR FEEDER", .fault(.feeder)), ("ERR RIB DETECTION", .fault(.noRibbon)), ("ERR RIB END", .fault(.ribbonEnd)),
        ("ERR COVER", .fault(.cover)), ("ERR MECHANICAL", .fault(.mechanical)),
        ("ERR NEED CLEANING", .fault(.cleaning)), ("ERR CARD", .fault(.card)),
        ("ERR OUTPUT FULL", .fault(.outputFull)), ("ERR REJECT FULL", .fault(.rejectFull)),
    ])
    func everyAnswerOfThePageIsKnown(text: String, answer: EvolisAnswer) {
        #expect(EvolisCodec.answer(Bytes(text.utf8)) == answer)
    }

    @Test(arguments: [
        Bytes("ERR PLASMA".utf8), Bytes("ERR".utf8), Bytes("ERROR".utf8), [], [0xFF, 0x41], Bytes("OK\r".utf8),
        Bytes("5\u{00A0}V".utf8),
    ])
    func whatIsNotOnThePageIsNoAnswer(bytes: Bytes) {
        #expect(EvolisCodec.answer(bytes) == nil)
    }

    @Test func voltsHaveADecimalComma() {
        #expect(EvolisCodec.volts("5,00 Volts") == 5)
        #expect(EvolisCodec.volts("0,42 Volts") == 0.42)
        #expect(EvolisCodec.volts("5,00") == nil)
        #expect(EvolisCodec.volts("many Volts") == nil)
    }

    @Test func aPositionIsOneOfFiveWordsAndNothingElse() {
        #expect(EvolisCodec.position(.ok) == CardPosition.none)
        #expect(EvolisCodec.position(.value("CARD")) == .at(.print))
        #expect(EvolisCodec.position(.value("SMART CARD")) == .at(.contact))
        #expect(EvolisCodec.position(.value("CONTACTLESS CARD")) == .at(.contactless))
        #expect(EvolisCodec.position(.fault(.mechanical)) == .somewhere)
        #expect(EvolisCodec.position(.value("KC200B")) == nil)
        #expect(EvolisCodec.position(.fault(.card)) == nil)
    }
}
