import Foundation
import Ground

/// Keeps what was judged wrongly, so that `sakk inspect explain` can be asked about it.
struct TrialKeeper {
    private let root: String
    private var kept: [String: Int] = [:]
    private static let most = 6

    init(_ root: String) throws {
        self.root = root
        try FileManager.default.createDirectory(atPath: root + "/labels", withIntermediateDirectories: true)
    }

    mutating func keep(_ job: TrialCell.Job, _ truth: TrialTruth, _ verdict: TrialVerdict, _ cell: TrialCell) throws {
        let key = truth.kind + truth.severity
        guard kept[key, default: 0] < Self.most else { return }
        kept[key, default: 0] += 1
        let files = FileManager.default
        let folder = root + "/" + cell.name
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let all = (try? files.contentsOfDirectory(atPath: cell.folder)) ?? []
        let wanted = all.filter {
            $0 == job.capture || $0 == job.reference || $0.hasPrefix("portrait") || $0 == "fields.json"
                || $0 == "cell.json"
        }
        for name in wanted where !files.fileExists(atPath: folder + "/" + name) {
            try files.copyItem(atPath: cell.folder + "/" + name, toPath: folder + "/" + name)
        }
        try Self.append(job.line, to: folder + "/jobs.jsonl")
        try Self.append(verdict.line, to: root + "/verdicts.jsonl")
        try Self.append("\(truth.kind) \(truth.severity) \(truth.box) \(verdict.line)", to: root + "/wrong.txt")
    }

    private static func append(_ line: String, to path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw SakkError(
                "file.unwritable", source: path, text: "The file cannot be written.",
                remedy: "Check the path, its permissions and the space on the disk.")
        }
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
    }
}
