import Foundation

/// A page of `firmware-specs/`, as everybody reads it.
enum SpecPage {
    /// The cells of each row of its tables.
    static func rows(_ family: String) throws -> [[String]] {
        let page = TranscriptFolder.of("").appending(path: "../../firmware-specs/\(family)/README.md")
        return try String(contentsOf: page.standardizedFileURL, encoding: .utf8).split(separator: "\n").compactMap {
            guard $0.hasPrefix("|") else { return nil }
            return $0.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }
}
