import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// Published vectors (`Vectors/crypto.json`, each with its source).
@Suite struct CryptoVectorTests {
    private func entries(_ kind: String) throws -> [(id: String, inputs: [String: Any], expected: [String: Any])] {
        let url = try #require(Bundle.module.url(forResource: "crypto", withExtension: "json", subdirectory: "Vectors"))
        let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let all = try #require(file["entries"] as? [[String: Any]])
        let chosen = all.filter { $0["kind"] as? String == kind }
        #expect(!chosen.isEmpty)
        return try chosen.map { entry in
            (
                try #require(entry["id"] as? String), try #require(entry["inputs"] as? [String: Any]),
                try #require(entry["expected"] as? [String: Any])
            )
        }
    }

    private func bytes(_ object: Any?) throws -> Bytes {
        let text = try #require(object as? String)
        return try #require(Bytes(hex: text))
    }

    @Test func cmacAgrees() throws {
        for entry in try entries("aes_cmac") {
            let key = try bytes(entry.inputs["key"])
            let mac = try AES.cmac(key: key, data: try bytes(entry.inputs["message"]))
            #expect(mac.hex == entry.expected["mac"] as? String, "\(entry.id)")
        }
    }

    @Test func digestsAgree() throws {
        for entry in try entries("digest") {
            let name = try #require(entry.inputs["hash"] as? String)
            let digest = try #require(Digest(rawValue: name))
            #expect(digest.of(try bytes(entry.inputs["message"])).hex == entry.expected["digest"] as? String)
        }
    }

    @Test func retailMacAgrees() throws {
        for entry in try entries("iso9797_alg3") {
            var message = try bytes(entry.inputs["message"])
            let padding = try #require(entry.inputs["padding"] as? Int)
            if padding == 2 { message = ISO9797.pad2(message, block: 8) }
            while message.count % 8 != 0 { message.append(0) }
            let mac = try TripleDES.retailMAC(key: try bytes(entry.inputs["key"]), data: message)
            #expect(mac.hex == entry.expected["mac"] as? String, "\(entry.id)")
        }
    }

    @Test func aSealedTextOpensOnlyUnchanged() throws {
        let key = try RandomSource.secret(32)
        let nonce = Bytes(repeating: 1, count: 12)
        let sealed = try AES.gcmSeal(key: key, nonce: nonce, data: [1, 2, 3], aad: [9])
        #expect(try AES.gcmOpen(key: key, nonce: nonce, sealed: sealed, aad: [9]) == [1, 2, 3])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            let error = #expect(throws: SakkError.self) {
                try AES.gcmOpen(key: key, nonce: nonce, sealed: changed, aad: [9])
            }
            #expect(error?.code == "crypto.sealed")
        }
    }

    /// AES-128-GCM test case 4 of the GCM specification (McGrew and Viega), judged by its published tag.
    @Test func gcmAgreesWithItsSpecification() throws {
        var key = try bytes("FEFFE9928665731C6D6A8F9467308308")
        let secret = SecretBytes(wiping: &key)
        let data = try bytes(
            "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525"
                + "B16AEDF5AA0DE657BA637B39")
        let sealed = try AES.gcmSeal(
            key: secret, nonce: try bytes("CAFEBABEFACEDBADDECAF888"), data: data,
            aad: try bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
        #expect(Bytes(sealed.suffix(16)).hex == "5BC94FBC3221A5DB94FAE95AE7121A47")
    }
}
