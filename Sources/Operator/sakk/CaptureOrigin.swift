import Catalog
import Foundation
import Ground

/// Where a picture says that it comes from. Limits are never set on what they are tested with.
enum CaptureOrigin {
    /// The generator of defects writes the world of seeds into every picture (`Sakk-Seeds`, a text chunk of PNG) and beside
    /// them (`cell.json`). Either says enough: a picture that was encoded anew has lost the first.
    static func isOfTestSeeds(_ bytes: Bytes, at path: String) -> Bool {
        if text("Sakk-Seeds", in: bytes) == "test" { return true }
        let beside = (path as NSString).deletingLastPathComponent + "/cell.json"
        guard let cell = FileBytes.read(beside), case .object(let members)? = try? JSONValue(parsing: cell) else {
            return false
        }
        return members["seeds"] == .string("test")
    }

    /// A text chunk (ISO/IEC 15948, 11.3.4.3); nil without one, and for what is no PNG.
    private static func text(_ keyword: String, in bytes: Bytes) -> String? {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
        var offset = 8
        while bytes.count - offset >= 12, let length = BigEndian.unsigned(bytes[offset..<offset + 4]) {
            let body = offset + 8
            guard length <= UInt64(bytes.count - body - 4) else { return nil }
            let content = bytes[body..<body + Int(length)]
            if bytes[offset + 4..<body].elementsEqual("tEXt".utf8) {
                let parts = content.split(separator: 0, maxSplits: 1)
                if parts.count == 2, parts[0].elementsEqual(keyword.utf8) {
                    return String(decoding: parts[1], as: UTF8.self)
                }
            }
            offset = body + Int(length) + 4
        }
        return nil
    }
}
