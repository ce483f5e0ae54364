import CPangoCairo
public import Ground
public import Ledger

/// A report of tables on A4.
public struct TablePDF {
    private static let pageWidth = 595.0
    private static let pageHeight = 842.0
    private static let margin = 42.0

    private struct Section {
        let title: String
        let rows: [[String]]
    }

    private let title: String
    private let subtitle: String
    private let sections: [Section]
    private let notes: [String]

    public init(_ report: ProductionReport) {
        title = "Production"
        subtitle = report.span
        sections = [Section(title: "", rows: report.table)]
        notes = report.reasons
    }

    public init(_ report: EffectivenessReport) {
        title = "Overall equipment effectiveness"
        subtitle = "ISO 22400-2, from \(report.from.iso8601) to \(report.to.iso8601)"
        sections = [
            Section(title: "Ratios", rows: report.ratios), Section(title: "States of SEMI E10", rows: report.states),
            Section(title: "Target against actual", rows: report.hours),
        ]
        notes = []
    }

    public init(_ report: AgeingReport) {
        title = "Ageing"
        subtitle = "at \(report.now.iso8601)"
        sections = [Section(title: "", rows: report.percentiles), Section(title: "Oldest first", rows: report.list)]
        notes = []
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        guard let surface = cairo_pdf_surface_create(path, Self.pageWidth, Self.pageHeight),
            let context = cairo_create(surface)
        else { throw unwritable(path) }
        var page = ReportPage(context: context, width: Self.pageWidth, height: Self.pageHeight, margin: Self.margin)
        page.text(title, size: 20, bold: true, advance: 30)
        page.text(subtitle, size: 10.5, advance: 24)
        for section in sections {
            if !section.title.isEmpty { page.text(section.title, size: 11, bold: true, advance: 18) }
            page.table(section.rows)
            page.gap(12)
        }
        for note in notes { page.text(note, size: 8.5, advance: 13) }
        page.finish(footer: "Sakk, \(title)")
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        cairo_destroy(context)
        cairo_surface_destroy(surface)
        guard status == CAIRO_STATUS_SUCCESS else { throw unwritable(path) }
    }

    private func unwritable(_ path: String) -> SakkError {
        SakkError(
            "report.unwritable", source: path, text: "The report cannot be written.",
            remedy: "Check the folder, its permissions and the space on the disk.")
    }
}
