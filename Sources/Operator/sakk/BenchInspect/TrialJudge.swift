import Catalog
import Foundation
import Ground

/// Judges the jobs of a cell: this program's inspection, or another build's as a program of its own, which may die.
enum TrialJudge {
    case own(ReasonList)
    case other(program: String)

    func judge(_ cell: TrialCell, _ product: ProductProfile) throws -> [(job: TrialCell.Job, verdict: TrialVerdict)] {
        switch self {
        case .own(let list):
            let bench = try InspectBench(
                product: product, fields: try InspectFields(path: cell.folder + "/fields.json"), reasons: list,
                folder: cell.folder, annotates: false)
            return try cell.jobs.map { ($0, try TrialVerdict(bench.judge($0.line).json(list))) }
        case .other(let program):
            var verdicts: [TrialVerdict] = []
            while verdicts.count < cell.jobs.count {
                let before = verdicts.count
                verdicts += try Self.run(program, Array(cell.jobs.dropFirst(before)), cell, product)
                guard verdicts.count < cell.jobs.count else { break }
                // the next one ended the program
                verdicts.append(try TrialVerdict(Self.died(cell.jobs[verdicts.count].id)))
            }
            return Array(zip(cell.jobs, verdicts).map { ($0, $1) })
        }
    }

    private static func died(_ id: String) -> String {
        """
        {"schema":"sakk.inspect-verdict/1","id":\(JSONValue.string(id).canonicalText),"verdict":"cannot_judge",\
        "reasons":[{"code":"\(TrialVerdict.died)"}],"milliseconds":0}
        """
    }

    private static func run(
        _ program: String, _ jobs: [TrialCell.Job], _ cell: TrialCell, _ product: ProductProfile
    ) throws -> [TrialVerdict] {
        let (input, output) = (cell.folder + "/asked.jsonl", cell.folder + "/verdicts.jsonl")
        let text = jobs.map(\.line).joined(separator: "\n") + "\n"
        guard FileManager.default.createFile(atPath: input, contents: Data(text.utf8)) else {
            throw SakkError(
                "file.unwritable", source: input, text: "The jobs cannot be written.",
                remedy: "Check the folder's permissions and the space on the disk.")
        }
        try? FileManager.default.removeItem(atPath: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "inspect", "--product", product.folder, "--fields", cell.folder + "/fields.json", "--in", input, "--out",
            output,
        ]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch {
            throw SakkError(
                "file.missing", source: program, text: "The other inspection cannot be started.",
                remedy: "Name a built sakk with --inspector.")
        }
        process.waitUntilExit()
        let lines = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if lines.isEmpty, process.terminationReason == .exit {
            throw SakkError(
                "bench.inspector", source: program, text: "The other inspection judged nothing.",
                remedy: "Run its `sakk inspect` by hand on \(input).")
        }
        return try lines.split(separator: "\n").map { try TrialVerdict(String($0)) }
    }
}
