import Foundation
import Ground

/// The BSI silver data set (an invented person, TR-03105-5), where it lies beside the repository.
enum SilverDocument {
    static let number = "C11T002JM"
    static let birth = "960812"
    static let expiry = "131031"
    static let information = "C11T002JM496081221310317"
    /// Inside the validity of its document signer.
    static let time = WallTime(iso8601: "2008-06-01T12:00:00Z")!

    /// Documents of the living world lie beside the repository or where `SAKK_REALWORLD` says; they are never part of it.
    static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["SAKK_REALWORLD"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../shared/realworld")
    }

    /// Without them their suites are left out: `BorderCrossingTests` asks the same questions of documents made there.
    static let isThere = FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path())

    static func file(_ path: String) throws -> Bytes { Bytes(try Data(contentsOf: folder.appending(path: path))) }

    /// EF.COM, EF.SOD and the data groups that EF.SOD names.
    static func files() throws -> [UInt16: Bytes] {
        var files: [UInt16: Bytes] = [:]
        for (fid, name) in [
            (0x011E, "EF_COM"), (0x011D, "EF_SOD"), (0x0101, "Datagroup1"), (0x0102, "Datagroup2"),
            (0x0103, "Datagroup3"), (0x010E, "Datagroup14"),
        ] {
            files[UInt16(fid)] = try file("bsi-silver-2008/\(name).bin")
        }
        return files
    }
}
