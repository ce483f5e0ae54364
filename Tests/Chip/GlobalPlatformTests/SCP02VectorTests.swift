import Ground
import SmartCard
import Testing

@testable import GlobalPlatform

@Suite struct SCP02VectorTests {
    private static func sessions() throws -> [VectorFile.Entry] { try VectorFile.entries("gp-scp02", "scp02_session") }

    /// The published session with a card that answers each command with an error word, which needs no protection.
    private func play(_ inputs: VectorFile.Node, _ expected: VectorFile.Node) throws -> ScriptedChannel {
        var script = [(try expected["initializeUpdate"].text, try inputs["initializeUpdateResponse"].text + "9000")]
        if expected["externalAuthenticate"].isPresent {
            script.append((try expected["externalAuthenticate"].text, "9000"))
        }
        let wire = expected["commands"].isPresent ? try expected["commands"].list : []
        for command in wire { script.append((try command.text, "6A88")) }
        let card = ScriptedChannel(hex: script, showsData: true)
        guard expected["externalAuthenticate"].isPresent else { return card }
        let secure = try SecureChannel.open(
            on: card, keys: try FixedKeys(inputs), keyVersion: try inputs["keyVersion"].byte,
            level: SecurityLevel(rawValue: try inputs["securityLevel"].byte),
            hostChallenge: try inputs["hostChallenge"].bytes)
        for command in try inputs["commands"].list {
            _ = try secure.transmit(try #require(APDUCommand(encoded: try command.bytes)))
        }
        return card
    }

    private func session(_ inputs: VectorFile.Node) throws -> SCP02Session {
        let update = try InitializeUpdate(try inputs["initializeUpdateResponse"].bytes)
        let keys = try FixedKeys(inputs).keys(forKDD: update.kdd, version: update.keyVersion)
        return try SCP02Session(
            keys: keys, sequenceCounter: try #require(update.sequenceCounter), cardChallenge: update.cardChallenge,
            hostChallenge: try inputs["hostChallenge"].bytes)
    }

    @Test(arguments: try sessions())
    func `a published SCP02 session comes out byte for byte`(entry: VectorFile.Entry) throws {
        let card = try play(entry.inputs, entry.expected)
        #expect(card.isFinished || !entry.expected["externalAuthenticate"].isPresent)
    }

    @Test(arguments: try sessions())
    func `SCP02 session keys and cryptograms are the published ones`(entry: VectorFile.Entry) throws {
        let session = try session(entry.inputs)
        #expect(session.sENC.hex() == (try entry.expected["sEnc"].text))
        #expect(session.sMAC.hex() == (try entry.expected["sMac"].text))
        #expect(session.sRMAC.hex() == (try entry.expected["sRmac"].text))
        #expect(session.sDEK.hex() == (try entry.expected["sDek"].text))
        #expect(try session.cardCryptogram().hex == entry.expected["cardCryptogram"].text)
        guard entry.expected["hostCryptogram"].isPresent else { return }
        #expect(try session.hostCryptogram().hex == entry.expected["hostCryptogram"].text)
    }

    @Test func `the well-known challenge of option 40 follows from counter and application`() throws {
        let entry = try #require(try VectorFile.entries("gp-scp02", "scp02_pseudo_random").first)
        let keys = CardKeys(
            enc: try entry.inputs["encKey"].secret(), mac: try entry.inputs["macKey"].secret(),
            dek: try entry.inputs["macKey"].secret())
        let challenge = try entry.expected["cardChallenge"].bytes
        let session = try SCP02Session(
            keys: keys, sequenceCounter: try entry.inputs["sequenceCounter"].bytes, cardChallenge: challenge,
            hostChallenge: try entry.inputs["hostChallenge"].bytes, options: SCP02Session.Options(rawValue: 0x55))
        #expect(try session.pseudoRandomChallenge(aid: try entry.inputs["aid"].bytes) == challenge)
        #expect(try session.cardCryptogram().hex == entry.expected["cardCryptogram"].text)
    }

    @Test func `SCP02 session keys have the published check values`() throws {
        let entry = try #require(try VectorFile.entries("gp-scp02", "scp02_session_keys").first)
        let keys = CardKeys(
            enc: try entry.inputs["key"].secret(), mac: try entry.inputs["key"].secret(),
            dek: try entry.inputs["key"].secret())
        let session = try SCP02Session(
            keys: keys, sequenceCounter: try entry.inputs["sequenceCounter"].bytes,
            cardChallenge: Bytes(repeating: 0, count: 6), hostChallenge: Bytes(repeating: 0, count: 8))
        #expect(try KeyCheckValue.tripleDES(session.sENC).hex == entry.expected["sEncKcv"].text)
        #expect(try KeyCheckValue.tripleDES(session.sMAC).hex == entry.expected["sMacKcv"].text)
        #expect(try KeyCheckValue.tripleDES(session.sDEK).hex == entry.expected["sDekKcv"].text)
        #expect(try KeyCheckValue.tripleDES(session.sRMAC).hex == entry.expected["sRmacKcv"].text)
    }

    @Test func `a key for PUT KEY is encrypted under the session DEK`() throws {
        let entry = try #require(
            try VectorFile.entries("gp-scp02", "put_key_3des").first { $0.id == "scp02-put-key-ciphertext" })
        let keys = CardKeys(
            enc: try entry.inputs["dek"].secret(), mac: try entry.inputs["dek"].secret(),
            dek: try entry.inputs["dek"].secret())
        let session = try SCP02Session(
            keys: keys, sequenceCounter: try entry.inputs["sequenceCounter"].bytes,
            cardChallenge: Bytes(repeating: 0, count: 6), hostChallenge: Bytes(repeating: 0, count: 8))
        #expect(try session.sealSensitive(try entry.inputs["key"].bytes).hex == entry.expected["ciphertext"].text)
        #expect(try KeyCheckValue.tripleDES(try entry.inputs["key"].secret()).hex == entry.expected["kcv"].text)
    }

    @Test(arguments: try VectorFile.entries("gp-scp02", "negative"))
    func `an altered SCP02 session is refused`(entry: VectorFile.Entry) throws {
        #expect(throws: SakkError.self) { _ = try play(entry.inputs["inputs"], entry.inputs["claimed"]) }
    }

    @Test func `a level with R-MAC is refused where the card's options have none`() throws {
        let entry = try #require(try Self.sessions().first)
        let card = ScriptedChannel(hex: [
            (try entry.expected["initializeUpdate"].text, try entry.inputs["initializeUpdateResponse"].text + "9000")
        ])
        #expect(throws: SakkError("chip.level.unsupported", source: "", text: "", remedy: "")) {
            _ = try SecureChannel.open(
                on: card, keys: try FixedKeys(entry.inputs), keyVersion: 0x20, level: SecurityLevel(rawValue: 0x11),
                hostChallenge: try entry.inputs["hostChallenge"].bytes)
        }
    }
}
