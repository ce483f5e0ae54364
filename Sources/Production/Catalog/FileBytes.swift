import Foundation
public import Ground

/// Whole files.
public enum FileBytes {
    /// Nil when the file cannot be read.
    public static func read(_ path: String) -> Bytes? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return Bytes(data)
    }
}
