import Foundation
import Ground
import OpenSSLCrypto

/// Style, script, shapes and fonts: read once, named by their content, kept by browsers for ever.
struct Assets: Sendable {
    private let files: [String: (type: String, bytes: Bytes)]
    /// Changes with any of them.
    let version: String

    init(folder: String) throws(SakkError) {
        let types = [
            "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
            "woff2": "font/woff2",
        ]
        var files: [String: (type: String, bytes: Bytes)] = [:]
        var all = Bytes()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() {
            guard let type = types[String(name.split(separator: ".").last ?? "")],
                let data = FileManager.default.contents(atPath: "\(folder)/\(name)")
            else { continue }
            files[name] = (type, Bytes(data))
            all += Digest.sha256(Bytes(data))
        }
        guard files["console.css"] != nil, files["console.js"] != nil else {
            throw SakkError(
                "console.assets", source: folder, text: "The pages' style and script are not there.",
                remedy: "Install the program's resources anew.")
        }
        self.files = files
        version = String(Digest.sha256(all).hex.lowercased().prefix(12))
    }

    /// By name alone: no path of the disk is ever asked for.
    func reply(_ name: String) -> Reply? {
        files[name].map { file in
            Reply(
                type: file.type, body: file.bytes, headers: [("cache-control", "public, max-age=31536000, immutable")])
        }
    }
}
