import Foundation
import Ground
import KeyVault
import OpenSSLCrypto
import Stations
import Testing

/// What a second program, OpenSC's pkcs11-tool in a process of its own, sees of the vault and does to it.
struct TokenJudgeTests {
    let week = ApprovalWeek(rawValue: "2026-W47")!
    let name = Bytes("production 0001".utf8)
    let world = TokenWorld.shared

    @Test func `Another program sees one AES key a week that was never extractable, and can make it show nothing`()
        throws
    {
        let token = world.freshToken()
        let vault = world.keys(token)
        try vault.prepare()
        for text in ["2026-W47", "2026-W48", "2026-W47"] {
            let week = try #require(ApprovalWeek(rawValue: text))
            _ = try vault.wrap(RandomSource.secret(32), week: week, name: name)
        }
        let listing = try world.pkcs11Tool(token, "--list-objects", "--type", "secrkey")
        let objects = listing.components(separatedBy: "Secret Key Object; ").dropFirst()
        #expect(objects.count == 3)
        for object in objects {
            #expect(object.contains("always sensitive, never extractable, local"), "\(object)")
        }
        #expect(objects.filter { $0.hasPrefix("AES length 32") }.count == 2)
        #expect(listing.contains("label:      sakk week 2026-W47\n"))
        #expect(listing.contains("label:      sakk week 2026-W48\n"))
        #expect(listing.contains("label:      sakk tags\n"))
        let shown = try? world.pkcs11Tool(
            token, "--read-object", "--type", "secrkey", "--label", "sakk week 2026-W47", "--output-file",
            world.folder + "/stolen")
        #expect(shown == nil)
        #expect(!FileManager.default.fileExists(atPath: world.folder + "/stolen"))
    }

