public import Ground
public import Ledger

/// A report of tables on A4.
public struct TablePDF {
    private struct Section {
        let title: String
        let rows: [[String]]
    }

    private let title: String
    private let subtitle: String
    private let sections: [Section]
    private let notes: [String]
    private let language: ReportLanguage

    public init(_ report: ProductionReport, language: ReportLanguage = .english) {
        self.language = language
        title = language("Production")
        subtitle = language.span(from: report.selection.from?.iso8601, to: report.selection.to?.iso8601)
        sections = [Section(title: "", rows: report.table)]
        notes = report.reasons(language)
    }

    public init(_ report: EffectivenessReport, language: ReportLanguage = .english) {
        self.language = language
        title = language("Overall equipment effectiveness")
        subtitle = "ISO 22400-2, " + language.span(from: report.from.iso8601, to: report.to.iso8601)
        sections = [
            Section(title: "Ratios", rows: report.ratios), Section(title: "States of SEMI E10", rows: report.states),
            Section(title: "Cards found inside after a crash", rows: report.recoveries),
            Section(title: "Target against actual", rows: report.hours),
        ]
        notes = []
    }

    public init(_ report: AgeingReport, language: ReportLanguage = .english) {
        self.language = language
        title = language("Ageing")
        subtitle = "\(language("at")) \(language.value(report.now.iso8601))"
        let deadlines = report.classes.isEmpty ? [] : [Section(title: "Deadlines", rows: report.deadlines)]
        sections =
            [Section(title: "", rows: report.percentiles)] + deadlines
            + [Section(title: "Oldest first", rows: report.list)]
        notes = []
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        try ReportFile.write(to: path, language: language, footer: "Sakk, \(title)") { page in
            page.text(title, size: 20, bold: true, advance: 32)
            page.text(subtitle, size: 10.5, advance: 24)
            for section in sections {
                if !section.title.isEmpty { page.text(language(section.title), size: 11, bold: true, advance: 20) }
                page.table(language(section.rows))
                page.gap(12)
            }
            for note in notes { page.text(note, size: 8.5, advance: 13) }
        }
    }
}
