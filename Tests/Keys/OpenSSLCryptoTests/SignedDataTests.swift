import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// The DER that Sakk writes itself, against OpenSSL's.
@Suite struct SignedDataTests {
    /// Gives one signature for everything, and keeps what it was asked to sign.
    final class GivenSignature: SigningKey, @unchecked Sendable {
        let kind = SigningKeyKind.ecdsa
        private let signature: Bytes
        // one test, one thread
        private(set) var asked: Bytes = []
        init(_ signature: Bytes) { self.signature = signature }
        func publicKeyInfo() throws(SakkError) -> Bytes { [] }
        func sign(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
            asked = message
            return signature
        }
    }

    private static let contentType = "2.23.136.1.1.1"
    private static let contentTypeValue: Bytes = [0x67, 0x81, 0x08, 0x01, 0x01, 0x01]

    private func seed(_ name: String) throws -> Bytes {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../seeds/test-pki")
        return Bytes(try Data(contentsOf: folder.appending(path: name)))
    }

    private func signature(of signed: Bytes) throws -> Bytes {
        let data = try #require(TLV.parse(signed)?.children?.last?.children?.first)
        let signer = try #require(data.children?.last?.children?.first)
        return try #require(signer.children?.last).value
    }

    /// Short and long contents; times that are written as UTCTime and as GeneralizedTime.
    @Test(
        arguments: [Digest.sha224, .sha256, .sha384, .sha512],
        [
            (0, "2026-06-01T12:00:59Z"), (127, "2049-12-31T23:59:59Z"), (128, "2050-01-01T00:00:00Z"),
            (70_000, "2026-11-09T08:07:06Z"),
        ])
    func `SignedData is what OpenSSL makes of the same parts, byte for byte`(
        digest: Digest, example: (size: Int, time: String)
    ) throws {
        let certificate = try X509Certificate(pem: seed("ds.pem"))
        let key = try PrivateKey(pem: seed("ds.key.pem"))
        let content = Bytes(repeating: 0x5A, count: example.size)
        let time = try #require(WallTime(iso8601: example.time))
        let judge = try CMS.sign(
            content: content, contentTypeOID: Self.contentType, signer: certificate, key: key, chain: [],
            digest: digest, signingTime: time)
        let given = GivenSignature(try signature(of: judge))
        for _ in 0..<2 {
            let ours = try SignedDataBuilder.sign(
                content: content, contentType: Self.contentTypeValue, certificate: certificate, key: given,
                digest: digest, signingTime: time)
            #expect(ours.hex == judge.hex)
        }
        // what was to be signed is what OpenSSL signed
        let verified = try CMS.verifySignature(
            SignedDataBuilder.sign(
                content: content, contentType: Self.contentTypeValue, certificate: certificate, key: key,
                digest: digest, signingTime: time), expectedContentType: Self.contentType)
        #expect(verified.content == content)
        #expect(verified.signingTime == time)
        #expect(given.asked.first == 0x31)
    }

    /// Lengths of X.690 8.1.3.5 and their neighbours, against the writer of `Ground`.
    @Test(arguments: [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 0x123456])
    func `Lengths are the shortest there are`(count: Int) {
        let content = Bytes(repeating: 7, count: count)
        let der = DERWriter.bytes(DERWriter.size(count)) { $0.append(0x04, content) }
        #expect(der == TLV(0x04, content).encoded)
        let again = DERWriter.bytes(der.count) { $0.append(der, as: 0x80) }
        #expect(again == TLV(0x80, content).encoded)
    }

    /// RFC 3279 2.2.3 with INTEGERs of X.690 8.3: no needless zeros, no sign.
    @Test func `A plain signature becomes the shortest two integers`() {
        #expect(ECDSASignature.der(plain: [0, 0, 0x7F, 0x80]).hex == "30070201000202" + "7F80")
        #expect(ECDSASignature.der(plain: [0x80, 1, 0, 2]).hex == "3008020300800102" + "0102")
        #expect(ECDSASignature.der(plain: [0, 0, 0, 0]).hex == "3006020100020100")
    }
}
