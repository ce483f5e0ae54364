import ArgumentParser
import Catalog
import Foundation
import Ground

/// What the inspection finds of defects that it does not know, and what it accuses of good documents.
struct BenchInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Judges captures with known defects, beside a plain OpenCV pipeline in the same run.",
        discussion: """
            `sakk-defects` makes the captures cell by cell (a cell is one design under one camera), `sakk inspect` judges \
            the job files, the truth is read afterwards. Exit code 0 when every row reaches its goal, 5 when one falls \
            short. A full run is --seeds test --good 5000 --identity 3000 --each 200.
            """)

    @Option(help: "World of seeds: development or test. Nothing is learnt from test captures.") var seeds = "test"
    @Option(help: "Seed.") var seed: UInt64 = 1
    @Option(help: "Good captures.") var good = 100
    @Option(help: "Changes of identity, shared among their classes.") var identity = 65
    @Option(help: "Captures of each print and picture defect, in each severity.") var each = 3
    @Option(help: "Only these classes of defect.") var only: [String] = []
    @Option(help: "The generator; sakk-defects beside this program without.") var generator: String?
    @Option(help: "Captures that were made before, instead of making them.") var from: String?
    @Option(help: "Folder for up to six wrongly judged captures of each class, with truth and verdict.") var keep:
        String?
    @Option(help: "Cells that are made ahead.") var ahead = 2
    @Option(help: "Product whose plan judges cards.") var card = "iq-national-id"
    @Option(help: "Product whose plan judges pages of passports.") var page = "iq-passport-regular"
    @Option(help: "List of the reasons.") var reasons = "profiles/reasons.yaml"
    @Flag(help: "One JSON object (sakk.bench-inspect/1); shares in parts of a million, times in microseconds.")
    var json = false
    @Option(help: "Another sakk: its `inspect` judges, as a program of its own that may die.") var inspector: String?
    @Flag(help: "Only designs that no product has.") var withoutProducts = false
    @Flag(help: "Leave the plain pipeline out.") var withoutPlain = false

    func validate() throws {
        guard seeds == "development" || seeds == "test" else {
            throw ValidationError("--seeds is development or test.")
        }
        guard (1...16).contains(ahead) else { throw ValidationError("--ahead must lie between 1 and 16.") }
    }

    func run() async throws {
        let source: any TrialSource =
            try from.map { try TrialFolder($0) as any TrialSource }
            ?? DefectWorkshop(
                program: generator ?? DefectWorkshop.beside,
                plan: [
                    "--seeds", seeds, "--seed", "\(seed)", "--good", "\(good)", "--identity", "\(identity)", "--each",
                    "\(each)",
                ] + (withoutProducts ? [] : ["--drawn-by", DefectWorkshop.own]) + only.flatMap { ["--only", $0] },
                ahead: ahead)
        defer { source.close() }
        let judge = try inspector.map { TrialJudge.other(program: $0) } ?? .own(try ReasonList(path: reasons))
        let products = ["TD1": try ProductProfile.named(card), "TD3": try ProductProfile.named(page)]
        var tally = TrialTally()
        var keeper = try keep.map { try TrialKeeper($0) }
        var progress = ContinuousClock.now
        while let cell = try source.next() {
            guard let product = products[cell.format] else { continue }
            for (job, verdict) in try judge.judge(cell, product) {
                guard let truth = cell.truths[job.id] else { continue }
                let plain = withoutPlain ? nil : PlainPipeline.milliseconds(job, in: cell.folder)
                let isWrong = tally.add(truth, verdict, plain: plain)
                if isWrong { try keeper?.keep(job, truth, verdict, cell) }
            }
            tally.remember()
            source.done(cell)
            if ContinuousClock.now - progress > .seconds(20) {
                progress = .now
                Words.say("\(tally.count) captures of \(source.cells) cells")
            }
        }
        guard tally.count > 0 else {
            throw SakkError(
                "file.captures", source: from ?? "sakk-defects", text: "There is no capture to judge.",
                remedy: "Ask for at least one, or name a folder that sakk-defects wrote.")
        }
        let table = TrialTable(
            tally, origin: from ?? "seed \(seed), good \(good), identity \(identity), each \(each)")
        print(json ? table.json : table.text, terminator: "")
        guard table.isReached else { throw Exit.breached }
    }
}
