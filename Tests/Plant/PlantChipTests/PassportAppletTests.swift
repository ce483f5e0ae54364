import Ground
import Testing

@testable import PlantChip

@Suite struct PassportAppletTests {
    private static let common = hex("60145F0104303130365F36063034303030305C026175")
    private static let access = TLV(
        0x62,
        [
            TLV(0x81, Bytes("L898902C<".utf8)), TLV(0x82, Bytes("690806".utf8)), TLV(0x83, Bytes("940623".utf8)),
        ]
    ).encoded

    /// The commands that write the document of Doc 9303-11 appendix D, without the lock.
    private static let personalisation: [Bytes] = [
        hex("00E00000 06 6304 0016 011E"), hex("00A40000 02 011E"),
        hex("00D60000") + [UInt8(common.count)] + common, hex("00DA0062") + [UInt8(access.count)] + access,
    ]
    private static let lock = hex("00DADEAD")

    private static func applet(random: inout ChipRandom, locked: Bool = true) -> PassportApplet {
        var applet = PassportApplet()
        for command in personalisation + (locked ? [lock] : []) {
            #expect(applet.process(CommandAPDU(command)!, random: &random) == Answer())
        }
        applet.clearTransientState()
        return applet
    }

    @Test func `Basic Access Control and secure messaging answer the published bytes`() throws {
        let vectors = try VectorFile("icao-bac")
        let authentication = try vectors.entry("d3-authentication")
        let rndIC = try authentication.bytes(input: "rndIc")
        var random = ChipRandom(seed: 1, forced: rndIC + (try authentication.bytes(input: "kIc")))
        var applet = Self.applet(random: &random)
        #expect(applet.process(CommandAPDU(hex("0084000008"))!, random: &random) == Answer(rndIC))
        let command = hex("0082000028") + (try authentication.bytes(expected: "commandData")) + [0x28]
        let answer = applet.process(CommandAPDU(command)!, random: &random)
        #expect(answer == Answer(try authentication.bytes(expected: "responseData")))

        for exchange in try vectors.entry("d4-secure-messaging").list("expected", "exchanges") {
            let command = try #require(CommandAPDU(hex(exchange["command"]!)))
            #expect(applet.process(command, random: &random).bytes == hex(exchange["response"]!))
        }
    }

    @Test func `Access keys are the published ones`() throws {
        let access = PassportAccess(
            documentNumber: Bytes("D23145890734".utf8), dateOfBirth: Bytes("340712".utf8),
            dateOfExpiry: Bytes("950712".utf8))
        let vector = try VectorFile("icao-bac").entry("d2-long-number-keys")
        #expect(access.kEnc == (try vector.bytes(expected: "kEnc")))
        #expect(access.kMac == (try vector.bytes(expected: "kMac")))
    }

    @Test func `A wrong checksum drops the session and nothing can be read after it`() throws {
        let vectors = try VectorFile("icao-bac")
        let authentication = try vectors.entry("d3-authentication")
        let forced = try authentication.bytes(input: "rndIc") + authentication.bytes(input: "kIc")
        let exchanges = try vectors.entry("d4-secure-messaging").list("expected", "exchanges").map {
            hex($0["command"]!)
        }
        for flipped in 5..<(exchanges[0].count - 1) {
            var random = ChipRandom(seed: 1, forced: forced)
            var applet = Self.applet(random: &random)
            _ = applet.process(CommandAPDU(hex("0084000008"))!, random: &random)
            let command = hex("0082000028") + (try authentication.bytes(expected: "commandData")) + [0x28]
            #expect(applet.process(CommandAPDU(command)!, random: &random).status == 0x9000)
            var altered = exchanges[0]
            altered[flipped] ^= 0x01
            let status = applet.process(CommandAPDU(altered)!, random: &random).status
            #expect(status == 0x6987 || status == 0x6988)
            #expect(applet.process(CommandAPDU(exchanges[0])!, random: &random).status == 0x6987)
            #expect(applet.process(CommandAPDU(hex("00B0000004"))!, random: &random).status == 0x6982)
        }
    }

