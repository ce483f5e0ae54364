import Ground
import SmartCard
import Testing

@Suite struct ChannelTests {
    @Test func `waiting bytes are fetched until the card is done`() throws {
        let card = ScriptedChannel(hex: [
            ("00A4040000", "6104"), ("00C0000004", "0102030461 02"), ("00C0000002", "05069000"),
        ])
        let response = try CompletingChannel(over: card).transmit(.select(aid: [], fci: true))
        #expect(response == APDUResponse(data: [1, 2, 3, 4, 5, 6], status: .success))
        #expect(card.isFinished)
    }

    @Test func `a wrong expected length is corrected once`() throws {
        let card = ScriptedChannel(hex: [("80CA9F7F00", "6C2D"), ("80CA9F7F2D", "9F7F009000")])
        let response = try CompletingChannel(over: card).transmit(APDUCommand(0x80, 0xCA, 0x9F, 0x7F, le: 256))
        #expect(response.data == [0x9F, 0x7F, 0])
        #expect(card.isFinished)
    }

    @Test func `a card that always offers more is refused`() {
        let endless = ScriptedChannel(
            hex: [("0084000008", "6104")] + Array(repeating: ("00C0000004", "010203046104"), count: 5))
        #expect(throws: SakkError("chip.response.endless", source: "", text: "", remedy: "")) {
            _ = try CompletingChannel(over: endless, responseLimit: 8).transmit(APDUCommand(0, 0x84, 0, 0, le: 8))
        }
    }

    @Test func `long data goes in a chain and stops at the first refusal`() throws {
        let first = String(repeating: "11", count: 255)
        let data = Bytes(repeating: 0x11, count: 256)
        let taken = ScriptedChannel(hex: [("10DB3FFFFF" + first, "9000"), ("00DB3FFF0111", "9000")])
        let command = APDUCommand(0, 0xDB, 0x3F, 0xFF, data: data)
        #expect(try CompletingChannel(over: taken, chains: true).transmit(command).status == .success)
        #expect(taken.isFinished)
        let refused = ScriptedChannel(hex: [("10DB3FFFFF" + first, "6884")])
        #expect(try CompletingChannel(over: refused, chains: true).transmit(command).status == 0x6884)
    }

    @Test func `a script refuses another command and hides its data`() {
        let card = ScriptedChannel(hex: [("00DA00620101", "9000")])
        do {
            _ = try card.transmit(APDUCommand(0, 0xDA, 0, 0x62, data: [0xAB, 0xCD]))
            Issue.record("the script took another command")
        } catch {
            #expect(error.code == "script.command.unexpected")
            #expect(!error.text.contains("ABCD") && error.text.contains("00DA0062"))
        }
        #expect(card.played == 0)
    }

    @Test func `a refusal carries the status word and not the data`() {
        let card = ScriptedChannel(hex: [("00D6000002ABCD", "6985")])
        do {
            _ = try card.expectSuccess(APDUCommand(0, 0xD6, 0, 0, data: [0xAB, 0xCD]), step: "writing EF.DG1")
            Issue.record("the refusal was not thrown")
        } catch {
            #expect(error.code == "chip.refused")
            #expect(error.native == SakkError.Native(kind: "SW", value: "6985"))
            #expect(error.outcome == .notDone)
            #expect(!error.description.contains("ABCD"))
        }
    }
}
