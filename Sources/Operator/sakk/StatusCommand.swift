import ArgumentParser
import Catalog
import Console
import Ground
import Ledger
import Reporting

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What the line does, and why it stopped.")

    @OptionGroup var options: LineOptions
    @Flag(help: "One JSON object (sakk.line-status/1).") var json = false

    func run() async throws {
        let profile = try options.profile()
        let store = try await options.openLedger(profile)
        let status = try await store.status(profile.id)
        let cameras = try await store.read(CameraHealthQuery(line: profile.id))
        guard json else {
            print(status.glance, terminator: "")
            for camera in cameras { print("\(camera.cell)  \(camera.words)") }
            return
        }
        guard !cameras.isEmpty, var members = (try? JSONValue(parsing: Bytes(status.json.utf8)))?.object else {
            return print(status.json)
        }
        members["schema"] = nil
        members["cameras"] = .object(
            Dictionary(cameras.map { ($0.cell.rawValue, $0.json) }, uniquingKeysWith: { first, _ in first }))
        print(JSONValue.object(members).document(schema: "sakk.line-status/1"))
    }
}

struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Reports on batches.",
        subcommands: [BatchReportCommand.self, BatchPublishCommand.self])
}

struct BatchReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "What became of each record and blank of a batch.")

    @OptionGroup var options: LineOptions
    @Argument(help: "The batch's id.") var id: String
    @Flag(help: "One JSON object (sakk.batch-report/1).") var json = false
    @Option(help: "Write a PDF with thumbnails (SPECIMEN documents only).") var pdf: String?
    @Option(
        help: "ar, ckb or en, in the words of the pages; without it, in the codes of the books.",
        transform: { word in
            guard let language = Language(rawValue: word) else {
                throw ValidationError("--language is ar, ckb or en.")
            }
            return language
        })
    var language: Language?
    @Option(help: "Codes of reasons with their texts.") var reasons = "profiles/reasons.yaml"

    func run() async throws {
        let profile = try options.profile()
        let store = try await options.openLedger(profile)
        let report = try await store.batchReport(BatchID(id))
        var words = BatchWords.codes
        if let language { words = try Catalogue.own(reasons: ReasonList(path: reasons).texts).batchWords(language) }
        if let pdf {
            let pictures = options.picturesPath(profile)
            try BatchReportPDF(report, words: words) { attempt in
                guard let pictures else { return [] }
                return PictureFolder.thumbnails(of: attempt, in: pictures)
            }.write(to: pdf)
            Words.say("Wrote \(pdf)")
        }
        if json {
            print(report.json)
        } else if pdf == nil {
            print(report.text(words), terminator: "")
        }
    }
}
