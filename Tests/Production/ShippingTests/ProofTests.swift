import Foundation
import Ground
import OpenSSLCrypto
import Shipping
import Testing

/// Signed texts that a phone checks without a network.
@Suite struct ProofTests {
    private static func keys() throws -> (PrivateKey, PublicKey) {
        let key = try PrivateKey.fresh(curve: 12)
        return (key, try #require(PublicKey(info: try key.publicKeyInfo())))
    }

    @Test func aTokenIsGoodUnchangedAndUnderItsKeyOnly() throws {
        let (key, info) = try Self.keys()
        let (_, other) = try Self.keys()
        let token = HandoverToken(envelope: try WrongScanTests.number(1), expires: WrongScanTests.later)
        let text = try token.signed(by: key).text
        #expect(try HandoverToken.open(text, keys: [other, info]) == token)
        #expect(throws: SakkError.self) { try HandoverToken.open(text, keys: [other]) }
        // the alphanumeric mode of a QR code (ISO/IEC 18004 7.3.4)
        #expect(text.allSatisfy { "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains($0) })
        for index in text.indices {
            let changed = text.replacingCharacters(in: index...index, with: text[index] == "0" ? "1" : "0")
            let error = #expect(throws: SakkError.self) { try HandoverToken.open(changed, keys: [info]) }
            #expect(error?.code == Refusal.tokenWrong.code)
        }
    }

    @Test func opensslVerifiesTheSignature() throws {
        let (key, _) = try Self.keys()
        let text = try HandoverToken(envelope: try WrongScanTests.number(1), expires: WrongScanTests.later)
            .signed(by: key).text
        let parts = text.split(separator: ":")
        let folder = FileManager.default.temporaryDirectory.appending(path: "sakk-proof-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["key.der", "text", "signature"].map { folder.appending(path: $0) }
        try Data(try key.publicKeyInfo()).write(to: files[0])
        try Data(try #require(Bytes(hex: String(parts[1])))).write(to: files[1])
        try Data(ECDSASignature.der(plain: try #require(Bytes(hex: String(parts[2]))))).write(to: files[2])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "dgst", "-sha256", "-keyform", "DER", "-verify", files[0].path, "-signature", files[2].path, files[1].path,
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func aManifestHeadStandsForTheManifestsBytesAndIsNoToken() throws {
        let (key, info) = try Self.keys()
        var table = try Table()
        let packed = try table.packed(Table.document(1, WrongScanTests.baghdad))
        let manifest = try table.shipments.manifest(packed.consignment)
        #expect(manifest.documents == 1 && manifest.bags.map(\.seal) == [packed.seal])
        // the hash of one number and a line feed, by sha256sum
        let contents = manifest.json["bags"]?.array?.first?["boxes"]?.array?.first?["contents"]?.string
        #expect(packed.envelope.description == "RA000000014XX")
        #expect(contents == "4B123718D07A829C2B4404DF65B7489673DFE370C830B603D59BD194EC91CA47")
        let bytes = manifest.json.canonical
        let head = try manifest.head(signedBy: key).text
        #expect(Manifest.isGenuine(bytes, head: head, keys: [info]))
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[index] ^= 1
            #expect(!Manifest.isGenuine(changed, head: head, keys: [info]))
        }
        #expect(throws: SakkError.self) { try HandoverToken.open(head, keys: [info]) }
    }

    @Test("A manifest is the same paper before the consignment leaves and when all of it has arrived")
    func sameManifest() throws {
        let document = Table.document(1, WrongScanTests.baghdad)
        var (here, there) = (try Table(), try Table())
        let leaves = try here.packed(document)
        let arrived = try there.atPlace(document)
        let paper = try here.shipments.manifest(leaves.consignment)
        #expect(paper.documents == 1)
        #expect(try there.shipments.manifest(arrived.consignment).json == paper.json)
    }
}
