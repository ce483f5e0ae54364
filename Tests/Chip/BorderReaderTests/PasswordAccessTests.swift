import Ground
import OpenSSLCrypto
import SmartCard
import Testing

@testable import BorderReader

/// PACE against the worked examples of Doc 9303-11 appendices G, H and I.
@Suite struct PasswordAccessTests {
    private func pace(_ vector: Vector) throws -> PasswordAccess {
        let entry = TLV(
            0x30,
            [
                TLV(0x06, try vector.bytes(input: "oid")), TLV(0x02, [2]),
                TLV(0x02, try vector.bytes(input: "parameterId")),
            ])
        let infos = try #require(SecurityInfos(TLV(0x31, [entry]).encoded))
        let offer = try #require(infos.paceByPreference.first)
        let named = (vector.raw["inputs"] as? [String: Any])?["parameterReferenceSent"] as? Bool ?? false
        return PasswordAccess(info: offer.info, domain: offer.domain, namesDomain: named)
    }

    private func secrets(_ vector: Vector) -> PasswordAccess.Secrets {
        let inputs = vector.raw["inputs"] as? [String: Any] ?? [:]
        func given(_ name: String) -> Bytes? { (inputs[name] as? String).flatMap { Bytes(hex: $0) } }
        return PasswordAccess.Secrets(
            mapping: given("mapPrivateTerminal"), nonce: given("terminalNonce"), ephemeral: given("privateTerminal"))
    }

    private func password(_ vector: Vector) throws -> Bytes {
        let inputs = try #require(vector.raw["inputs"] as? [String: Any])
        if let can = inputs["can"] as? String { return DocumentAccess.can(can).password }
        return Digest.sha1(Bytes(try vector.input("mrzInformation").utf8))
    }

