import Ground
import Testing

@testable import PlantChip

/// PUT KEY as the clauses say it (GlobalPlatform 2.3.1 11.8), put together here by hand.
@Suite struct PutKeyTests {
    private static let production = hex("00112233445566778899AABBCCDDEEFF")
    private static let held = "E012C00401308810C00402308810C004033088109000"

    /// Key-DEK of the transport keys of `TestHost.card()`.
    private func dek() -> Bytes {
        let kdd = CardProductionLifeCycle(serial: 0x17, batch: 0x0102).keyDiversificationData
        return StaticKeys(master: TestHost.master, diversificationData: kdd).dek
    }

    /// Type 88, length, real length, key under the DEK, check value: three times the same key.
    private func data(version: UInt8, _ key: Bytes = production, spoilt: Bool = false) -> Bytes {
        var check = Bytes(ChipCrypto.aesCBC(key: key, Bytes(repeating: 1, count: 16), encrypt: true).prefix(3))
        if spoilt { check[0] ^= 1 }
        let sealed = ChipCrypto.aesCBC(key: dek(), key, encrypt: true)
        let part: Bytes = [0x88, UInt8(sealed.count + 1), UInt8(key.count)] + sealed + [0x03] + check
        return [version] + part + part + part
    }

    @Test func `keys in the place of others take their version with them`() throws {
        var host = TestHost(TestHost.card())
        #expect(host.open() == "9000")
        // AES check value of this key, three times
        let check = ChipCrypto.aesCBC(key: Self.production, Bytes(repeating: 1, count: 16), encrypt: true).prefix(3)
        let values = Bytes(check).hex
        #expect(host.secured(hex("80D83081"), data(version: 0x31)) == "31\(values)\(values)\(values)9000")
        #expect(host.send("00A4040000")?.hasSuffix("9000") == true)
        #expect(host.send("80CA00E000") == "E012C00401318810C00402318810C004033188109000")
        #expect(host.send("8050300008B13E5F938FC108C400") == "6A88")
        #expect(host.open() == "6300", "the old keys open nothing any more")
    }

    @Test func `what is not right changes nothing`() throws {
        var host = TestHost(TestHost.card())
        let long = Self.production + Self.production
        for (header, data, status) in [
            ("80D83081", data(version: 0x31, spoilt: true), "6982"),
            ("80D83081", data(version: 0x31, long), "6A80"),
            ("80D82081", data(version: 0x31), "6A88"),
            ("80D80081", data(version: 0x30), "6A80"),
            ("80D83081", data(version: 0x80), "6A80"),
            ("80D83001", data(version: 0x31), "6A80"),
        ] {
            #expect(host.open() == "9000")
            #expect(host.secured(hex(header), data) == status, "\(header)")
            #expect(host.send("00A4040000")?.hasSuffix("9000") == true)
            #expect(host.send("80CA00E000") == Self.held, "\(header)")
        }
    }

    @Test func `keys do not come in the place of others under a version that is there already`() throws {
        var host = TestHost(TestHost.card())
        #expect(host.open() == "9000")
        #expect(host.secured(hex("80D80081"), data(version: 0x31))?.hasSuffix("9000") == true)
        #expect(host.secured(hex("80D83081"), data(version: 0x31)) == "6A80")
        #expect(host.send("00A4040000")?.hasSuffix("9000") == true)
        // six keys: E0, length, six objects of six bytes, 9000
        #expect(host.send("80CA00E000")?.count == 80)
    }

    @Test(arguments: [false, true])
    func `cut off, it took effect whole or not at all`(afterCommit: Bool) throws {
        let card = TestHost.card(behaviour: .tornPutKey(afterCommit: afterCommit))
        var host = TestHost(card)
        #expect(host.open() == "9000")
        #expect(host.secured(hex("80D83081"), data(version: 0x31)) == nil)
        card.powerOff()
        _ = card.powerOn()
        #expect(
            host.send("80CA00E000")
                == (afterCommit ? "E012C00401318810C00402318810C004033188109000" : Self.held))
    }
}
