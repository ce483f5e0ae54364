import Foundation
import Ground

/// Where captures with known truth come from, a cell at a time.
protocol TrialSource: AnyObject {
    var cells: Int { get }
    func next() throws -> TrialCell?
    /// The cell was judged.
    func done(_ cell: TrialCell)
    func close()
}

/// The jobs of a cell, and apart what is true of each.
struct TrialCell {
    struct Job: Decodable {
        let id: String
        let reference: String
        let capture: String
        var line = ""

        private enum CodingKeys: String, CodingKey { case id, reference, capture }
    }

    private struct Described: Decodable { let format: String }

    let name: String
    let folder: String
    let format: String
    let jobs: [Job]
    let truths: [String: TrialTruth]

    init(_ name: String, in root: String) throws {
        self.name = name
        folder = root + "/" + name
        format = try JSONDecoder().decode(Described.self, from: try Self.read(folder + "/cell.json")).format
        jobs = try Self.lines(folder + "/jobs.jsonl").map { line in
            var job = try JSONDecoder().decode(Job.self, from: Data(line.utf8))
            job.line = line
            return job
        }
        let labels = try Self.lines(root + "/labels/\(name).jsonl")
            .map { try JSONDecoder().decode(TrialTruth.self, from: Data($0.utf8)) }
        truths = Dictionary(labels.map { ($0.id, $0) }) { $1 }
    }

    private static func read(_ path: String) throws(SakkError) -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SakkError("file.missing", source: path, text: "The file cannot be read.", remedy: "Check the path.")
        }
        return data
    }

    private static func lines(_ path: String) throws(SakkError) -> [String] {
        String(decoding: try read(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A line of labels: `sakk.defect-label/1`.
struct TrialTruth: Decodable {
    let id: String
    let seeds: String
    let group: String
    let kind: String
    let severity: String
    let isVisible: Bool
    let box: [Double]

    private enum CodingKeys: String, CodingKey {
        case id, seeds, group, severity
        case kind = "class"
        case isVisible = "visible"
        case box = "box_mm"
    }
}

/// A line of verdicts: `sakk.inspect-verdict/1`.
struct TrialVerdict: Decodable {
    struct Reason: Decodable { let code: String }

    /// Code of a doubt that no inspection gives: the program died.
    static let died = "bench.died"

    let verdict: String
    let reasons: [Reason]
    let milliseconds: Double
    /// Without what needs no capture; nil from an inspector that does not tell it apart.
    let fromCapture: Double?
    private(set) var line = ""

    private enum CodingKeys: String, CodingKey {
        case verdict, reasons, milliseconds
        case fromCapture = "from_capture_milliseconds"
    }

    init(_ line: String) throws {
        self = try JSONDecoder().decode(TrialVerdict.self, from: Data(line.utf8))
        self.line = line
    }
}

/// Captures that were made before.
final class TrialFolder: TrialSource {
    private let root: String
    private var waiting: [String]
    let cells: Int

    init(_ root: String) throws {
        self.root = root
        let labels = try? FileManager.default.contentsOfDirectory(atPath: root + "/labels")
        guard let labels else {
            throw SakkError(
                "file.missing", source: root, text: "The folder has no labels.",
                remedy: "Name a folder that sakk-defects wrote.")
        }
        waiting = labels.filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted(by: >)
        cells = waiting.count
    }

    func next() throws -> TrialCell? { try waiting.popLast().map { try TrialCell($0, in: root) } }
    func done(_ cell: TrialCell) {}
    func close() {}
}
