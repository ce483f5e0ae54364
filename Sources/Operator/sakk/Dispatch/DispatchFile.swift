import Foundation
import Ground

/// A paper's bytes beside its PDF.
enum DispatchFile {
    static func write(_ bytes: Bytes, to path: String) throws(SakkError) {
        guard OutputFile.create(path, Data(bytes)) else {
            throw SakkError(
                "report.unwritable", source: path, text: "The file cannot be written.",
                remedy: "Check the folder, its permissions and the space on the disk.")
        }
        Words.say("Wrote \(path)")
    }
}
