import Foundation
import Ground

/// The generator as a program of its own, some cells ahead of the judge; a cell is removed when it is judged.
final class DefectWorkshop: TrialSource {
    private let program: String
    private let plan: [String]
    private let root: String
    private var running: [(process: Process, words: Pipe)] = []
    private var started = 0
    let cells: Int

    static var own: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }
    static var beside: String { (own as NSString).deletingLastPathComponent + "/sakk-defects" }

    init(program: String, plan: [String], ahead: Int) throws {
        self.program = program
        self.plan = plan
        root = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-trial-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let counting = try Self.start(program, ["cells"] + plan)
        cells = Int(try Self.end(counting, program)) ?? 0
        for _ in 0..<ahead { try startNext() }
    }

    func next() throws -> TrialCell? {
        guard !running.isEmpty else { return nil }
        let name = try Self.end(running.removeFirst(), program)
        try startNext()
        return try TrialCell(name, in: root)
    }

    func done(_ cell: TrialCell) { try? FileManager.default.removeItem(atPath: cell.folder) }

    func close() {
        for one in running where one.process.isRunning { one.process.terminate() }
        for one in running { one.process.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: root)
    }

    private func startNext() throws {
        guard started < cells else { return }
        running.append(try Self.start(program, ["make", "--out", root, "--cell", "\(started)"] + plan))
        started += 1
    }

    private static func start(_ program: String, _ words: [String]) throws -> (process: Process, words: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch {
            throw SakkError(
                "file.missing", source: program, text: "The generator of defects cannot be started.",
                remedy: "Build the product sakk-defects, or name it with --generator.")
        }
        return (process, pipe)
    }

    private static func end(_ run: (process: Process, words: Pipe), _ program: String) throws -> String {
        let text = String(decoding: run.words.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        run.process.waitUntilExit()
        guard run.process.terminationStatus == 0 else {
            throw SakkError(
                "bench.generator", source: program,
                text: "The generator of defects ended with code \(run.process.terminationStatus).",
                remedy: "Its own words stand above.")
        }
        return text.split(separator: "\n").last.map(String.init) ?? ""
    }
}
