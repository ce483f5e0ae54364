import Ground
import Testing

@testable import PlantChip

@Suite struct SecureChannelTests {
    @Test func `The card's side of SCP03 agrees with every published session`() throws {
        let sessions = try VectorFile("gp-scp03").entries(kind: "scp03_session")
        var count = 0
        for vector in sessions {
            let initialize = try vector.bytes(input: "initializeUpdateResponse")
            let keys = StaticKeys(
                enc: try vector.bytes(input: "encKey"), mac: try vector.bytes(input: "macKey"),
                dek: try vector.bytes(input: "dekKey"))
            let length = try vector.input("mode") == "S8" ? 8 : 16
            var session = SCP03Session(
                keys: keys, hostChallenge: try vector.bytes(input: "hostChallenge"),
                cardChallenge: Bytes(initialize[13..<13 + length]), macLength: length)
            #expect(session.cardCryptogram == (try vector.bytes(expected: "cardCryptogram")), "\(vector.id)")
            #expect(session.hostCryptogram == (try vector.bytes(expected: "hostCryptogram")), "\(vector.id)")

            let authenticate = try #require(CommandAPDU(try vector.bytes(expected: "externalAuthenticate")))
            let opened = session.open(authenticate)
            #expect(opened, "\(vector.id)")
            let plain = try vector.list("inputs", "commands")
            let wrapped = try vector.list("expected", "commands")
            for (inside, outside) in zip(plain, wrapped) {
                let command = try #require(CommandAPDU(hex(outside["wrapped"]!)))
                let expected = try #require(CommandAPDU(hex(inside["plain"]!)))
                #expect(session.unwrap(command) == expected, "\(vector.id)")
                guard let response = outside["response"], let clear = inside["responsePlain"].map(hex) else { continue }
                let status = UInt16(try #require(BigEndian.unsigned(clear.suffix(2))))
                #expect(session.wrap(Answer(clear.dropLast(2), status: status)).bytes == hex(response), "\(vector.id)")
            }
            count += 1
        }
        #expect(count == 8)
    }

    @Test func `Pseudo-random challenges follow from counter and application identifier`() throws {
        let vectors = try VectorFile("gp-scp03").entries(kind: "scp03_pseudo_random")
        #expect(!vectors.isEmpty)
        for vector in vectors {
            let challenge = SCP03Session.challenge(
                encKey: try vector.bytes(input: "encKey"),
                sequenceCounter: try vector.bytes(input: "sequenceCounter"), aid: try vector.bytes(input: "aid"))
            #expect(challenge == (try vector.bytes(expected: "cardChallenge")), "\(vector.id)")
        }
    }

    @Test func `The card's side of SCP02 agrees with every published session`() throws {
        let sessions = try VectorFile("gp-scp02").entries(kind: "scp02_session")
        #expect(sessions.count == 3)
        for vector in sessions {
            let initialize = try vector.bytes(input: "initializeUpdateResponse")
            let keys = StaticKeys(
                enc: try vector.bytes(input: "encKey"), mac: try vector.bytes(input: "macKey"),
                dek: try vector.bytes(input: "dekKey"))
            var session = SCP02Channel(
                keys: keys, counter: Bytes(initialize[12..<14]),
                hostChallenge: try vector.bytes(input: "hostChallenge"),
                cardChallenge: Bytes(initialize[14..<20]), options: 0x15)
            #expect(session.cardCryptogram == (try vector.bytes(expected: "cardCryptogram")), "\(vector.id)")
            guard let digits = (vector.raw["expected"] as? [String: Any])?["externalAuthenticate"] as? String else {
                continue
            }
            let authenticate = hex(digits)
            #expect(session.hostCryptogram == (try vector.bytes(expected: "hostCryptogram")), "\(vector.id)")
            let opened = session.open(try #require(CommandAPDU(authenticate)))
            #expect(opened, "\(vector.id)")
            let plain = try #require((vector.raw["inputs"] as? [String: Any])?["commands"] as? [String])
            let wrapped = try #require((vector.raw["expected"] as? [String: Any])?["commands"] as? [String])
            for (inside, outside) in zip(plain, wrapped) {
                let command = try #require(CommandAPDU(hex(outside)))
                #expect(session.unwrap(command) == CommandAPDU(hex(inside)), "\(vector.id)")
            }
        }
    }

    @Test func `The well-known challenge of SCP02 follows from counter and application identifier`() throws {
        let vector = try #require(try VectorFile("gp-scp02").entries(kind: "scp02_pseudo_random").first)
        let challenge = SCP02Channel.challenge(
            macKey: try vector.bytes(input: "macKey"), counter: try vector.bytes(input: "sequenceCounter"),
            aid: try vector.bytes(input: "aid"))
        #expect(challenge == (try vector.bytes(expected: "cardChallenge")))
    }

    @Test func `Keys that the maker derives have the published check values`() throws {
        let published: [(VirtualCardConfiguration.TransportKeys.Scheme, [String])] = [
            (.emv, ["C33013", "6F4CA6", "BB8179"]), (.visa2, ["2BE598", "58DA38", "3C328E"]),
            (.visa, ["A11F9A", "1A9282", "6F2E6B"]),
        ]
        for (scheme, values) in published {
            let keys = StaticKeys(
                scheme, master: hex("404142434445464748494A4B4C4D4E4F"),
                diversificationData: hex("00010203040506070809"))
            #expect([keys.enc, keys.mac, keys.dek].map { ChipKeyEntry.Kind.des.checkValue($0).hex } == values)
        }
    }

    @Test func `A flipped bit anywhere in a protected command ends the session`() throws {
        let vector = try VectorFile("gp-scp03").entry("scp03-aes128-level33")
        let initialize = try vector.bytes(input: "initializeUpdateResponse")
        let keys = StaticKeys(
            enc: try vector.bytes(input: "encKey"), mac: try vector.bytes(input: "macKey"),
            dek: try vector.bytes(input: "dekKey"))
        var session = SCP03Session(
            keys: keys, hostChallenge: try vector.bytes(input: "hostChallenge"),
            cardChallenge: Bytes(initialize[13..<21]))
        let opened = session.open(try #require(CommandAPDU(try vector.bytes(expected: "externalAuthenticate"))))
        #expect(opened)
        let command = hex(try #require(vector.list("expected", "commands").first?["wrapped"]))
        for index in command.indices.dropLast() where index != 4 {
            var altered = command
            altered[index] ^= 0x10
            var copy = session
            #expect(copy.unwrap(try #require(CommandAPDU(altered))) == nil)
        }
    }

    @Test func `Diversified keys have the published check values`() throws {
        let keys = StaticKeys(
            master: hex("404142434445464748494A4B4C4D4E4F"), diversificationData: hex("00010203040506070809"))
        func checkValue(_ key: Bytes) -> String {
            ChipCrypto.aesCBC(key: key, Bytes(repeating: 1, count: 16), encrypt: true).prefix(3).map { $0 }.hex
        }
        #expect([keys.enc, keys.mac, keys.dek].map(checkValue) == ["E79C05", "D1BD77", "3FDE8C"])
        let long = StaticKeys(
            master: hex("8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD"),
            diversificationData: hex("D9B1DE5D0362DEDCE4FB"))
        #expect(long.enc == hex("9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781"))
    }
}
