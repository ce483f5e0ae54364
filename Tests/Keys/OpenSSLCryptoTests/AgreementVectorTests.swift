import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// ECDH on the Brainpool curves (RFC 7027 appendix A).
@Suite struct AgreementVectorTests {
    @Test func `Both sides come to the published secret, from the published keys`() throws {
        let url = try #require(Bundle.module.url(forResource: "crypto", withExtension: "json", subdirectory: "Vectors"))
        let root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let entries = try #require(root["entries"] as? [[String: Any]]).filter { $0["kind"] as? String == "ecdh" }
        #expect(entries.count == 2)
        for entry in entries {
            func bytes(_ part: String, _ name: String) throws -> Bytes {
                let text = try #require((entry[part] as? [String: Any])?[name] as? String)
                return try #require(Bytes(hex: text))
            }
            let curve = try #require((entry["inputs"] as? [String: Any])?["curve"] as? String)
            // numbers of Doc 9303-11 table 6
            let number = try #require(["brainpoolP256r1": 13, "brainpoolP512r1": 17][curve])
            let domain = try #require(AgreementDomain.standard(number))
            let pairs = [("A", "B"), ("B", "A")]
            for (own, other) in pairs {
                let secret = try bytes("inputs", "private" + own)
                #expect(try domain.publicKey(of: secret) == bytes("expected", "public" + own))
                let agreed = try domain.agree(privateKey: secret, publicKey: bytes("expected", "public" + other))
                #expect(agreed == (try bytes("expected", "sharedX")), "\(curve)")
            }
        }
    }
}
