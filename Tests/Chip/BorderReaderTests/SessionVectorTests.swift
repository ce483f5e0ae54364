import Ground
import SmartCard
import Testing

@testable import BorderReader

/// Session keys and secure messaging against published values that belong to no whole session.
@Suite struct SessionVectorTests {
    @Test func `The key derivation function has the published keys for every cipher`() throws {
        let vectors = try VectorFile("icao-bac").entries(kind: "icao_kdf_value")
        #expect(vectors.count == 5)
        let suites: [String: CipherSuite] = ["3DES": .tripleDES, "AES128": .aes128, "AES256": .aes256]
        for vector in vectors {
            let inputs = try #require(vector.raw["inputs"] as? [String: Any])
            let counter = try #require(inputs["counter"] as? Int)
            let name = try vector.input("cipher")
            let suite = try #require(suites[name])
            let key = suite.derive(try vector.bytes(input: "secret"), counter: UInt8(counter))
            #expect(key.hex == (try vector.expected("key")), "\(vector.id)")
        }
    }

    /// Answers whatever it is asked.
    private final class Answering: CardChannel {
        private let answer: APDUResponse
        init(_ answer: APDUResponse) { self.answer = answer }
        func transmit(_ command: APDUCommand) -> APDUResponse { answer }
    }

    @Test func `An answer under AES-256 that a real chip gave is opened`() throws {
        let vector = try VectorFile("sm-aes").entry("aes256-read-ef-com")
        let (plain, protected) = (
            try vector.list("inputs", "exchanges"), try vector.list("expected", "exchanges")
        )
        let inside = try #require(plain.first?["response"])
        let outside = try #require(protected.first?["response"])
        let response = try #require(APDUResponse(encoded: hex(outside)))
        // the published counter is that of the exchange: the command raises it before the answer does
        var counter = try vector.bytes(input: "ssc")
        counter[15] -= 1
        let messaging = SecureMessaging(
            channel: Answering(response),
            keys: SessionKeys(
                suite: .aes256, enc: try vector.bytes(input: "ksEnc"), mac: try vector.bytes(input: "ksMac")),
            counter: counter)
        let answer = try messaging.transmit(.readBinary(offset: 4, count: 22))
        #expect(answer.encoded.hex == inside)
    }
}
