import Ground
import OpenSSLCrypto
import SmartCard
import Testing

@testable import GlobalPlatform

/// Commands as other people's tools sent them to real cards.
@Suite struct PublicTraceTests {
    private func entry(_ kind: String) throws -> VectorFile.Entry {
        try #require(try VectorFile.entries("gp-public-traces", kind).first)
    }

    @Test func `an SCP02 card with option 55 proves itself as published`() throws {
        let entry = try entry("scp02_cryptogram")
        let keys = CardKeys(
            enc: try entry.inputs["key"].secret(), mac: try entry.inputs["key"].secret(),
            dek: try entry.inputs["key"].secret())
        let session = try SCP02Session(
            keys: keys, sequenceCounter: try entry.inputs["sequenceCounter"].bytes,
            cardChallenge: try entry.inputs["cardChallenge"].bytes,
            hostChallenge: try entry.inputs["hostChallenge"].bytes)
        #expect(session.sENC.hex() == (try entry.expected["sEnc"].text))
        #expect(try session.cardCryptogram().hex == entry.expected["cardCryptogram"].text)
    }

    @Test func `AES keys go onto an SCP02 card in the form a real one took`() throws {
        let entry = try entry("put_key")
        let key = try entry.inputs["key"].bytes
        let dek = try entry.inputs["sessionDek"].secret()
        var first = key
        var second = key
        var third = key
        let keys = CardKeys(
            enc: SecretBytes(wiping: &first), mac: SecretBytes(wiping: &second), dek: SecretBytes(wiping: &third))
        let (command, answer) = try PutKey.command(
            keys, type: .aes, version: try entry.inputs["version"].byte, replacing: 0, block: 8
        ) { (plain) throws(SakkError) in try TripleDES.ecbEncrypt(key: dek, data: plain) }
        #expect(command.encoded.hex == (try entry.expected["command"].text))
        #expect(answer.hex == "30504A77504A77504A77")
    }

    @Test func `INSTALL for load is what a public tool sends`() throws {
        let entry = try entry("install_for_load")
        let command = InstallCommand.forLoad(
            loadFile: try entry.inputs["loadFile"].bytes, securityDomain: try entry.inputs["securityDomain"].bytes,
            parameters: try entry.inputs["parameters"].bytes)
        #expect(command.encoded.hex == (try entry.expected["command"].text))
    }

    @Test func `the first block of a load is cut where a public tool cuts it`() throws {
        let entry = try entry("load_block")
        let published = try entry.expected["data"].bytes
        let header = Bytes(published.prefix(4))
        // what follows in the later blocks is not printed whole; its length is in the header of C4
        let rest = Bytes(
            repeating: 0, count: try entry.expected["blockLength"].number - (published.count - header.count))
        let file = LoadFile(dataBlock: Bytes(published.dropFirst(4)) + rest)
        let keys = CardKeys(
            enc: Maker.secret(Maker.master.hex), mac: Maker.secret(Maker.master.hex),
            dek: Maker.secret(Maker.master.hex))
        let session = try SCP02Session(
            keys: keys, sequenceCounter: [0, 0], cardChallenge: Bytes(repeating: 0, count: 6),
            hostChallenge: Bytes(repeating: 0, count: 8))
        _ = try session.externalAuthenticate(.cMAC)
        let first = try #require(file.commands(blockSize: session.maximumDataLength).first)
        #expect(first.data == published)
        let wrapped = try session.wrap(first)
        #expect(wrapped.header == (try entry.expected["header"].text))
        #expect([UInt8(wrapped.data.count)].hex == (try entry.expected["lc"].text))
    }
}