    @Test func `Wrong access keys are refused and the challenge is used up`() throws {
        let authentication = try VectorFile("icao-bac").entry("d3-authentication")
        var random = ChipRandom(seed: 7)
        var applet = Self.applet(random: &random)
        #expect(applet.process(CommandAPDU(hex("0084000008"))!, random: &random).data.count == 8)
        let command = hex("0082000028") + (try authentication.bytes(expected: "commandData")) + [0x28]
        #expect(applet.process(CommandAPDU(command)!, random: &random) == .status(0x6982))
        #expect(applet.process(CommandAPDU(command)!, random: &random) == .status(0x6982))
    }

    @Test func `Nothing is read in clear, before the lock neither; the lock ends writing`() throws {
        var random = ChipRandom(seed: 1)
        var applet = Self.applet(random: &random, locked: false)
        #expect(applet.process(CommandAPDU(hex("00A40000 02 011E"))!, random: &random).status == 0x9000)
        #expect(applet.process(CommandAPDU(hex("00B0000004"))!, random: &random) == .status(0x6982))
        #expect(applet.process(CommandAPDU(Self.lock)!, random: &random).status == 0x9000)
        for command in Self.personalisation where command[1] != 0xA4 {
            #expect(applet.process(CommandAPDU(command)!, random: &random).status == 0x6985)
        }
        #expect(applet.process(CommandAPDU(Self.lock)!, random: &random).status == 0x6985)
        #expect(applet.process(CommandAPDU(hex("00A40000 02 011E"))!, random: &random).status == 0x6982)
    }

    @Test(arguments: [
        ("00E00000 06 6404 0016 0101", 0x6984), ("00E00000 04 6304 0016", 0x6700),
        ("00E00000 06 6304 0017 011E", 0x6A84),
        ("00E00000 06 6304 0010 0110", 0x6F00), ("00A40000 02 0102", 0x6A82), ("00A40000 01 01", 0x6700),
        ("00D60000 01 00", 0x6985), ("00DA0070", 0x6A86), ("0020000000", 0x6D00), ("80CA9F7F00", 0x6E00),
        ("0084000004", 0x6700), ("00E00000 06 6304 0010 0103", 0x6982),
    ]) func `Personalisation mistakes have the applet's status words`(command: String, status: Int) throws {
        var random = ChipRandom(seed: 1)
        var applet = Self.applet(random: &random, locked: false)
        #expect(applet.process(CommandAPDU(hex(command))!, random: &random) == .status(UInt16(status)))
    }

    @Test func `The open applet once opened gives no challenge before a reset, not by SELECT either`() throws {
        let vectors = try VectorFile("icao-bac")
        let authentication = try vectors.entry("d3-authentication")
        let rndIC = try authentication.bytes(input: "rndIc")
        var random = ChipRandom(seed: 1, forced: rndIC + (try authentication.bytes(input: "kIc")))
        var applet = Self.applet(random: &random)
        let challenge = CommandAPDU(hex("0084000008"))!
        #expect(applet.process(challenge, random: &random) == Answer(rndIC))
        let command = hex("0082000028") + (try authentication.bytes(expected: "commandData")) + [0x28]
        #expect(applet.process(CommandAPDU(command)!, random: &random).status == 0x9000)
        #expect(applet.process(challenge, random: &random) == .status(0x6982))
        // SELECT of the application
        applet.clearTransientState(entering: .application)
        #expect(applet.process(challenge, random: &random) == .status(0x6982))
        applet.losePower()
        #expect(applet.process(challenge, random: &random).data.count == 8)
        // one that nobody opened may be asked again
        #expect(applet.process(challenge, random: &random).data.count == 8)
    }

