import ArgumentParser
import Foundation
import Ground
import Inspection
import OpenSSLCrypto

/// `sakk inspect calibrate`: limits from pictures of good cards alone.
struct InspectCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Sets a product's limits from pictures of good cards.",
        discussion: """
            Every job must be of a card that people found good. The file that is written names the captures that its \
            limits come from; put it in the place of the product's inspection.yaml. A capture that cannot be judged is \
            left out and named. Limits move only so far from the delivered ones: what asks for more is reported, and the \
            answer is another light or camera, not another limit.
            """)

    @OptionGroup var options: InspectOptions
    @Option(help: "The new inspection.yaml.") var out: String

    func run() async throws {
        let bench = try options.bench()
        var calibration = InspectionCalibration(plan: bench.plan)
        var (captures, unjudged): ([String], [String]) = ([], [])
        for (_, line) in try options.lines() {
            guard let job = InspectJob(line) else {
                unjudged.append("a line that is no job")
                continue
            }
            let answer = bench.judge(line)
            guard let result = answer.result, answer.word != "cannot_judge" else {
                unjudged.append(job.id)
                continue
            }
            calibration.add(result.measures)
            let digest = bench.bytes(job.capture).map { Digest.sha256($0).hex } ?? ""
            captures.append("\(digest) \(answer.word) \(job.id.filter { !$0.isNewline })")
        }
        guard captures.count >= 20 else {
            throw SakkError(
                "inspection.calibration", source: options.input,
                text: "\(captures.count) captures were judged; limits need 20 at least.",
                remedy: "Take more pictures of good cards, of several people and over a shift.")
        }
        let lines = calibration.lines()
        try OutputFolder.write(Bytes(file(bench, lines, captures).utf8), to: out)
        for line in lines {
            let sign = line.isGreatest ? "at most" : "at least"
            let room = line.isBound ? ", which is its bound: GOOD CARDS ASK FOR MORE" : ""
            print(
                "\(line.limit): \(line.count) values, middle \(said(line.middle)), worst \(said(line.worst)); \(sign) "
                    + "\(said(line.before)) before, \(said(line.after)) now\(room)")
        }
        if !unjudged.isEmpty { Words.say("Not judged and left out: \(unjudged.joined(separator: ", "))") }
        Words.say("Wrote \(lines.count) limits from \(captures.count) captures to \(out)")
    }

    private func said(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private func file(_ bench: InspectBench, _ lines: [InspectionCalibration.Line], _ captures: [String]) -> String {
        var limits = bench.plan.thousandths
        for line in lines { limits[line.limit] = Int64((line.after * 1000).rounded()) }
        let named = captures.map { "#   \($0)" }.joined(separator: "\n")
        let body = limits.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }.joined(separator: "\n")
        return """
            # Limits of the inspection in thousandths, set by `sakk inspect calibrate` from good cards alone.
            # Captures (SHA-256, verdict before, id):
            \(named)
            sakk: 1
            limits:
            \(body)

            """
    }
}
