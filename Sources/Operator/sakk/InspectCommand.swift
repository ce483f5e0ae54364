import ArgumentParser
import Catalog
import Foundation
import Ground
import Inspection
import Pixels
import Stations

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Judges pictures of documents against what they should be.",
        subcommands: [InspectPicturesCommand.self, InspectExplainCommand.self, InspectCalibrateCommand.self],
        defaultSubcommand: InspectPicturesCommand.self)
}

/// What both commands are told.
struct InspectOptions: ParsableArguments {
    @Option(help: "Product under profiles/, or its folder.") var product: String
    @Option(help: "Places of the fields, as `sakk art render --fields-json` writes them.") var fields: String
    @Option(name: .customLong("in"), help: "Jobs, one JSON object (sakk.inspect-job/1) a line; - reads stdin.")
    var input: String
    @Option(help: "List of the reasons; reasons.yaml beside the product's folder without.") var reasons: String?

    func bench(annotates: Bool = false) throws -> InspectBench {
        let product = try ProductProfile.named(self.product)
        let list = reasons ?? product.reasonList
        return try InspectBench(
            product: product, fields: try InspectFields(path: fields), reasons: try ReasonList(path: list),
            folder: input == "-" ? "." : (input as NSString).deletingLastPathComponent, annotates: annotates)
    }

    /// The lines of the jobs with their numbers; blank ones are left out.
    func lines() throws(SakkError) -> [(number: Int, text: String)] {
        let bytes =
            input == "-" ? Bytes(FileHandle.standardInput.readDataToEndOfFile()) : FileBytes.read(input)
        guard let bytes else {
            throw SakkError("file.missing", source: input, text: "The file cannot be read.", remedy: "Check the path.")
        }
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .map { ($0.offset + 1, String(decoding: $0.element, as: UTF8.self)) }
            .filter { !$0.text.allSatisfy(\.isWhitespace) }
    }
}

struct InspectPicturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pictures", abstract: "Judges pictures, from a line or not: a job in a line in, a verdict out.",
        discussion: """
            A job names the picture of a side as it should be and one as it is seen (PNG or JPEG, paths relative to the \
            jobs' file); what is signed may be added as `expected`. A picture that is missing, broken or hostile gives \
            `cannot_judge`. `milliseconds` is the judging; `from_capture_milliseconds` is its part from the capture, decoded, \
            to the verdict, without what needs no capture: before it the reference, and whether it says what is signed, \
            after it the wiping. Reading the files is in neither.
            """)

    @OptionGroup var options: InspectOptions
    @Option(help: "Verdicts, one JSON object (sakk.inspect-verdict/1) a line; - writes stdout.") var out: String
    @Option(
        help: """
            Folder for a sheet of each job that did not pass (as seen beside the reference, what was found boxed and in words) \
            and a crop for each reason; personal data.
            """)
    var annotate: String?

    func run() async throws {
        let bench = try options.bench(annotates: annotate != nil)
        if let annotate { try OutputFolder.make(annotate) }
        if out != "-", !OutputFile.create(out) { throw unwritable }
        guard let file = out == "-" ? FileHandle.standardOutput : FileHandle(forWritingAtPath: out) else {
            throw unwritable
        }
        var counts: [String: Int] = [:]
        for (number, line) in try options.lines() {
            let answer = bench.judge(line)
            counts[answer.word, default: 0] += 1
            do {
                try file.write(contentsOf: Data((answer.json(bench.reasons) + "\n").utf8))
            } catch {
                throw unwritable
            }
            guard let annotate, let result = answer.result else { continue }
            let name = "\(annotate)/\(number)-\(Self.fileName(answer.id))"
            if let png = result.annotated { try OutputFolder.write(png, to: "\(name).png") }
            for (index, crop) in result.evidence.enumerated() {
                try OutputFolder.write(crop.png, to: "\(name)-\(index + 1)-\(crop.code).png")
            }
        }
        let words = ["pass", "reject", "cannot_judge"].map { "\($0) \(counts[$0] ?? 0)" }
        Words.say("\(counts.values.reduce(0, +)) jobs: \(words.joined(separator: ", "))")
    }

    private var unwritable: SakkError {
        SakkError(
            "file.unwritable", source: out, text: "The verdicts cannot be written.",
            remedy: "Check the path, its permissions and the space on the disk.")
    }

    /// An id is anything; a name of a file is not.
    private static func fileName(_ id: String) -> String {
        String(id.prefix(60).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }
}

struct InspectExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Judges one job again and says every measure beside its limits.")

    @OptionGroup var options: InspectOptions
    @Argument(help: "The job's id.") var id: String
    @Flag(help: "One JSON object (sakk.inspect-explain/1), figures in thousandths.") var json = false

    func run() async throws {
        let bench = try options.bench()
        guard let line = try options.lines().first(where: { InspectJob.id(of: $0.text) == id }) else {
            throw SakkError(
                "file.job", source: options.input, text: "No job of this file has the id.", remedy: "Check the id.")
        }
        let found = bench.judge(line.text)
        print(json ? found.explainedJSON(bench.reasons) : found.explained(bench.reasons))
    }
}
