public import Ground
public import Ledger
import Stations

/// The batch report on A4. Thumbnails are drawn only where the caller names a picture, and it names pictures of
/// SPECIMEN documents only.
public struct BatchReportPDF {
    private let report: BatchReport
    private let pictures: (AttemptReport) -> [String]

    private let words: BatchWords
    private var language: ReportLanguage { words.language }

    /// `pictures` names PNG files of an attempt, front first; empty for none.
    public init(
        _ report: BatchReport, words: BatchWords = .codes, pictures: @escaping (AttemptReport) -> [String]
    ) {
        self.report = report
        self.words = words
        self.pictures = pictures
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        let footer = "Sakk, \(language("Batch report")) \(language.value(report.batch.rawValue))"
        try ReportFile.write(to: path, language: language, footer: footer) { page in
            drawHead(&page)
            for record in report.records { draw(record, on: &page) }
        }
    }

    private func drawHead(_ page: inout ReportPage) {
        page.text(language("Batch report"), size: 20, bold: true, advance: 30)
        page.text("\(report.batch.rawValue)   \(report.product)   \(report.authority)", size: 10.5, advance: 16)
        let times = [
            report.startedAt.map { "\(language("started")) \(language.value($0.iso8601))" },
            report.endedAt.map { "\(language("ended")) \(language.value($0.iso8601))" },
        ]
        page.text(times.compactMap { $0 }.joined(separator: "   "), size: 9, advance: 22)
        let totals = report.totals
        page.tiles(
            [
                ("records", totals.records), ("good", totals.good), ("waiting", totals.waiting),
                ("in work", totals.inWork),
                ("held", totals.held), ("unknown", totals.unknown), ("blanks spoiled", totals.spoiled),
            ].map { (language($0), $1) })
        page.tiles(
            [
                ("packed", totals.packed), ("dispatched", totals.dispatched), ("delivered", totals.delivered),
                ("returned", totals.returned), ("lost", totals.lost),
            ].map { (language($0), $1) })
        let blanks = report.blanks.sorted { $0.key.rawValue < $1.key.rawValue }
        page.text(
            "\(language("Blanks used")) \(report.blanks.values.reduce(0, +)): "
                + blanks.map { "\(words($0.key)) \($0.value)" }.joined(separator: language.comma), size: 9.5,
            advance: 22)
        page.rule()
    }

    private func draw(_ record: RecordReport, on page: inout ReportPage) {
        page.need(64)
        let reason = record.reason.map { language.comma + words(reason: $0) } ?? ""
        page.text(
            "\(language.value(record.requestID))   \(words(record.state))\(reason)", size: 10, bold: true,
            advance: 14)
        page.text(
            "\(language.value("\(record.production)"))   \(language("priority")) \(words(class: record.priorityClass))",
            size: 8,
            advance: 12)
        for blank in record.unboundBlanks {
            page.text(
                "\(language("blank")) \(language.value(blank.blank.rawValue)): \(words.blank(blank))", size: 8,
                advance: 11)
        }
        for attempt in record.attempts {
            page.need(30)
            var said = ["\(language("attempt")) \(attempt.number): \(words(attempt.state))"]
            if let reason = attempt.reason { said.append(words(reason: reason)) }
            if let death = attempt.death { said.append(words(death)) }
            if let blank = attempt.blank { said.append(words.tray(blank)) }
            page.text(said.joined(separator: language.comma), size: 8, advance: 12)
            page.thumbnails(pictures(attempt))
        }
        page.gap(6)
        page.rule()
    }
}
