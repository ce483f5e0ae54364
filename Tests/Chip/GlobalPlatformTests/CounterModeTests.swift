import GlobalPlatform
import Ground
import Testing

@Suite struct CounterModeTests {
    /// CAVP, KDF in counter mode: CMAC of AES-128, a counter of eight bits before the fixed data (`cavp-kdfctr-cmac-aes128`).
    @Test func `the counter mode is that of the algorithm validation programme`() throws {
        var key = try #require(Bytes(hex: "DFF1E50AC0B69DC40F1051D46C2B069C"))
        let fixed = try #require(
            Bytes(
                hex: "C16E6E02C5A3DCC8D78B9AC1306877761310455B4E41469951D9E6C2245A064B33FD8C3B01203A78"
                    + "24485BF0A64060C4648B707D2607935699316EA5"))
        let output = try CounterModeKDF.derive(
            from: SecretBytes(wiping: &key), before: [], after: fixed, length: 16)
        #expect(output.hex == "8BE8F0869B3C0BA97B71863D1B9F7813")
    }
}
