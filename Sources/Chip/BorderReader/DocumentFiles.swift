internal import Foundation
public import Ground
internal import LDS

/// The files of one document that were read elsewhere, each known by what is in it, whatever it is called.
public struct DocumentFiles: Sendable {
    /// By file identifier.
    public private(set) var files: [UInt16: Bytes] = [:]
    public private(set) var cardAccess: Bytes = []
    public private(set) var cardSecurity: Bytes = []
    /// What is no file of a document: its path.
    public private(set) var strangers: [String] = []
    /// Where each was found, by the standard's name of the file.
    public private(set) var places: [String: String] = [:]

    /// No file of a document is larger.
    private static let limit = 262_144

    /// Files, and folders of files.
    /// - Throws: `file.missing` for a path that cannot be read, `lds.files.twice` for two files of one kind, `lds.files.none`
    ///   when none of them is a file of a document.
    public init(paths: [String]) throws(SakkError) {
        for path in paths {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            guard exists, isFolder.boolValue else {
                try take(path)
                continue
            }
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw Self.missing(path)
            }
            for name in names.sorted() { try take(path + "/" + name) }
        }
        guard !places.isEmpty else {
            throw SakkError(
                "lds.files.none", source: paths.joined(separator: ", "),
                text: "None of these is EF.COM, EF.SOD, a data group, EF.CardAccess or EF.CardSecurity.",
                remedy: "Give the files as they were read, in binary, one elementary file in each.")
        }
    }

    private mutating func take(_ path: String) throws(SakkError) {
        guard let data = FileManager.default.contents(atPath: path) else { throw Self.missing(path) }
        guard data.count <= Self.limit, let name = keep(Bytes(data)) else {
            strangers.append(path)
            return
        }
        if let other = places.updateValue(path, forKey: name) {
            throw SakkError(
                "lds.files.twice", source: path, text: "This is \(name), and so is \(other).",
                remedy: "Give the files of one document only.")
        }
    }

    /// The standard's name of what these bytes are; nil for a stranger.
    private mutating func keep(_ bytes: Bytes) -> String? {
        if let first = bytes.first, let file = ElementaryFile.withTag(UInt32(first)) {
            files[file.fileID] = bytes
            return file.name
        }
        if CardSecurityFile(bytes) != nil {
            cardSecurity = bytes
            return "EF.CardSecurity"
        }
        guard bytes.first == 0x31, SecurityInfos(bytes) != nil else { return nil }
        cardAccess = bytes
        return "EF.CardAccess"
    }

    private static func missing(_ path: String) -> SakkError {
        SakkError("file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
    }
}
