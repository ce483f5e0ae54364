import Foundation
import Testing

/// Programs in the place of `sakk-picture`.
enum Workers {
    /// The one that was built beside these tests.
    static func real() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (own as NSString).deletingLastPathComponent + "/sakk-picture"
        try #require(FileManager.default.isExecutableFile(atPath: path), "sakk-picture was not built")
        return path
    }

    /// A folder of its own.
    struct Place {
        let folder = NSTemporaryDirectory() + "sakk-worker-" + UUID().uuidString

        init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }

        /// A program that is ready, takes one picture and does something else then; whoever starts it again gets the real one.
        func program(onPicture deed: String) throws -> String {
            let text = """
                #!/bin/sh
                if [ -e \(folder)/began ]; then exec \(try Workers.real()); fi
                : >\(folder)/began
                head -c 24 <&3 >/dev/null
                printf '\(Workers.answer(number: 1, ""))' >&3
                head -c 24 <&3 >/dev/null
                \(deed)
                """
            let path = folder + "/worker"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            return path
        }
    }

    /// An answer as the shell's printf writes it: kind, number of the question, bytes that follow.
    static func answer(number: Int64 = 2, length: Int64? = nil, _ body: String) -> String {
        word(0x53_414B_4B03) + word(number) + word(length ?? Int64(body.count / 4)) + body
    }

    /// Eight bytes, low ones first.
    static func word(_ value: Int64) -> String {
        (0..<8).map { String(format: "\\%03o", Int(value >> ($0 * 8) & 255)) }.joined()
    }

    /// No effort, a result, a pass, no zone, and neither pictures, evidence, measures nor a portrait.
    static let passing = word(0) + word(1) + word(0) + word(0) + word(0) + word(0) + word(0) + word(0) + word(0)

    /// The letter of a process' state; throws when there is none.
    static func state(of process: Int32) throws -> Substring {
        let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return stat.split(separator: ")").last?.split(separator: " ").first ?? ""
    }

    static func threads(of process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").count
    }
}
