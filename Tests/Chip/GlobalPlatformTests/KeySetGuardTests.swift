import Ground
import SmartCard
import Testing

@testable import GlobalPlatform

@Suite struct KeySetGuardTests {
    private static func code(_ code: SakkError.Code) -> SakkError { SakkError(code, source: "", text: "", remedy: "") }

    private func openWrong(on card: any CardChannel, guarding guardian: KeySetGuard, chip: String) throws {
        let entry = try #require(
            try VectorFile.entries("gp-scp03", "negative").first { $0.id == "negative-wrong-card-cryptogram" })
        let inputs = entry.inputs["inputs"]
        _ = try SecureChannel.open(
            on: card, keys: try FixedKeys(inputs), keyVersion: 0x30,
            hostChallenge: try inputs["hostChallenge"].bytes, guarding: guardian, chip: ChipIdentity(chip))
    }

    private func wrongCard() throws -> ScriptedChannel {
        let entry = try #require(
            try VectorFile.entries("gp-scp03", "negative").first { $0.id == "negative-wrong-card-cryptogram" })
        return ScriptedChannel(hex: [
            (
                try entry.inputs["claimed"]["initializeUpdate"].text,
                try entry.inputs["inputs"]["initializeUpdateResponse"].text + "9000"
            )
        ])
    }

    @Test func `three cards in a row that do not know a key set stop it`() throws {
        let store = WrongCardMemory()
        for chip in ["A", "B", "C"] {
            // a new guard each time, as a program that is started again
            #expect(throws: Self.code("chip.keys.wrong")) {
                try openWrong(on: wrongCard(), guarding: KeySetGuard(keySet: "kdf3 48", store: store), chip: chip)
            }
        }
        let card = try wrongCard()
        let guardian = KeySetGuard(keySet: "kdf3 48", store: store)
        #expect(throws: Self.code("chip.keys.stopped")) { try openWrong(on: card, guarding: guardian, chip: "D") }
        #expect(card.played == 0)
        try guardian.release()
        #expect(throws: Never.self) { try guardian.admit("D") }
    }

    @Test func `a card that proved other keys is not sent anything more under them`() throws {
        let store = WrongCardMemory()
        let guardian = KeySetGuard(keySet: "kdf3 48", store: store)
        #expect(throws: Self.code("chip.keys.wrong")) { try openWrong(on: wrongCard(), guarding: guardian, chip: "A") }
        let again = try wrongCard()
        #expect(throws: Self.code("chip.keys.other")) { try openWrong(on: again, guarding: guardian, chip: "A") }
        #expect(again.played == 0)
        #expect(throws: Never.self) { try KeySetGuard(keySet: "another", store: store).admit("A") }
    }

    @Test func `a right card between two wrong ones ends the row`() throws {
        let store = WrongCardMemory()
        let guardian = KeySetGuard(keySet: "k", store: store)
        for chip in ["A", "B"] { try guardian.wrong(chip) }
        try guardian.right()
        try guardian.wrong("C")
        #expect(throws: Never.self) { try guardian.admit("D") }
    }

    @Test func `the channel itself sends nothing after a wrong card cryptogram`() throws {
        let script = try wrongCard()
        let channel = CompletingChannel(over: script)
        let guardian = KeySetGuard(keySet: "k", store: WrongCardMemory())
        #expect(throws: Self.code("chip.keys.wrong")) { try openWrong(on: channel, guarding: guardian, chip: "A") }
        #expect(throws: Self.code("chip.keys.wrong")) { _ = try channel.transmit(.select(aid: [], fci: true)) }
        #expect(script.played == 1)
    }
}
