import Ground
import OpenSSLCrypto
import Testing

@Suite struct ScryptTests {
    /// RFC 7914, clause 12, the first three vectors.
    @Test(arguments: [
        (
            "", "", 16, 1, 1,
            "77D6576238657B203B19CA42C18A0497F16B4844E3074AE8DFDFFA3FEDE21442FCD0069DED0948F8326A753A0FC81F17E8D3E0FB2E0D3628CF35E20C38D18906"
        ),
        (
            "password", "NaCl", 1024, 8, 16,
            "FDBABE1C9D3472007856E7190D01E9FE7C6AD7CBC8237830E77376634B3731622EAF30D92E22A3886FF109279D9830DAC727AFB94A83EE6D8360CBDFA2CC0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", 16384, 8, 1,
            "7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2D5432955613F0FCF62D49705242A9AF9E61E85DC0D651E40DFCF017B45575887"
        ),
    ])
    func keysAreThoseOfTheRFC(
        password: String, salt: String, cost: Int, block: Int, lanes: Int, expected: String
    ) throws {
        let key = try Scrypt.derive(
            password, salt: Bytes(salt.utf8), cost: UInt64(cost), block: UInt64(block), lanes: UInt64(lanes), count: 64)
        #expect(key.hex == expected)
    }

    @Test func aVerifierAdmitsItsPasswordInEitherSpellingAndNoOther() throws {
        let verifier = try Scrypt.verifier(of: "caf\u{e9}-7")
        #expect(Scrypt.admits("cafe\u{301}-7", verifier))
        #expect(!Scrypt.admits("cafe-7", verifier))
        #expect(try Scrypt.verifier(of: "caf\u{e9}-7") != verifier)
        for none in ["", "scrypt$1$1$1$00", "scrypt$0$8$1$00$00", "plain"] { #expect(!Scrypt.admits("", none)) }
    }

    @Test func aTypedSecretHasFourGroupsAndIsNeverTheSame() throws {
        let secrets = try (0..<50).map { _ in try TypedSecret.make() }
        #expect(Set(secrets).count == 50)
        #expect(secrets.allSatisfy { $0.wholeMatch(of: /[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}/) != nil })
    }
}
