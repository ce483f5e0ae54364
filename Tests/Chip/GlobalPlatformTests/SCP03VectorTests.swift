import Ground
import SmartCard
import Testing

@testable import GlobalPlatform

/// Keys given by a vector, whatever the card tells.
final class FixedKeys: CardKeySource {
    private let enc: SecretBytes
    private let mac: SecretBytes
    private let dek: SecretBytes

    init(_ inputs: VectorFile.Node) throws {
        enc = try inputs["encKey"].secret()
        mac = try inputs["macKey"].secret()
        dek = try inputs["dekKey"].secret()
    }

    func keys(forKDD kdd: Bytes, version: UInt8) -> CardKeys {
        CardKeys(enc: enc.copy(), mac: mac.copy(), dek: dek.copy())
    }
}

extension SecretBytes {
    borrowing func hex() -> String { withBytes { Hex.digits(of: $0) } }
}

@Suite struct SCP03VectorTests {
    /// Plays a whole published session: every command must be the published bytes, every answer must come out plain.
    private func play(_ inputs: VectorFile.Node, _ expected: VectorFile.Node) throws -> ScriptedChannel {
        let plain = try inputs["commands"].list
        let wire = try expected["commands"].list
        var script = [
            (try expected["initializeUpdate"].text, try inputs["initializeUpdateResponse"].text + "9000"),
            (try expected["externalAuthenticate"].text, "9000"),
        ]
        for exchange in wire {
            // where the publisher prints no answer, the card answers with an error word, which carries no MAC
            let response = exchange["response"].isPresent ? try exchange["response"].text : "6A88"
            script.append((try exchange["wrapped"].text, response))
        }
        let card = ScriptedChannel(hex: script, showsData: true)
        let secure = try SecureChannel.open(
            on: card, keys: try FixedKeys(inputs), keyVersion: try inputs["keyVersion"].byte,
            level: SecurityLevel(rawValue: try inputs["securityLevel"].byte),
            hostChallenge: try inputs["hostChallenge"].bytes)
        for (command, exchange) in zip(plain, wire) {
            let apdu = try #require(APDUCommand(encoded: try command["plain"].bytes))
            let response = try secure.transmit(apdu)
            if exchange["response"].isPresent {
                #expect(response.encoded.hex == (try command["responsePlain"].text))
            }
        }
        return card
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "scp03_session"))
    func `a published session comes out byte for byte`(entry: VectorFile.Entry) throws {
        let card = try play(entry.inputs, entry.expected)
        #expect(card.isFinished)
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "scp03_session"))
    func `session keys and cryptograms are the published ones`(entry: VectorFile.Entry) throws {
        let update = try InitializeUpdate(try entry.inputs["initializeUpdateResponse"].bytes)
        #expect(update.isS16 == (try entry.inputs["mode"].text == "S16"))
        let source = try FixedKeys(entry.inputs)
        let keys = source.keys(forKDD: update.kdd, version: update.keyVersion)
        let session = try SCP03Session(
            keys: keys, context: try entry.inputs["hostChallenge"].bytes + update.cardChallenge,
            macLength: update.macLength)
        #expect(session.sENC.hex() == (try entry.expected["sEnc"].text))
        #expect(session.sMAC.hex() == (try entry.expected["sMac"].text))
        #expect(session.sRMAC.hex() == (try entry.expected["sRmac"].text))
        #expect(try session.cardCryptogram().hex == entry.expected["cardCryptogram"].text)
        #expect(try session.hostCryptogram().hex == entry.expected["hostCryptogram"].text)
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "scp03_pseudo_random"))
    func `a pseudo-random challenge follows from the counter`(entry: VectorFile.Entry) throws {
        let challenge = try SCP03Session.pseudoRandomChallenge(
            enc: try entry.inputs["encKey"].secret(), sequenceCounter: try entry.inputs["sequenceCounter"].bytes,
            aid: try entry.inputs["aid"].bytes)
        #expect(challenge.hex == (try entry.expected["cardChallenge"].text))
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "negative"))
    func `an altered session is refused`(entry: VectorFile.Entry) throws {
        let inner = entry.inputs
        #expect(try !entry.expected["accepted"].flag)
        #expect(throws: SakkError.self) { _ = try play(inner["inputs"], inner["claimed"]) }
    }

    @Test func `after a wrong card cryptogram nothing more is sent`() throws {
        let entry = try #require(
            try VectorFile.entries("gp-scp03", "negative").first { $0.id == "negative-wrong-card-cryptogram" })
        let inputs = entry.inputs["inputs"]
        let card = ScriptedChannel(hex: [
            (
                try entry.inputs["claimed"]["initializeUpdate"].text,
                try inputs["initializeUpdateResponse"].text + "9000"
            )
        ])
        #expect(throws: SakkError("chip.keys.wrong", source: "", text: "", remedy: "")) {
            _ = try SecureChannel.open(
                on: card, keys: try FixedKeys(inputs), keyVersion: 0x30,
                hostChallenge: try inputs["hostChallenge"].bytes)
        }
        #expect(card.played == 1)
    }

    @Test func `a forged answer closes the channel for good`() throws {
        let entry = try #require(
            try VectorFile.entries("gp-scp03", "negative").first { $0.id == "negative-flipped-r-mac" })
        let (inputs, claimed) = (entry.inputs["inputs"], entry.inputs["claimed"])
        let wire = try claimed["commands"].list
        let card = ScriptedChannel(hex: [
            (try claimed["initializeUpdate"].text, try inputs["initializeUpdateResponse"].text + "9000"),
            (try claimed["externalAuthenticate"].text, "9000"),
            (try wire[0]["wrapped"].text, try wire[0]["response"].text),
        ])
        let secure = try SecureChannel.open(
            on: card, keys: try FixedKeys(inputs), keyVersion: 0x30, hostChallenge: try inputs["hostChallenge"].bytes)
        let command = try #require(APDUCommand(encoded: try inputs["commands"].list[0]["plain"].bytes))
        #expect(throws: SakkError("chip.response.forged", source: "", text: "", remedy: "")) {
            _ = try secure.transmit(command)
        }
        #expect(throws: SakkError("chip.channel.closed", source: "", text: "", remedy: "")) {
            _ = try secure.transmit(command)
        }
        #expect(card.played == 3)
    }

    @Test(arguments: [(UInt8(0x00), UInt8(0x03)), (0x10, 0x03), (0x20, 0x13), (0x60, 0x33), (0x70, 0x33)])
    func `the highest level follows from the card's options`(options: UInt8, level: UInt8) {
        #expect(SecurityLevel.highest(options: options).rawValue == level)
    }

    @Test func `a level that the card does not offer is refused before authentication`() throws {
        let entry = try #require(try VectorFile.entries("gp-scp03", "scp03_session").first)
        var answer = try entry.inputs["initializeUpdateResponse"].bytes
        answer[12] = 0x10
        let card = ScriptedChannel(hex: [(try entry.expected["initializeUpdate"].text, answer.hex + "9000")])
        #expect(throws: SakkError("chip.level.unsupported", source: "", text: "", remedy: "")) {
            _ = try SecureChannel.open(
                on: card, keys: try FixedKeys(entry.inputs), keyVersion: 0x30, level: SecurityLevel(rawValue: 0x33),
                hostChallenge: try entry.inputs["hostChallenge"].bytes)
        }
        #expect(card.isFinished)
    }
}
