import Foundation
import Ground
import KeyVault
import OpenSSLCrypto
import Testing

/// Signatures that a cell keeps, judged with keys that sign differently each time.
struct KeptSignaturesTests {
    /// P-256 (9303-11 table 12).
    private let key = try! PrivateKey.fresh(curve: 12)
    private let path = TemporaryFolder.make() + "/seals"
    private var half: PublicKey { get throws { try #require(PublicKey(info: try key.publicKeyInfo())) } }

    private func kept() throws -> KeptSignatures { try KeptSignatures(path: path, key: half, digest: .sha256) }

    /// r, s from the key's own signature in DER.
    private func sign(_ message: Bytes, _ key: PrivateKey? = nil) throws(SakkError) -> Bytes {
        let der = try (key ?? self.key).sign(message, digest: .sha256)
        let numbers = TLV.parseAll(der)?.first?.children ?? []
        return numbers.reduce(into: Bytes()) { plain, number in
            let digits = number.value.drop { $0 == 0 }
            plain += Bytes(repeating: 0, count: 32 - digits.count) + digits
        }
    }

    private func signature(_ text: String, in kept: KeptSignatures) throws -> Bytes {
        let message = Bytes(text.utf8)
        return try kept.signature(of: message) { () throws(SakkError) in try sign(message) }
    }

    @Test func `A message is signed once, by this program and the next one`() throws {
        let first = try signature("SPECIMEN", in: kept())
        #expect(try sign(Bytes("SPECIMEN".utf8)) != first, "the key signs differently each time")
        #expect(try signature("SPECIMEN", in: kept()) == first)
        #expect(try half.verifies(plain: first, of: Bytes("SPECIMEN".utf8), digest: .sha256))
        #expect(try signature("SPECIMEN 2", in: kept()) != first)
    }

    @Test func `Of nine messages the first one is forgotten and the others are not`() throws {
        let all = try kept()
        let signatures = try (0..<9).map { try signature("message \($0)", in: all) }
        let later = try kept()
        for index in (1..<9).reversed() {
            #expect(try signature("message \(index)", in: later) == signatures[index])
        }
        #expect(try signature("message 0", in: later) != signatures[0])
        #expect(try #require(FileManager.default.contents(atPath: path)).count == 8 * 64)
    }

    @Test func `A file that was torn, or is of another key, is as none`() throws {
        let first = try signature("SPECIMEN", in: kept())
        try Data(first.dropLast()).write(to: URL(fileURLWithPath: path))
        #expect(try signature("SPECIMEN", in: kept()) != first)
        try Data(try sign(Bytes("SPECIMEN".utf8), PrivateKey.fresh(curve: 12))).write(to: URL(fileURLWithPath: path))
        let again = try signature("SPECIMEN", in: kept())
        #expect(try half.verifies(plain: again, of: Bytes("SPECIMEN".utf8), digest: .sha256))
    }

    @Test func `A signature of another key is refused, and nothing is kept when the disk takes none`() throws {
        let other = try PrivateKey.fresh(curve: 12)
        let refused = #expect(throws: SakkError.self) {
            try kept().signature(of: [1]) { () throws(SakkError) in try sign([1], other) }
        }
        #expect(refused?.code == "keys.unkept")
        let nowhere = try KeptSignatures(path: path + "/none/seals", key: half, digest: .sha256)
        let full = #expect(throws: SakkError.self) { try signature("SPECIMEN", in: nowhere) }
        #expect(full?.code == "keys.unkept")
        #expect(throws: SakkError.self) {
            let rsa = try #require(PublicKey(info: try PrivateKey.fresh(rsaBits: 2048).publicKeyInfo()))
            _ = try KeptSignatures(path: path, key: rsa, digest: .sha256)
        }
    }
}
