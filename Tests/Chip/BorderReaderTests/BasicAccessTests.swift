import Ground
import SmartCard
import Testing

@testable import BorderReader

@Suite struct BasicAccessTests {
    @Test(arguments: [
        ("d2-keys", "L898902C", "690806", "940623"), ("d2-long-number-keys", "D23145890734", "340712", "950712"),
    ]) func `Access keys are the published ones`(id: String, number: String, birth: String, expiry: String) throws {
        let vector = try VectorFile("icao-bac").entry(id)
        let information = AccessKeys.information(documentNumber: number, dateOfBirth: birth, dateOfExpiry: expiry)
        #expect(information == (try vector.input("mrzInformation")))
        let keys = AccessKeys.basic(information: information)
        #expect(keys.enc == (try vector.bytes(expected: "kEnc")))
        #expect(keys.mac == (try vector.bytes(expected: "kMac")))
    }

    /// GET CHALLENGE and MUTUAL AUTHENTICATE of Doc 9303-11 D.3.
    private func opening() throws -> (exchanges: [(String, String)], nonces: BasicAccess.Nonces) {
        let vector = try VectorFile("icao-bac").entry("d3-authentication")
        let command = "0082000028" + (try vector.expected("commandData")) + "28"
        return (
            [
                ("0084000008", try vector.input("rndIc") + "9000"),
                (command, try vector.expected("responseData") + "9000"),
            ],
            BasicAccess.Nonces(
                rndIFD: try vector.bytes(input: "rndIfd"), kIFD: try vector.bytes(input: "kIfd"))
        )
    }

    private func answers(_ id: String) throws -> [APDUResponse] {
        let opening = try opening()
        let vector = try VectorFile("icao-bac").entry(id)
        let published = try VectorFile("icao-bac").entry("d4-secure-messaging")
        let replies =
            id == "d4-secure-messaging"
            ? try published.list("expected", "exchanges").map { $0["response"]! } : try claimed(vector)
        let commands = try published.list("expected", "exchanges").map { $0["command"]! }
        let channel = ScriptedChannel(hex: opening.exchanges + zip(commands, replies))
        let messaging = try BasicAccess.open(
            channel, challenge: try #require(try BasicAccess.challenge(channel)),
            information: "L898902C<369080619406236", nonces: opening.nonces)
        let plain: [APDUCommand] = [
            .select(file: 0x011E), .readBinary(offset: 0, count: 4), .readBinary(offset: 4, count: 18),
        ]
        var answers: [APDUResponse] = []
        for command in plain { answers.append(try messaging.transmit(command)) }
        #expect(channel.isFinished)
        return answers
    }

    private func claimed(_ vector: Vector) throws -> [String] {
        let inputs = try #require(vector.raw["inputs"] as? [String: Any])
        let claimed = try #require(inputs["claimed"] as? [String: Any])
        return try #require(claimed["exchanges"] as? [[String: String]]).map { $0["response"]! }
    }

    @Test func `Authentication and secure messaging send and take the published bytes`() throws {
        let answers = try answers("d4-secure-messaging")
        let plain = try VectorFile("icao-bac").entry("d4-secure-messaging").list("inputs", "exchanges")
        #expect(answers.map(\.encoded) == plain.map { hex($0["response"]!) })
    }

    @Test(arguments: [
        ("negative-flipped-mac", "the checksum of a protected answer is wrong"),
        ("negative-status-outside-differs", "the status word outside a protected answer differs from the one inside"),
    ]) func `Published wrong answers are refused`(id: String, reason: String) throws {
        do {
            _ = try answers(id)
            Issue.record("accepted")
        } catch let fault as BorderFault {
            guard case .chip(let text) = fault else {
                Issue.record("a transport failure")
                return
            }
            #expect(text == reason)
        }
    }
}
