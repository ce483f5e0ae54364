import Ground
import Testing

@testable import Console

struct ScryptTests {
    @Test("Derives the keys of RFC 7914, section 12")
    func vectors() throws {
        #expect(
            try Scrypt.derive("password", Bytes("NaCl".utf8), 1024, 8, 16, count: 64).hex.lowercased()
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
        #expect(
            try Scrypt.derive("pleaseletmein", Bytes("SodiumChloride".utf8), 16384, 8, 1, count: 64).hex.lowercased()
                == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        )
    }

    @Test("A verifier admits its password and no other, and two of one password differ")
    func verifier() throws {
        let one = try Scrypt.verifier(of: "كلمة مرور طويلة")
        #expect(Scrypt.admits("كلمة مرور طويلة", one))
        #expect(!Scrypt.admits("كلمة مرور طويله", one))
        #expect(try Scrypt.verifier(of: "كلمة مرور طويلة") != one)
    }

    @Test(
        "What is no verifier admits nobody",
        arguments: [
            "", "scrypt", "scrypt$1$1$1$$", "plain$32768$8$1$00$00", "scrypt$9999999999$8$1$00$00",
        ])
    func broken(_ text: String) { #expect(!Scrypt.admits("x", text)) }

    @Test("One-time secrets have four groups without letters that look alike")
    func secrets() throws {
        let secrets = try (0..<50).map { _ in try Chance.secret() }
        #expect(Set(secrets).count == 50)
        for secret in secrets {
            #expect(secret.wholeMatch(of: /([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}/) != nil)
        }
    }
}
