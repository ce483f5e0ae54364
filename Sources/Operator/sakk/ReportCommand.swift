import ArgumentParser
import Catalog
import Ground
import Ledger
import Reporting

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Numbers over times, lines, offices and products.",
        subcommands: [ReportProductionCommand.self, ReportEffectivenessCommand.self, ReportAgeingCommand.self])
}

/// A time in UTC on the command line.
struct TimeArgument: ExpressibleByArgument {
    let time: WallTime

    /// `2026-01-31T08:00:00Z`, or a day for its beginning.
    init?(argument: String) {
        guard let time = WallTime(iso8601: argument) ?? WallTime(iso8601: argument + "T00:00:00Z") else { return nil }
        self.time = time
    }
}

/// How a report is wanted.
struct ReportFormat: ParsableArguments {
    @Flag(help: "One JSON object.") var json = false
    @Option(help: "Write a PDF.") var pdf: String?
    @Option(help: "Language of the PDF: en, ar or ckb.", transform: ReportFormat.language)
    var language = ReportLanguage.english

    static func language(_ word: String) throws -> ReportLanguage {
        guard let language = ReportLanguage(rawValue: word) else {
            throw ValidationError("--language is en, ar or ckb.")
        }
        return language
    }

    func give(text: String, json document: String, paper: TablePDF) throws {
        if let pdf {
            try paper.write(to: pdf)
            Words.say("Wrote \(pdf)")
        }
        if json { print(document) } else if pdf == nil { print(text, terminator: "") }
    }
}

struct ReportProductionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "production", abstract: "How many records stand where, and why blanks were lost.")

    @OptionGroup var options: LineOptions
    @Option(help: "Of one line.") var lineID: String?
    @Option(help: "Of one cell.") var cell: String?
    @Option(help: "Of one batch.") var batch: String?
    @Option(help: "Of one shift (LINE/DAY/NAME, see `sakk shift list`): by its cards, whatever the clocks said.")
    var shift: String?
    @Option(help: "From this time on (UTC).") var from: TimeArgument?
    @Option(help: "Until before this time (UTC).") var to: TimeArgument?
    @Option(
        help: "none, batch, line, cell, shift, office, governorate, product, class or stock.",
        transform: { word in
            guard let dimension = ProductionDimension(rawValue: word) else {
                throw ValidationError("`\(word)` is nothing to count by.")
            }
            return dimension
        })
    var by = ProductionDimension.none
    @Flag(help: "The form that leaves the plant: counts below 5 are suppressed (JSON).") var outgoing = false
    @OptionGroup var format: ReportFormat

    func run() async throws {
        let store = try await options.openLedger(try options.profile())
        let report = try await store.read(
            ProductionQuery(
                by: by, batch: batch.map { BatchID($0) }, line: lineID.map { LineID($0) },
                cell: cell.map { CellID($0) }, shift: shift.map { ShiftID($0) }, from: from?.time, to: to?.time))
        if outgoing {
            print(report.json(smallest: 5))
        } else {
            try format.give(text: report.text, json: report.json(), paper: TablePDF(report, language: format.language))
        }
    }
}

struct ReportEffectivenessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oee", abstract: "OEE after ISO 22400-2, states of SEMI E10, target against actual.")

    @OptionGroup var options: LineOptions
    @Option(help: "Of one line.") var lineID: String?
    @Option(help: "Of one cell.") var cell: String?
    @Option(help: "From this time on (UTC).") var from: TimeArgument?
    @Option(help: "Until before this time (UTC); now when it is not given.") var to: TimeArgument?
    @Option(help: "Of one shift (LINE/DAY/NAME), in place of --from and --to; the open one until now.")
    var ofShift: String?
    @Option(help: "Planned run time per item in milliseconds, from the machine's data sheet.") var itemMs: Int64
    @Option(
        parsing: .upToNextOption, help: "Scheduled times as FROM/TO (UTC); all the time when none is given.")
    var shift: [ShiftArgument] = []
    @OptionGroup var format: ReportFormat

    func validate() throws {
        guard (from == nil) != (ofShift == nil), ofShift == nil || to == nil else {
            throw ValidationError("Give --from (and --to), or --of-shift.")
        }
        guard itemMs > 0 else { throw ValidationError("--item-ms is above 0.") }
    }

    func run() async throws {
        let store = try await options.openLedger(try options.profile())
        let now = SystemTime().wall()
        var line = lineID.map { LineID($0) }
        var (start, end) = (from?.time ?? now, to?.time ?? now)
        if let ofShift {
            let span = try await store.read(ShiftSpanQuery(ShiftID(ofShift)))
            (line, start, end) = (span.line, span.from, span.to ?? now)
        }
        let cells = try await store.read(
            EffectivenessQuery(
                line: line, cell: cell.map { CellID($0) }, from: start, to: end,
                plannedRunTimePerItem: itemMs * 1000, plan: shift.isEmpty ? nil : shift.map(\.range)))
        let report = EffectivenessReport(from: start, to: end, cells: cells)
        try format.give(
            text: report.text, json: report.json, paper: TablePDF(report, language: format.language))
    }
}

/// A scheduled time, `FROM/TO`.
struct ShiftArgument: ExpressibleByArgument {
    let range: Range<Int64>

    init?(argument: String) {
        let parts = argument.split(separator: "/").map { TimeArgument(argument: String($0)) }
        guard parts.count == 2, let from = parts[0]?.time.microseconds, let to = parts[1]?.time.microseconds, from < to
        else { return nil }
        range = from..<to
    }
}

struct ReportAgeingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ageing", abstract: "How long people wait for their document, oldest first.")

    @OptionGroup var options: LineOptions
    @Option(help: "Finished from this time on (UTC).") var from: TimeArgument?
    @Option(help: "Finished before this time (UTC).") var to: TimeArgument?
    @Option(help: "How many of the oldest are named.") var oldest = 20
    @OptionGroup var format: ReportFormat

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        let store = try await options.openLedger(profile)
        let now = SystemTime().wall()
        let report = try await store.read(
            AgeingQuery(
                now: now, from: from?.time, to: to?.time, limit: oldest, deadlines: product.deadlinesQuery(now)))
        try format.give(
            text: report.text, json: report.json, paper: TablePDF(report, language: format.language))
    }
}
