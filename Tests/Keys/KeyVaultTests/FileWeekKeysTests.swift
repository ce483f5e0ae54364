import Foundation
import Ground
import KeyVault
import OpenSSLCrypto
import Stations
import Testing

/// The vault in a folder: what lies on the disk.
struct FileWeekKeysTests {
    let week = ApprovalWeek(rawValue: "2026-W47")!

    @Test func `The folder and its files belong to their owner alone, and no draft is left`() throws {
        let folder = TemporaryFolder.make() + "/keys"
        let vault = try FileWeekKeys(folder: folder)
        try vault.prepare()
        _ = try vault.wrap(RandomSource.secret(32), week: week, name: [])
        #expect(try mode(folder) == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["2026-W47.key", "tags.key"])
        for name in names { #expect(try mode(folder + "/" + name) == 0o600) }
    }

    @Test func `A destroyed key is overwritten where it lay and unlinked`() throws {
        let folder = TemporaryFolder.make() + "/keys"
        let vault = try FileWeekKeys(folder: folder)
        _ = try vault.wrap(RandomSource.secret(32), week: week, name: [])
        // a second name shows what becomes of the bytes
        try FileManager.default.linkItem(atPath: folder + "/2026-W47.key", toPath: folder + "/witness")
        let before = try #require(FileManager.default.contents(atPath: folder + "/witness"))
        try vault.destroy(week)
        let after = try #require(FileManager.default.contents(atPath: folder + "/witness"))
        #expect(before.count == 48 && after.count == 48)
        #expect(zip(before, after).filter { $0 == $1 }.count < 12)
        #expect(!FileManager.default.fileExists(atPath: folder + "/2026-W47.key"))
    }

    @Test func `A folder or a file that others may read is refused`() throws {
        let folder = TemporaryFolder.make() + "/keys"
        let vault = try FileWeekKeys(folder: folder)
        let wrapped = try vault.wrap(RandomSource.secret(32), week: week, name: [])
        #expect(chmod(folder + "/2026-W47.key", 0o644) == 0)
        #expect(throws: error("vault.file.open")) { _ = try vault.unwrap(wrapped, week: week, name: []) }
        #expect(chmod(folder, 0o755) == 0)
        #expect(throws: error("vault.folder.open")) { try FileWeekKeys(folder: folder) }
    }

    @Test func `A file that was cut short is called broken and not replaced`() throws {
        let folder = TemporaryFolder.make() + "/keys"
        let vault = try FileWeekKeys(folder: folder)
        _ = try vault.wrap(RandomSource.secret(32), week: week, name: [])
        #expect(truncate(folder + "/2026-W47.key", 20) == 0)
        #expect(throws: error("vault.file.broken")) { try vault.wrap(RandomSource.secret(32), week: week, name: []) }
        #expect(try mode(folder + "/2026-W47.key") == 0o600)
    }

    @Test func `A place that is no folder is named`() throws {
        let path = TemporaryFolder.make() + "/file"
        try "x".write(toFile: path, atomically: true, encoding: .utf8)
        let found = try #require(throws: SakkError.self) { try FileWeekKeys(folder: path) }
        #expect(found == error("vault.folder.fault") && found.source == path)
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }
}
