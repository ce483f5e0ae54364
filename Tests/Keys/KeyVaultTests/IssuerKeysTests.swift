import BorderReader
import DocumentWriter
import Foundation
import Ground
import KeyVault
import OpenSSLCrypto
import Testing

/// Keys of an issuer in a token, judged by the openssl command and by pkcs11-tool.
struct IssuerKeysTests {
    let world = TokenWorld.shared

    private func keys() -> (token: String, keys: PKCS11Keys) {
        let token = world.freshToken()
        return (
            token,
            PKCS11Keys(module: TokenWorld.module, tokenLabel: token, pin: .environment(TokenWorld.pinVariable))
        )
    }

    private func file(_ bytes: Bytes, _ name: String, in folder: String) throws -> String {
        let path = folder + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(arguments: [PKCS11Keys.SignerAlgorithm.p256, .p384, .p521, .brainpoolP256r1, .rsa3072])
    func `A key made in the token signs what openssl verifies, and a second program cannot take it out`(
        _ algorithm: PKCS11Keys.SignerAlgorithm
    ) throws {
        let (token, keys) = keys()
        let key = try keys.makeSigner("ds-1", algorithm)
        let folder = TemporaryFolder.make()
        let message = Bytes("an LDS security object".utf8)
        let publicKey = try file(
            Bytes(PEM.encode(try key.publicKeyInfo(), label: "PUBLIC KEY").utf8), "pub", in: folder)
        let signed = try file(try key.sign(message, digest: .sha256), "sig", in: folder)
        let content = try file(message, "content", in: folder)
        let said = try Tool.run("openssl", "dgst", "-sha256", "-verify", publicKey, "-signature", signed, content)
        #expect(said.contains("Verified OK"))
        let other = try file(message + [0], "other", in: folder)
        #expect(throws: Tool.Failed.self) {
            try Tool.run("openssl", "dgst", "-sha256", "-verify", publicKey, "-signature", signed, other)
        }
        let listing = try world.pkcs11Tool(token, "--list-objects", "--type", "privkey")
        #expect(listing.contains("sensitive") && listing.contains("never extractable") && listing.contains("local"))
    }

