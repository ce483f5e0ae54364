import Foundation
import Ground
import Testing

@testable import DefectWorld

@Suite struct CellTests {
    /// A cell of two: a good capture and a wrong character.
    private func make(_ space: SeedSpace) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("defects-\(UUID().uuidString)")
        let plan = DefectPlan(
            space: space, seed: 21, good: 1, identity: 1, each: 0, only: [.zoneCharacter])
        try CellMaker(plan, cell: 0).make(in: folder.path)
        return folder
    }

    private func files(_ folder: URL) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        where !file.hasDirectoryPath { found[file.lastPathComponent] = try Data(contentsOf: file) }
        return found
    }

    @Test func theSameSeedGivesTheSameBytesAndEveryPictureSaysItsWorld() throws {
        let folders = try [make(.test), make(.test)]
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        let (one, two) = (try files(folders[0]), try files(folders[1]))
        #expect(one == two)
        let captures = one.filter { $0.key.hasPrefix("capture-") }
        #expect(captures.count == 2)
        for (name, data) in one where name.hasSuffix(".png") {
            #expect(data.range(of: Data("Sakk-Seeds\0test".utf8)) != nil, "\(name)")
        }
        let labels = String(decoding: try #require(one["T21-0000.jsonl"]), as: UTF8.self).split(separator: "\n")
        #expect(labels.count == 2)
        #expect(labels.allSatisfy { $0.contains("\"seeds\":\"test\"") })
        #expect(one["cell.json"].map { String(decoding: $0, as: UTF8.self).contains("\"seeds\":\"test\"") } == true)
        let jobs = String(decoding: try #require(one["jobs.jsonl"]), as: UTF8.self)
        #expect(!jobs.contains("zone.character"))
    }

    @Test func aCaptureIsAPictureOfTheSensorsSize() throws {
        let folder = try make(.development)
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = DefectPlan(
            space: .development, seed: 21, good: 1, identity: 1, each: 0, only: [.zoneCharacter])
        let rig = try CellMaker(plan, cell: 0).rig
        let sheet = try PictureFile.read(folder.appendingPathComponent("D21-0000/capture-0.png").path)
        #expect(sheet.width == rig.width && sheet.height == rig.height)
        let levels = stride(from: 0, to: sheet.rgb.count, by: 3001).map { Int(sheet.rgb[$0]) }
        #expect((levels.max() ?? 0) > 150)
        #expect((levels.min() ?? 255) < 110)
    }
}