    private func script(_ vector: Vector) throws -> [(String, String)] {
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        return try #require(expected["apdus"] as? [[String]]).map { pair in
            // the integrated mapping is answered with an empty 82 (clause 4.4.5.2.2)
            (pair[0], pair[1].isEmpty ? "7C0282009000" : pair[1])
        }
    }

    @Test(arguments: [
        "g1-ecdh-gm-aes128-bp256", "g2-dh-gm-aes128-1024-160", "i1-ecdh-cam-aes128-bp256",
        "constructed-ecdh-gm-3des-bp256-can", "constructed-ecdh-gm-aes256-bp384-can",
    ]) func `The reader sends and takes the published bytes`(id: String) throws {
        let vector = try VectorFile("icao-pace").entry(id)
        let channel = ScriptedChannel(hex: try script(vector), showsData: true)
        let outcome = try pace(vector).open(
            channel, password: try password(vector), reference: try vector.bytes(input: "passwordReference")[0],
            secrets: secrets(vector))
        #expect(channel.isFinished)
        #expect(outcome.keys.enc == (try vector.bytes(expected: "ksEnc")))
        #expect(outcome.keys.mac == (try vector.bytes(expected: "ksMac")))
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        let data = (expected["chipAuthenticationData"] as? String).flatMap { Bytes(hex: $0) }
        #expect(outcome.chipAuthentication?.data == data)
    }

    /// The examples of appendix H fix the key of the password, not the password.
    private func mapped(_ vector: Vector) throws -> (pace: PasswordAccess, domain: AgreementDomain) {
        let pace = try pace(vector)
        let suite = pace.info.suite
        let nonce = try suite.decrypt(try vector.bytes(input: "kPi"), try vector.bytes(input: "encryptedNonce"))
        #expect(nonce == (try vector.bytes(expected: "nonce")))
        let stream = try pace.pseudoRandom(nonce, try vector.bytes(input: "terminalNonce"))
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        if let published = expected["pseudoRandomStream"] as? String { #expect(stream == hex(published)) }
        return (pace, try pace.domain.mapped(pseudoRandom: stream))
    }

    @Test(arguments: [("icao-pace", "h1-ecdh-im-aes128-bp256"), ("icao-pace-text", "h2-dh-im-aes128-1024-160")])
    func `The integrated mapping gives the published generator, keys and tokens`(file: String, id: String) throws {
        let vector = try VectorFile(file).entry(id)
        let (pace, domain) = try mapped(vector)
        #expect(domain.generator == (try vector.bytes(expected: "mappedGenerator")))
        let secret = try vector.bytes(input: "privateTerminal")
        let mine = try domain.publicKey(of: secret)
        #expect(mine == (try vector.bytes(expected: "publicTerminal")))
        let theirs = try vector.bytes(expected: "publicChip")
        let shared = try domain.agree(privateKey: secret, publicKey: theirs)
        #expect(shared == (try vector.bytes(expected: "sharedSecret")))
        let keys = pace.info.suite.keys(from: shared)
        #expect(keys.enc == (try vector.bytes(expected: "ksEnc")))
        #expect(keys.mac == (try vector.bytes(expected: "ksMac")))
        #expect(try pace.token(keys, over: theirs) == (try vector.bytes(expected: "tokenTerminal")))
        #expect(try pace.token(keys, over: mine) == (try vector.bytes(expected: "tokenChip")))
    }

    @Test func `The key of EF.CardSecurity explains the mapping of the published example, another does not`() throws {
        let vector = try VectorFile("icao-pace").entry("i1-ecdh-cam-aes128-bp256")
        let channel = ScriptedChannel(hex: try script(vector))
        let outcome = try pace(vector).open(
            channel, password: try password(vector), reference: 1, secrets: secrets(vector))
        let info = try vector.bytes(input: "chipAuthenticationPublicKeyInfo")
        let infos = try #require(SecurityInfos(TLV(0x31, info).encoded))
        let key = try #require(infos.chipKeys.first)
        #expect(key.keyID == [13] && outcome.isExplained(by: key))
        let stranger = SecurityInfos.ChipKey(
            kind: .ecdh, domain: key.domain, publicKey: try key.domain.keyPair().public, keyID: [13])
        #expect(!outcome.isExplained(by: stranger))
    }

    @Test func `A wrong token of the chip is refused`() throws {
        let vectors = try VectorFile("icao-pace")
        let vector = try vectors.entry("g1-ecdh-gm-aes128-bp256")
        var script = try script(vector)
        script[4].1 = "7C0A86083ABB9674BCE93C099000"
        do {
            _ = try pace(vector).open(
                ScriptedChannel(hex: script), password: try password(vector), reference: 1, secrets: secrets(vector))
            Issue.record("accepted")
        } catch {
            guard case BorderFault.chip(let text) = error else { throw error }
            #expect(text == "PACE: the chip's authentication token does not verify")
        }
    }

    @Test func `A chip that sends the reader's own key back is refused`() throws {
        let vector = try VectorFile("icao-pace").entry("g1-ecdh-gm-aes128-bp256")
        var script = try script(vector)
        script[3].1 = script[3].0.dropFirst(10).dropLast(2).replacing("7C438341", with: "7C438441") + "9000"
        #expect(throws: BorderFault.self) {
            try pace(vector).open(
                ScriptedChannel(hex: script), password: try password(vector), reference: 1, secrets: secrets(vector))
        }
    }

    @Test(arguments: AgreementDomain.standardParameters) func `Two sides agree in every standardised domain`(
        parameter: Int
    ) throws {
        let domain = try #require(AgreementDomain.standard(parameter))
        let one = try domain.keyPair()
        let other = try domain.keyPair()
        #expect(one.public != other.public && domain.isValid(publicKey: one.public))
        #expect(
            try domain.agree(privateKey: one.private, publicKey: other.public)
                == domain.agree(privateKey: other.private, publicKey: one.public))
        var broken = one.public
        broken[broken.count - 1] ^= 1
        #expect(!domain.isValid(publicKey: broken))
    }
}
