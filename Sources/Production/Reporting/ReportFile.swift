import CPangoCairo
import CTextLock
import Ground

/// A PDF file of A4 pages.
enum ReportFile {
    /// Draws the pages and writes the file; throws `report.unwritable`.
    static func write(
        to path: String, language: ReportLanguage, footer: String, _ draw: (inout ReportPage) -> Void
    ) throws(SakkError) {
        try self.draw(to: path, width: ReportPage.pageWidth, height: ReportPage.pageHeight) { context in
            var page = ReportPage(context: context, language: language)
            draw(&page)
            page.finish(footer: footer)
        }
    }

    /// One page of another size, in points.
    static func draw(
        to path: String, width: Double, height: Double, _ draw: (OpaquePointer) -> Void
    ) throws(SakkError) {
        sakk_text_begin()
        defer { sakk_text_end() }
        guard let surface = cairo_pdf_surface_create(path, width, height), let context = cairo_create(surface) else {
            throw unwritable(path)
        }
        draw(context)
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        cairo_destroy(context)
        cairo_surface_destroy(surface)
        guard status == CAIRO_STATUS_SUCCESS else { throw unwritable(path) }
    }

    private static func unwritable(_ path: String) -> SakkError {
        SakkError(
            "report.unwritable", source: path, text: "The report cannot be written.",
            remedy: "Check the folder, its permissions and the space on the disk.")
    }
}
