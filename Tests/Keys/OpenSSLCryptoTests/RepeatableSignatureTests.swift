import Ground
import OpenSSLCrypto
import Testing

/// ECDSA that is the same each time: the published examples of RFC 6979 (SHA-256).
@Suite struct RepeatableSignatureTests {
    /// ECPrivateKey of RFC 5915 with the curve's name.
    private func key(_ number: String, curve: Bytes) throws -> PrivateKey {
        let number = try #require(Bytes(hex: number))
        return try PrivateKey(
            der: TLV(0x30, [TLV(0x02, [1]), TLV(0x04, number), TLV(0xA0, [TLV(0x06, curve)])]).encoded)
    }

    private static let p256: Bytes = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    private static let p384: Bytes = [0x2B, 0x81, 0x04, 0x00, 0x22]

    @Test("A.2.5: P-256")
    func p256() throws {
        let key = try key("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", curve: Self.p256)
        #expect(
            try key.signRepeatable(Bytes("sample".utf8)).hex.uppercased()
                == "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")
        #expect(
            try key.signRepeatable(Bytes("test".utf8)).hex.uppercased()
                == "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
                + "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")
    }

    @Test("A.2.6: P-384, a curve longer than the hash")
    func p384() throws {
        let key = try key(
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
                + "96D5724E4C70A825F872C9EA60D2EDF5", curve: Self.p384)
        #expect(
            try key.signRepeatable(Bytes("sample".utf8)).hex.uppercased()
                == "21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33"
                + "BDE1E888E63355D92FA2B3C36D8FB2CD"
                + "F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEB"
                + "EFDC63ECCD1AC42EC0CB8668A4FA0AB0")
    }

    @Test("A key that is not of an elliptic curve is refused")
    func rsa() throws {
        #expect(throws: SakkError.self) { try PrivateKey.fresh(rsaBits: 2048).signRepeatable([1]) }
    }
}
