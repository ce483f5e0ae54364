import ArgumentParser
import Foundation
import Ground
import Inspection
import OpenSSLCrypto
import Stations

/// `sakk inspect calibrate`: limits from pictures of good cards alone.
struct InspectCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Sets a product's limits from pictures of good cards.",
        discussion: """
            Every job must be of a card that people found good, and each a picture of its own. Captures of the test seeds of \
            `sakk-defects`, and a capture that is there twice (by its pixels), are refused and nothing is written. The file that is written names the captures that its \
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
        let jobs = try options.lines().map { (number: $0.number, text: $0.text, job: InspectJob($0.text)) }
        // all of them first: an hour of judging is not thrown away for the last line
        try refuse(jobs.compactMap(\.job), bench)
        for (number, line, job) in jobs {
            guard let job else {
                unjudged.append("line \(number), which is no job")
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
                    + "\(said(line.before)) before, \(said(line.after)) now, margin \(margin(line))\(room)")
        }
        if !unjudged.isEmpty { Words.say("Not judged and left out: \(unjudged.joined(separator: ", "))") }
        Words.say("Wrote \(lines.count) limits from \(captures.count) captures to \(out)")
    }

    /// Errors: `inspection.calibration` for captures that limits must not come from.
    private func refuse(_ jobs: [InspectJob], _ bench: InspectBench) throws(SakkError) {
        var (tested, repeated): ([String], [String]) = ([], [])
        var seen: [String: String] = [:]
        for job in jobs {
            for name in [job.capture, job.reference] {
                guard let bytes = bench.bytes(name) else { continue }
                if CaptureOrigin.isOfTestSeeds(bytes, at: bench.path(name)) { tested.append(job.id) }
            }
            guard let content = bench.content(job.capture) else { continue }
            let digest = "\(content.width)x\(content.height) \(Digest.sha256(content.rgb).hex)"
            if let first = seen[digest] { repeated.append("\(job.id) (as \(first))") } else { seen[digest] = job.id }
        }
        guard tested.isEmpty else {
            throw refusal(
                "Captures of the test seeds", tested, "Limits come from others: sakk-defects --seeds development.")
        }
        guard repeated.isEmpty else {
            throw refusal("The same picture more than once", repeated, "Leave each picture in the file once.")
        }
    }

    private func refusal(_ what: String, _ ids: [String], _ remedy: String) -> SakkError {
        var unique: [String] = []
        for id in ids where unique.last != id { unique.append(id) }
        let named = unique.prefix(8).joined(separator: ", ") + (unique.count > 8 ? " and \(unique.count - 8) more" : "")
        return SakkError(
            "inspection.calibration", source: options.input, text: "\(what): \(named).", remedy: remedy)
    }

    /// From the worst good card to the limit, of what lies between the middle one and the limit.
    private func margin(_ line: InspectionCalibration.Line) -> String {
        let (room, whole) = (abs(line.after - line.worst), abs(line.after - line.middle))
        let isOver = line.isGreatest ? line.worst > line.after : line.worst < line.after
        return "\(said(isOver ? -room : room)) (\(whole > 0 ? Int((isOver ? -room : room) / whole * 100) : 0) %)"
    }

    private func said(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

    private func file(_ bench: InspectBench, _ lines: [InspectionCalibration.Line], _ captures: [String]) -> String {
        var limits = bench.plan.thousandths
        for line in lines { limits[line.limit] = Int64((line.after * 1000).rounded()) }
        let margins = lines.map { line in
            "#   \(line.limit): \(line.count) values, middle \(said(line.middle)), worst \(said(line.worst)), margin \(margin(line))"
        }.joined(separator: "\n")
        let named = captures.map { "#   \($0)" }.joined(separator: "\n")
        let body = limits.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }.joined(separator: "\n")
        return """
            # Limits of the inspection in thousandths, set by `sakk inspect calibrate` from good cards alone.
            # Captures (SHA-256, verdict before, id):
            \(named)
            # Measures and what is left to the limit (of one, not thousandths):
            \(margins)
            sakk: 1
            \(bench.lights)limits:
            \(body)

            """
    }
}