    @Test func `The lock is the package's: it outlives the instance, and ends with the package`() throws {
        var host = TestHost(TestHost.card())
        let applet = "00A4040007A0000002471001"
        func install() -> String? {
            #expect(host.open() == "9000")
            return host.secured("80E60C00", TestHost.install)
        }
        #expect(install() == "009000")
        #expect(host.send(applet + "00")?.hasSuffix("9000") == true)
        for command in Self.personalisation + [Self.lock] { #expect(host.send(command.hex) == "9000") }
        #expect(host.send("00E0000006630400100101") == "6985")
        #expect(host.open() == "9000")
        #expect(host.secured("80E40000", "4F07A0000002471001") == "009000")

        // the next instance is locked before anything was written to it
        #expect(host.secured("80E60C00", TestHost.install) == "009000")
        #expect(host.send(applet + "00")?.hasSuffix("9000") == true)
        #expect(host.send("00E0000006630400100101") == "6985")
        #expect(host.send("00A4020C02011E") == "6982")
        #expect(host.send("00DADEAD") == "6985")
        // by STORE DATA, the other dialect, it can be written: that one has no such field
        #expect(host.send("80E2080009 010106 0000 61027F00".replacing(" ", with: "")) == "9000")

        // with the package its fields are gone
        #expect(host.open() == "9000")
        #expect(host.secured("80E40080", "4F06A00000024710") == "009000")
        #expect(host.secured("80E60C00", TestHost.install) == "6A88")
    }

    @Test func `The chip answers the hash of a file that it holds, in STORE DATA alone and before the lock`() throws {
        var random = ChipRandom(seed: 1)
        var applet = PassportApplet()
        let file = Bytes([0x63, 0x03, 1, 2, 3])
        func store(_ data: Bytes, p1: UInt8 = 0x09) -> Answer {
            let command = [0x80, 0xE2, p1, 0x00, UInt8(data.count)] + data + [0]
            return applet.process(CommandAPDU(command)!, random: &random)
        }
        #expect(store(hex("010307 0000") + file).status == 0x9000)
        #expect(store(hex("A040020103")) == Answer(ChipCrypto.sha256(file)))
        #expect(store(hex("A040020103"), p1: 0x08) == Answer())
        #expect(store(hex("A040020104")).status == 0x6A88)
        #expect(store(hex("AFFF0101")).status == 0x9000)
        #expect(store(hex("A040020103")).status == 0x6985)
    }

    /// The applet's scanner reads a tag and a length and steps over that many bytes before it looks for the number.
    @Test func `The signing key is taken from behind an empty object, with or without a leading zero`() throws {
        let modulus = Bytes(repeating: 0xC1, count: 128)
        let exponent = [0x00] + Bytes(repeating: 0x5D, count: 127)
        for zero in [[], [0x00]] as [Bytes] {
            var random = ChipRandom(seed: 1)
            var applet = PassportApplet()
            for (tag, number) in [(UInt8(0x60), modulus), (0x61, exponent)] {
                let value = zero + number
                let data = [tag, 0x00, 0x04, 0x81, UInt8(value.count)] + value
                let command = [0x00, 0xDA, 0x00, tag, UInt8(data.count)] + data
                #expect(applet.process(CommandAPDU(command)!, random: &random) == Answer())
            }
            #expect(applet.signingKey != nil)
        }
    }

    @Test func `A signing key inside its object is not found`() throws {
        var random = ChipRandom(seed: 1)
        var applet = PassportApplet()
        let data = [0x60, 0x81, 0x83, 0x04, 0x81, 0x80] + Bytes(repeating: 0xC1, count: 128)
        let command = [0x00, 0xDA, 0x00, 0x60, UInt8(data.count)] + data
        #expect(applet.process(CommandAPDU(command)!, random: &random) == .status(0x6F00))
    }

    @Test func `Writing past a file's end is refused and leaves it as it was`() throws {
        var random = ChipRandom(seed: 1)
        var applet = Self.applet(random: &random, locked: false)
        _ = applet.process(CommandAPDU(hex("00A40000 02 011E"))!, random: &random)
        #expect(applet.process(CommandAPDU(hex("00D60015 02 FFFF"))!, random: &random).status == 0x6A84)
        #expect(applet.files[0x011E]?.bytes == Self.common)
    }
}