    @Test func `Another program finds no key object of a destroyed week, and the others still`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        for text in ["2026-W46", "2026-W47"] {
            let week = try #require(ApprovalWeek(rawValue: text))
            _ = try vault.wrap(RandomSource.secret(32), week: week, name: name)
        }
        try vault.destroy(week)
        let keys = try world.pkcs11Tool(token, "--list-objects", "--type", "secrkey")
        #expect(keys.contains("sakk week 2026-W46") && !keys.contains("2026-W47"))
        #expect(
            try world.pkcs11Tool(token, "--list-objects", "--type", "data").contains("sakk week 2026-W47 destroyed"))
    }

    @Test func `A key that another process removes is gone for handles that were kept`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        let wrapped = try vault.wrap(RandomSource.secret(32), week: week, name: name)
        _ = try vault.unwrap(wrapped, week: week, name: name)
        try world.pkcs11Tool(token, "--delete-object", "--type", "secrkey", "--label", "sakk week 2026-W47")
        // nobody destroyed the week, so the record is missing its key, not forgotten
        #expect(throws: error("vault.key.missing")) { try opened(vault, wrapped) }
        let again = try vault.wrap(RandomSource.secret(32), week: week, name: name)
        #expect(again[4..<20] != wrapped[4..<20])
        _ = try vault.unwrap(again, week: week, name: name)
    }

    @Test func `A mark that another process leaves ends the week for handles that were kept`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        let wrapped = try vault.wrap(RandomSource.secret(32), week: week, name: name)
        let content = world.folder + "/mark"
        try "x".write(toFile: content, atomically: true, encoding: .utf8)
        try world.pkcs11Tool(
            token, "--write-object", content, "--type", "data", "--label", "sakk week 2026-W47 destroyed", "--private")
        try world.pkcs11Tool(token, "--delete-object", "--type", "secrkey", "--label", "sakk week 2026-W47")
        #expect(throws: error("vault.key.destroyed")) { try opened(vault, wrapped) }
        #expect(throws: error("vault.key.destroyed")) {
            try vault.wrap(RandomSource.secret(32), week: week, name: name)
        }
    }

    @Test func `Two keys of one week made by two processes both open what they wrapped`() throws {
        let token = world.freshToken()
        let first = world.keys(token)
        let clear = try RandomSource.bytes(32)
        let ours = try first.wrap(secret(clear), week: week, name: name)
        let smallest = String(repeating: "00", count: 16)
        try world.pkcs11Tool(
            token, "--keygen", "--key-type", "AES:32", "--sensitive", "--label", "sakk week 2026-W47", "--id", smallest)
        let second = world.keys(token)
        let theirs = try second.wrap(secret(clear), week: week, name: name)
        #expect(theirs[4..<20].allSatisfy { $0 == 0 }, "newcomers take the smallest id")
        for vault in [first, second] {
            #expect(try opened(vault, ours) == clear)
            #expect(try opened(vault, theirs) == clear)
            #expect(try vault.weeks() == [week])
        }
        try second.destroy(week)
        #expect(throws: error("vault.key.destroyed")) { try opened(first, ours) }
        #expect(throws: error("vault.key.destroyed")) { try opened(first, theirs) }
        #expect(try !world.pkcs11Tool(token, "--list-objects", "--type", "secrkey").contains("sakk week"))
    }

    @Test func `A key that could be taken out is refused, for weeks and for tags`() throws {
        let token = world.freshToken()
        for label in ["sakk week 2026-W47", "sakk tags"] {
            try world.pkcs11Tool(
                token, "--keygen", "--key-type", "AES:32", "--extractable", "--label", label, "--id",
                String(repeating: "11", count: 16))
        }
        let vault = world.keys(token)
        #expect(throws: error("vault.key.weak")) { try vault.wrap(RandomSource.secret(32), week: week, name: name) }
        #expect(throws: error("vault.key.weak")) { try vault.tag([1]) }
    }

    @Test func `Two keys for tags are no key for tags`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        try vault.prepare()
        try world.pkcs11Tool(
            token, "--keygen", "--key-type", "GENERIC:32", "--sensitive", "--label", "sakk tags", "--id",
            String(repeating: "22", count: 16))
        #expect(throws: error("vault.tags.ambiguous")) { try world.keys(token).tag([1]) }
        #expect(throws: error("vault.tags.ambiguous")) { try world.keys(token).check }
    }

    @Test func `Another program makes the same tag with the same key`() throws {
        let token = world.freshToken()
        let vault = world.keys(token)
        try vault.prepare()
        let input = world.folder + "/number"
        let output = world.folder + "/tag"
        try Data(Bytes("sakk.vault/tag/1".utf8) + [0] + Bytes("X0000001".utf8)).write(to: URL(fileURLWithPath: input))
        try world.pkcs11Tool(
            token, "--sign", "--mechanism", "SHA256-HMAC", "--label", "sakk tags", "--input-file", input,
            "--output-file", output)
        let judged = try #require(FileManager.default.contents(atPath: output))
        #expect(try vault.tag(Bytes("X0000001".utf8)) == Bytes(judged))
    }

    @Test(arguments: Vault.allCases)
    func `No file of the vault, and nothing wrapped, holds a record's key in clear`(_ kind: Vault) throws {
        let (folder, open) = kind.place()
        let vault = try open()
        try vault.prepare()
        let clear = try RandomSource.bytes(32)
        let wrapped = try vault.wrap(secret(clear), week: week, name: name)
        #expect(try opened(vault, wrapped) == clear)
        for half in [Bytes(clear.prefix(16)), Bytes(clear.suffix(16))] {
            #expect(Data(wrapped).range(of: Data(half)) == nil)
            #expect(try TemporaryFolder.files(in: folder, holding: half).isEmpty)
            #expect(try TemporaryFolder.files(in: folder, holding: Bytes(half.hex.utf8)).isEmpty)
        }
        // the search finds what is there
        let planted = folder + "/planted-\(kind)"
        try Data([0] + clear + [0]).write(to: URL(fileURLWithPath: planted))
        #expect(
            try TemporaryFolder.files(in: folder, holding: Bytes(clear.prefix(16))) == ["planted-\(kind)"])
        try FileManager.default.removeItem(atPath: planted)
    }

    private func secret(_ clear: Bytes) -> SecretBytes {
        var copy = clear
        return SecretBytes(wiping: &copy)
    }

    private func opened(_ vault: any WeekKeys, _ wrapped: Bytes) throws -> Bytes {
        try vault.unwrap(wrapped, week: week, name: name).withBytes { Bytes($0) }
    }
}
