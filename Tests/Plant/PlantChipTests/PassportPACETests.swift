import Ground
import Testing

@testable import PlantChip

/// The chip's side of PACE against the worked examples of Doc 9303-11 appendices G, H and I: the chip draws the published
/// secrets, takes the published commands and has to answer the published bytes.
@Suite struct PassportPACETests {
    private struct Example {
        let offer: PassportPACE.Offer
        let passwordKey: Bytes
        let staticKey: Bytes?
        /// What the chip draws, in order.
        let drawn: Bytes
    }

    private func given(_ vector: Vector, _ name: String) -> Bytes? {
        ((vector.raw["inputs"] as? [String: Any])?[name] as? String).flatMap { Bytes(hex: $0) }
    }

    private func example(_ vector: Vector, ephemeral: Bytes) throws -> Example {
        let identifier = try vector.bytes(input: "oid")
        let offer = PassportPACE.Offer(
            identifier: identifier, mapping: identifier[8], suite: try #require(ChipSuite(rawValue: identifier[9])),
            parameter: Int(try vector.bytes(input: "parameterId")[0]))
        let key: Bytes
        if let fixed = given(vector, "kPi") {
            key = fixed
        } else {
            key = offer.suite.key(ChipCrypto.sha1(Bytes(try vector.input("mrzInformation").utf8)), 3)
            #expect(key == (try vector.bytes(expected: "kPi")))
        }
        let nonce = try vector.bytes(expected: "nonce")
        return Example(
            offer: offer, passwordKey: key, staticKey: given(vector, "chipStaticPrivate"),
            drawn: nonce + (given(vector, "mapPrivateChip") ?? []) + ephemeral)
    }

    private func play(_ example: Example, _ script: [(String, String)]) throws -> PassportPACE.Opened? {
        var pace = PassportPACE(
            offer: example.offer, passwordKey: example.passwordKey, staticKey: example.staticKey)
        var random = ChipRandom(seed: 1, forced: example.drawn)
        var opened: PassportPACE.Opened?
        for (command, response) in script {
            let result = pace.answer(try #require(CommandAPDU(hex(command))), authority: nil, random: &random)
            #expect(result.answer.bytes.hex == response)
            opened = result.opened
        }
        return opened
    }

    @Test(arguments: [
        ("g1-ecdh-gm-aes128-bp256", "h1-chip-key"), ("i1-ecdh-cam-aes128-bp256", "i1-chip-key"),
        ("g2-dh-gm-aes128-1024-160", ""), ("constructed-ecdh-gm-3des-bp256-can", ""),
        ("constructed-ecdh-gm-aes256-bp384-can", ""),
    ]) func `The chip answers the published bytes`(id: String, key: String) throws {
        let vector = try VectorFile("icao-pace").entry(id)
        let ephemeral =
            key.isEmpty
            ? try vector.bytes(input: "privateChip")
            : try VectorFile("icao-pace-text").entry(key).bytes(input: "privateChip")
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        let apdus = try #require(expected["apdus"] as? [[String]]).dropFirst().map { ($0[0], $0[1]) }
        let opened = try #require(try play(try example(vector, ephemeral: ephemeral), Array(apdus)))
        #expect(opened.session.ksEnc == (try vector.bytes(expected: "ksEnc")))
        #expect(opened.session.ksMac == (try vector.bytes(expected: "ksMac")))
    }

    @Test(arguments: [("icao-pace", "h1-ecdh-im-aes128-bp256"), ("icao-pace-text", "h2-dh-im-aes128-1024-160")])
    func `The chip maps, agrees and answers as published with the integrated mapping`(
        file: String, id: String
    ) throws {
        let vector = try VectorFile(file).entry(id)
        let ephemeral =
            file == "icao-pace"
            ? try VectorFile("icao-pace-text").entry("h1-chip-key").bytes(input: "privateChip")
            : try vector.bytes(input: "privateChipReduced")
        let isCurve = file == "icao-pace"
        func object(_ tag: UInt32, _ value: Bytes) -> String { TLV(0x7C, [TLV(tag, value)]).encoded.hex }
        func command(_ cla: String, _ data: String) -> String {
            let bytes = Bytes(hex: data)!
            return cla + "860000" + Bytes([UInt8(bytes.count)]).hex + data + "00"
        }
        let script = [
            ("10860000027C0000", object(0x80, try vector.bytes(input: "encryptedNonce")) + "9000"),
            (command("10", object(0x81, try vector.bytes(input: "terminalNonce"))), "7C0282009000"),
            (
                command("10", object(0x83, try vector.bytes(expected: "publicTerminal"))),
                object(0x84, try vector.bytes(expected: "publicChip")) + "9000"
            ),
            (
                command("00", object(0x85, try vector.bytes(expected: "tokenTerminal"))),
                object(0x86, try vector.bytes(expected: "tokenChip")) + "9000"
            ),
        ]
        let opened = try #require(try play(try example(vector, ephemeral: ephemeral), script))
        #expect(opened.session.ksEnc == (try vector.bytes(expected: "ksEnc")))
        #expect(opened.session.ksMac == (try vector.bytes(expected: "ksMac")))
        #expect(opened.identity.count == (isCurve ? 32 : 20))
    }

    @Test func `A wrong token ends the run with 6300, and its keys open nothing`() throws {
        let vector = try VectorFile("icao-pace").entry("g1-ecdh-gm-aes128-bp256")
        let key = try VectorFile("icao-pace-text").entry("h1-chip-key").bytes(input: "privateChip")
        let expected = try #require(vector.raw["expected"] as? [String: Any])
        var apdus = try #require(expected["apdus"] as? [[String]]).dropFirst().map { ($0[0], $0[1]) }
        apdus[3] = ("008600000C7C0A8508C2B0BD78D94BA86700", "6300")
        #expect(try play(try example(vector, ephemeral: key), apdus) == nil)
    }

    @Test(arguments: [("aes128-session-at", 2), ("constructed-g1-keys", 7), ("constructed-aes256", 7)])
    func `AES secure messaging of the chip has the published bytes`(id: String, count: Int) throws {
        let vector = try VectorFile("sm-aes").entry(id)
        let suite: ChipSuite = try vector.input("cipher") == "AES256" ? .aes256 : .aes128
        var session = PassportSession(
            suite: suite, ksEnc: try vector.bytes(input: "ksEnc"), ksMac: try vector.bytes(input: "ksMac"),
            sendSequenceCounter: try vector.bytes(input: "ssc"))
        let plain = try vector.list("inputs", "exchanges")
        let protected = try vector.list("expected", "exchanges")
        #expect(plain.count == count)
        for (inside, outside) in zip(plain, protected) {
            let command = try #require(CommandAPDU(hex(outside["command"]!)))
            let inner = try session.unwrap(command)
            #expect(inner == CommandAPDU(hex(inside["command"]!)))
            let bytes = hex(inside["response"]!)
            let answer = Answer(Bytes(bytes.dropLast(2)), status: UInt16(BigEndian.unsigned(bytes.suffix(2))!))
            #expect(session.wrap(answer, oddInstruction: false).bytes.hex == outside["response"]!)
        }
    }
}

extension PassportPACE.Opened: Equatable {
    static func == (left: Self, right: Self) -> Bool { left.session.ksMac == right.session.ksMac }
}
