import Ground
import Testing

@testable import PlantChip

@Suite struct VirtualCardTests {
    @Test func `A delivered card tells who it is without any key`() throws {
        let host = TestHost(TestHost.card(serial: 0xCAFE_0001))
        let cplc = try #require(host.send("80CA9F7F00"))
        #expect(cplc.hasPrefix("9F7F2A") && cplc.hasSuffix("9000") && cplc.count == 2 * 47)
        #expect(cplc.contains("CAFE00010102"))
        #expect(host.send("80CA00E000") == "E012C00401308810C00402308810C004033088109000")
        #expect(host.send("80CA00C100") == "C1030000009000")
        #expect(host.send("00A4040008A00000015100000000")?.hasPrefix("6F") == true)
        #expect(host.send("00A4040C07A0000002471001") == "6A82")
        #expect(host.send("00A4000C023F00") == "6A82")
    }

    @Test func `The answer to reset is well formed`() throws {
        let atr = try #require(TestHost.card().reset())
        #expect(atr[0] == 0x3B && atr.count == 4 + Int(atr[1] & 0x0F) + 1)
        #expect(atr.dropFirst().reduce(0, ^) == 0, "the check byte closes the sum of ISO/IEC 7816-3")
    }

    @Test func `Content commands need a channel and a channel needs the keys`() throws {
        var host = TestHost(TestHost.card())
        for command in ["80F28002024F0000", "80E60C0000", "80E40000024F00", "80F0800F00", "84F2800200"] {
            #expect(host.send(command) == "6982", "\(command)")
        }
        #expect(host.open(master: hex("00112233445566778899AABBCCDDEEFF")) == "6300")
        #expect(host.open() == "9000")
        #expect(host.send("80F28002024F0000") == "6982", "a clear command in a secured session")
        #expect(host.secured("80F28002", "4F00") == "6982", "which is then over")
    }

    @Test func `Ten wrong host cryptograms block the key set for ever`() throws {
        var host = TestHost(TestHost.card())
        for _ in 1...9 { #expect(host.open(master: hex("00112233445566778899AABBCCDDEEFF")) == "6300") }
        #expect(host.open() == "9000", "nine do not, and success counts from the beginning again")
        for _ in 1...10 { #expect(host.open(master: hex("00112233445566778899AABBCCDDEEFF")) == "6300") }
        _ = host.card.powerOn()
        #expect(host.open() == "6983")
    }

    @Test func `An instance is installed, selected, found in the registry and deleted with its memory`() throws {
        var host = TestHost(TestHost.card())
        #expect(host.open() == "9000")
        #expect(host.secured("80F24002", "4F00") == "6A88")
        #expect(host.secured("80F21002", "4F00")?.contains("8407A0000002471001") == true)
        #expect(host.secured("80E60C00", TestHost.install) == "009000")
        #expect(host.secured("80E60C00", TestHost.install) == "6985")
        #expect(host.secured("80F24002", "4F00")?.hasPrefix("E3") == true)
        #expect(host.send("00A4040C07A0000002471001") == "9000")
        #expect(host.send("00E00000066304000501 01") == "9000")
        #expect(host.card.census().files == ["0101": 5])
        #expect(host.send("00A4040C08A000000151000000") == "9000")
        #expect(host.send("84F2400200") == "6982", "the channel died with the other selection")
        host.card.powerOff()
        #expect(host.send("80CA9F7F00") == nil)
        _ = host.card.powerOn()
        #expect(host.card.census().instanceInstalled, "memory outlives power")
        #expect(host.open() == "9000")
        #expect(host.secured("80E40080", "4F07A0000002471001") == "009000")
        #expect(host.card.census().instanceInstalled == false)
        #expect(host.send("00A4040C07A0000002471001") == "6A82")
    }

    @Test func `A locked card keeps its application shut and can be opened again, a terminated one never`() throws {
        var host = TestHost(TestHost.card())
        #expect(host.open() == "9000")
        #expect(host.secured("80E60C00", TestHost.install) == "009000")
        #expect(host.secured("80F0807F") == "9000")
        #expect(host.send("00A4040C07A0000002471001") == "6A82")
        #expect(host.send("00A4040000")?.hasSuffix("6283") == true)
        #expect(host.send("80CA9F7F00")?.hasSuffix("9000") == true)
        #expect(host.card.census().cardState == "CARD_LOCKED")
        #expect(host.open() == "9000")
        #expect(host.secured("80F0800F") == "9000")
        #expect(host.send("00A4040C07A0000002471001") == "9000")
        #expect(host.open() == "9000")
        #expect(host.secured("80F080FF") == "9000")
        #expect(host.card.census().cardState == "TERMINATED")
        #expect(host.send("00A4040C07A0000002471001") == "6A82")
        #expect(host.send("8050000008B13E5F938FC108C400") == "6985")
        #expect(host.send("80CA9F7F00")?.hasSuffix("9000") == true)
    }

    @Test func `Two cards of one master have different keys`() throws {
        let first = try #require(TestHost(TestHost.card(serial: 1)).send("8050000008B13E5F938FC108C400"))
        let second = try #require(TestHost(TestHost.card(serial: 2)).send("8050000008B13E5F938FC108C400"))
        #expect(first.prefix(20) != second.prefix(20))
        #expect(first.dropFirst(26).prefix(16) != second.dropFirst(26).prefix(16), "challenge under another key")
    }

    @Test func `Ordered faults happen at the ordered command and once`() throws {
        let silent = TestHost(TestHost.card(behaviour: .failsAt(apdu: 2, .silent)))
        #expect(silent.send("80CA9F7F00") != nil)
        #expect(silent.send("80CA9F7F00") == nil)
        #expect(silent.send("80CA9F7F00") == nil, "silent until it is powered again")
        #expect(silent.card.reset() != nil)
        #expect(silent.send("80CA9F7F00") != nil)

        let refusing = TestHost(TestHost.card(behaviour: .failsAt(apdu: 1, .status(0x6581))))
        #expect(refusing.send("80CA9F7F00") == "6581")
        #expect(refusing.send("80CA9F7F00")?.hasSuffix("9000") == true)

        var lost = TestHost(TestHost.card(behaviour: .failsAt(apdu: 4, .answerLost)))
        #expect(lost.open() == "9000")
        #expect(lost.secured("80E60C00", TestHost.install) == nil)
        #expect(lost.card.census().instanceInstalled, "executed, only the answer is lost")
    }

    @Test func `A mute card answers nothing and a wrong cryptogram is not the host's`() throws {
        let mute = TestHost.card(behaviour: .mute)
        #expect(mute.powerOn() == nil)
        #expect(mute.process(hex("80CA9F7F00")) == nil)
        #expect(mute.census().answers == false)

        let good = try #require(TestHost(TestHost.card()).send("8050000008B13E5F938FC108C400"))
        let wrong = try #require(
            TestHost(TestHost.card(behaviour: .wrongCryptogram)).send("8050000008B13E5F938FC108C400"))
        #expect(good.dropFirst(42).prefix(16) != wrong.dropFirst(42).prefix(16))
        #expect(good.prefix(42) == wrong.prefix(42))
    }
}
