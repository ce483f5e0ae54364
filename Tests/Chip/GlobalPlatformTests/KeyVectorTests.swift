import Ground
import OpenSSLCrypto
import SmartCard
import Testing

@testable import GlobalPlatform

@Suite struct KeyVectorTests {
    @Test(arguments: try VectorFile.entries("gp-diversification", "diversification"))
    func `card keys follow from the master key`(entry: VectorFile.Entry) throws {
        let scheme = try #require(Diversification(rawValue: try entry.inputs["scheme"].text.lowercased()))
        let kdd = try entry.inputs["kdd"].bytes
        for (number, name) in [(UInt8(1), "enc"), (2, "mac"), (3, "dek")] {
            let key = try scheme.key(from: try entry.inputs["master"].secret(), kdd: kdd, number: number)
            #expect(key.hex() == (try entry.expected[name].text))
            // the same with a master key that is asked from afar, as a token is
            let master = try entry.inputs["master"].secret()
            let raw = master.withBytes { Bytes($0) }
            let derived = try scheme.key(
                kdd: kdd, number: number, length: raw.count,
                cmac: { (data) throws(SakkError) in
                    var copy = raw
                    return try AES.cmac(key: SecretBytes(wiping: &copy), data: data)
                },
                tripleDES: { (data) throws(SakkError) in
                    var copy = raw
                    return try TripleDES.ecbEncrypt(key: SecretBytes(wiping: &copy), data: data)
                })
            #expect(derived.hex() == (try entry.expected[name].text))
            guard entry.expected[name + "Kcv"].isPresent else { continue }
            let kcv = scheme == .kdf3 ? try KeyCheckValue.aes(key) : try KeyCheckValue.tripleDES(key)
            #expect(kcv.hex == (try entry.expected[name + "Kcv"].text))
        }
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "key_check_value"))
    func `a key check value is the published one`(entry: VectorFile.Entry) throws {
        #expect(try KeyCheckValue.aes(try entry.inputs["key"].secret()).hex == entry.expected["kcv"].text)
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "scp03_session_keys"))
    func `session keys follow from any context`(entry: VectorFile.Entry) throws {
        let keys = CardKeys(
            enc: try entry.inputs["key"].secret(), mac: try entry.inputs["key"].secret(),
            dek: try entry.inputs["key"].secret())
        let session = try SCP03Session(keys: keys, context: try entry.inputs["context"].bytes)
        #expect(session.sENC.hex() == (try entry.expected["sEnc"].text))
        #expect(session.sMAC.hex() == (try entry.expected["sMac"].text))
        #expect(session.sRMAC.hex() == (try entry.expected["sRmac"].text))
        #expect(try KeyCheckValue.aes(session.sENC).hex == entry.expected["sEncKcv"].text)
        #expect(try KeyCheckValue.aes(session.sMAC).hex == entry.expected["sMacKcv"].text)
        #expect(try KeyCheckValue.aes(session.sRMAC).hex == entry.expected["sRmacKcv"].text)
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "scp03_kdf"))
    func `the counter mode is the published one`(entry: VectorFile.Entry) throws {
        var output = try CounterModeKDF.derive(
            from: try entry.inputs["key"].secret(), before: try entry.inputs["beforeCounter"].bytes,
            after: try entry.inputs["afterCounter"].bytes, length: try entry.inputs["length"].number)
        #expect(output.hex == (try entry.expected["output"].text))
        #expect(try KeyCheckValue.aes(SecretBytes(wiping: &output)).hex == entry.expected["kcv"].text)
    }

    @Test(arguments: try VectorFile.entries("gp-scp03", "put_key_aes"))
    func `a key for PUT KEY is encrypted under the static DEK`(entry: VectorFile.Entry) throws {
        let sealed = try PutKey.encrypted(try entry.inputs["key"].secret(), under: try entry.inputs["dek"].secret())
        #expect(sealed.hex == (try entry.expected["ciphertext"].text))
        #expect(try KeyCheckValue.aes(try entry.inputs["key"].secret()).hex == entry.expected["kcv"].text)
    }

    @Test func `PUT KEY carries three keys and knows the card's answer`() throws {
        let entry = try #require(try VectorFile.entries("gp-scp03", "put_key_aes").first)
        let keys = CardKeys(
            enc: try entry.inputs["key"].secret(), mac: try entry.inputs["key"].secret(),
            dek: try entry.inputs["key"].secret())
        let (command, answer) = try PutKey.command(
            keys, version: 0x31, replacing: 0x30, under: try entry.inputs["dek"].secret())
        let block = "881110" + (try entry.expected["ciphertext"].text) + "03" + (try entry.expected["kcv"].text)
        #expect(command.encoded.hex == "80D8308146" + "31" + block + block + block + "00")
        let kcv = try entry.expected["kcv"].text
        #expect(answer.hex == "31" + kcv + kcv + kcv)
    }

    @Test func `diversification data of another length is refused`() throws {
        let entry = try #require(try VectorFile.entries("gp-diversification", "diversification").first)
        #expect(throws: SakkError("chip.kdd.malformed", source: "", text: "", remedy: "")) {
            _ = try Diversification.kdf3.key(from: try entry.inputs["master"].secret(), kdd: [1, 2], number: 1)
        }
    }
}