    @Test(arguments: [PKCS11Keys.SignerAlgorithm.p256, .p384, .brainpoolP512r1])
    func `An inspection system's key in the token asks for its certificate and signs as a chip wants it`(
        _ algorithm: PKCS11Keys.SignerAlgorithm
    ) throws {
        let (_, keys) = keys()
        let key = try keys.makeSigner("is-1", algorithm)
        let digest: Digest = [.p256: .sha256, .p384: .sha384][algorithm] ?? .sha512
        let request = try CVCertificateRequest.make(holder: "UTISPLANT00001", key: key)
        let parts = try #require(TLV.parse(request)?.children)
        #expect(parts.map(\.tag) == [0x7F4E, 0x5F37] && parts[0].children?.map(\.tag) == [0x5F29, 0x7F49, 0x5F20])
        let asked = try #require(parts[0].first(0x7F49)?.children)
        #expect(asked.map(\.tag) == [0x06, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87])
        let own = try #require(PublicKey(info: try key.publicKeyInfo()))
        #expect(own.verifies(plain: parts[1].value, of: parts[0].encoded, digest: digest))

        // certified with what the request says, by a verifier of the test
        let verifier = try PrivateKey.fresh(curve: 12)
        let body = TLV(
            0x7F4E,
            [
                TLV(0x5F29, [0]), TLV(0x42, Bytes("UTDVTEST001".utf8)),
                TLV(0x7F49, [asked[0], try #require(asked.first { $0.tag == 0x86 })]),
                TLV(0x5F20, Bytes("UTISPLANT00001".utf8)),
                TLV(0x7F4C, [TLV(0x06, try #require(Bytes(hex: "04007F000703010201"))), TLV(0x53, [0x01])]),
                TLV(0x5F25, [2, 6, 0, 1, 0, 1]), TLV(0x5F24, [3, 6, 0, 1, 0, 1]),
            ])
        let signature = TLV(0x5F37, try verifier.signPlain(body.encoded, digest: .sha256))
        let credentials = try TerminalCredentials(chain: [TLV(0x7F21, [body, signature]).encoded], key: key)
        #expect(credentials.holder == "UTISPLANT00001" && credentials.expires == "360101")
        // r and s are as long as the order also where they begin with zeros
        for number in UInt8(0)..<40 {
            let message = Bytes(repeating: number, count: 74)
            let signed = try credentials.sign(message)
            #expect(own.verifies(plain: signed, of: message, digest: digest))
        }
        let other = try keys.makeSigner("is-2", algorithm)
        #expect(throws: SakkError("border.terminal.mismatch", source: "", text: "", remedy: "")) {
            try TerminalCredentials(chain: [TLV(0x7F21, [body, signature]).encoded], key: other)
        }
    }

    @Test func `A request for a certificate is one that openssl accepts, signed by the key in the token`() throws {
        let (_, keys) = keys()
        let key = try keys.makeSigner("ds-1", .p256)
        let request = try CertificateRequest.make(
            country: "UT", organisation: "SPECIMEN", commonName: "Document Signer 7", key: key)
        let path = try file(request, "request.der", in: TemporaryFolder.make())
        let text = try Tool.run("openssl", "req", "-inform", "DER", "-in", path, "-verify", "-noout", "-subject")
        #expect(text.contains("C = UT, O = SPECIMEN, CN = Document Signer 7"))
    }

    @Test func `SignedData by a key in the token is what openssl verifies against the authority that certified it`()
        throws
    {
        let (_, keys) = keys()
        let key = try keys.makeSigner("ds-1", .p256)
        let folder = TemporaryFolder.make()
        let request = try CertificateRequest.make(
            country: "UT", organisation: "SPECIMEN", commonName: "Document Signer 7", key: key)
        let requested = try file(request, "request.der", in: folder)
        try Tool.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout",
            folder + "/ca.key", "-out", folder + "/ca.pem", "-subj", "/C=UT/CN=CSCA", "-days", "30")
        try Tool.run(
            "openssl", "x509", "-req", "-inform", "DER", "-in", requested, "-CA", folder + "/ca.pem", "-CAkey",
            folder + "/ca.key", "-set_serial", "0x8001", "-out", folder + "/ds.pem", "-days", "30")
        let pem = try Data(contentsOf: URL(fileURLWithPath: folder + "/ds.pem"))
        let certificate = try X509Certificate(pem: Bytes(pem))
        let content = Bytes("an LDS security object".utf8)
        let time = WallTime(microseconds: Int64(Date().timeIntervalSince1970) * 1_000_000)
        let signed = try SignedDataBuilder.sign(
            content: content, contentType: [0x67, 0x81, 0x08, 0x01, 0x01, 0x01], certificate: certificate, key: key,
            digest: .sha256, signingTime: time)
        let path = try file(signed, "sod.der", in: folder)
        try Tool.run(
            "openssl", "cms", "-verify", "-inform", "DER", "-in", path, "-CAfile", folder + "/ca.pem", "-purpose",
            "any",
            "-binary", "-out", folder + "/out")
        let out = try Data(contentsOf: URL(fileURLWithPath: folder + "/out"))
        #expect(Bytes(out) == content)
        let text = try Tool.run("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", path)
        #expect(text.contains("id-icao-mrtd-security-ldsSecurityObject") || text.contains("2.23.136.1.1.1"))
        #expect(text.contains("signingTime"))
        // a flipped byte of the content
        var broken = signed
        let place = try #require(broken.indices.first { Bytes(broken[$0...].prefix(content.count)) == content })
        broken[place] ^= 1
        let brokenPath = try file(broken, "broken.der", in: folder)
        #expect(throws: Tool.Failed.self) {
            try Tool.run(
                "openssl", "cms", "-verify", "-inform", "DER", "-in", brokenPath, "-CAfile", folder + "/ca.pem",
                "-purpose", "any", "-binary", "-out", folder + "/out2")
        }
    }

    @Test func `A label names one key: a second one is refused, and a missing one is named`() throws {
        let (token, keys) = keys()
        _ = try keys.makeSigner("ds-1", .p256)
        #expect { try keys.makeSigner("ds-1", .p256) } throws: { ($0 as? SakkError)?.code == "vault.key.exists" }
        #expect { try keys.signer("ds-2") } throws: {
            ($0 as? SakkError)?.code == "vault.key.missing" && ($0 as? SakkError)?.subject == "ds-2"
        }
        #expect(try keys.inventory().map(\.label) == ["ds-1"])
        #expect(try keys.inventory().allSatisfy { $0.isGuarded && $0.isLocal && $0.type == "EC" })
        #expect(token.hasPrefix("vault-"))
    }

    @Test func `A key that the token would give away is not used`() throws {
        let (token, keys) = keys()
        try world.pkcs11Tool(token, "--keypairgen", "--key-type", "EC:prime256v1", "--label", "loose", "--extractable")
        #expect { try keys.signer("loose") } throws: { ($0 as? SakkError)?.code == "vault.key.weak" }
    }

    @Test func `A transport key that arrives wrapped is known by its check value, and another one is thrown out again`()
        throws
    {
        let (token, keys) = keys()
        let folder = TemporaryFolder.make()
        let publicKey = try file(Bytes(PEM.encode(try keys.importKey(), label: "PUBLIC KEY").utf8), "pub", in: folder)
        // the test key of most development cards
        let raw = try #require(Bytes(hex: "404142434445464748494A4B4C4D4E4F"))
        let clear = try file(raw, "clear", in: folder)
        try Tool.run(
            "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey, "-pkeyopt", "rsa_padding_mode:oaep", "-in",
            clear, "-out", folder + "/wrapped")
        let wrapped = Bytes(try Data(contentsOf: URL(fileURLWithPath: folder + "/wrapped")))
        let block = try file(Bytes(repeating: 1, count: 16), "block", in: folder)
        try Tool.run(
            "openssl", "enc", "-aes-128-ecb", "-K", raw.hex, "-nopad", "-in", block, "-out", folder + "/kcv")
        let checkValue = Bytes(try Data(contentsOf: URL(fileURLWithPath: folder + "/kcv")).prefix(3))
        #expect {
            try keys.importMaster("isk-1", isAES: true, wrapped: wrapped, checkValue: [0, 0, 0])
        } throws: {
            ($0 as? SakkError)?.code == "vault.kcv.mismatch"
        }
        let key = try keys.importMaster("isk-1", isAES: true, wrapped: wrapped, checkValue: checkValue)
        #expect(key.checkValue == checkValue && key.isAES)
        let message = try file(Bytes("derive".utf8), "message", in: folder)
        let mac = try Tool.run(
            "openssl", "mac", "-cipher", "AES-128-CBC", "-macopt", "hexkey:" + raw.hex, "-in", message, "CMAC")
        #expect(
            try key.cmac(Bytes("derive".utf8)).hex.uppercased() == mac.trimmingCharacters(in: .whitespacesAndNewlines))
        let listing = try world.pkcs11Tool(token, "--list-objects", "--type", "secrkey")
        #expect(listing.contains("isk-1") && listing.contains("sensitive"))
        #expect(try TemporaryFolder.files(in: world.folder, holding: raw).isEmpty)
    }

    @Test func `Triple DES of a master key in the token is openssl's`() throws {
        let (_, keys) = keys()
        let folder = TemporaryFolder.make()
        let publicKey = try file(Bytes(PEM.encode(try keys.importKey(), label: "PUBLIC KEY").utf8), "pub", in: folder)
        let raw = try #require(Bytes(hex: "404142434445464748494A4B4C4D4E4F"))
        let clear = try file(raw, "clear", in: folder)
        try Tool.run(
            "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey, "-pkeyopt", "rsa_padding_mode:oaep", "-in",
            clear, "-out", folder + "/wrapped")
        let wrapped = Bytes(try Data(contentsOf: URL(fileURLWithPath: folder + "/wrapped")))
        // KCV of 40..4F as every development card's letter prints it
        let key = try keys.importMaster(
            "isk-3des", isAES: false, wrapped: wrapped, checkValue: try #require(Bytes(hex: "8BAF47")))
        let data = Bytes((0..<16).map { UInt8($0) })
        let input = try file(data, "data", in: folder)
        try Tool.run(
            "openssl", "enc", "-des-ede", "-K", raw.hex, "-nopad", "-in", input, "-out", folder + "/out")
        let expected = Bytes(try Data(contentsOf: URL(fileURLWithPath: folder + "/out")))
        #expect(try key.encryptTripleDES(data) == expected)
    }
}
