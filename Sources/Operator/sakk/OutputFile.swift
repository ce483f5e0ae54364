import Foundation
import Glibc

/// A file that the user named. What is there and is no file (`/dev/null`, a pipe) is written to and stays what it is: where a
/// new file is put in its place, a machine loses its device.
enum OutputFile {
    /// False when it cannot be written.
    static func create(_ path: String, _ contents: Data = Data()) -> Bool {
        guard isOther(path) else { return FileManager.default.createFile(atPath: path, contents: contents) }
        guard let file = FileHandle(forWritingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.write(contentsOf: contents)) != nil
    }

    /// Whether something is there that is neither a file nor a link to one.
    static func isOther(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }
}
