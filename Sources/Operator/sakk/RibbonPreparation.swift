import Ground
import Stations

/// Fits prepared documents to the ribbon of a cell: panels that its printer has no use for fall away (a retransfer film is
/// its own overlay); a panel that is missing is an error, never left out.
struct RibbonPreparation: DocumentPreparation {
    let inner: any DocumentPreparation
    let ribbon: String

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        let document = try await inner.prepare(record, for: attempt)
        let rendered = document.rendered
        let panels = rendered.panels.filter { $0.panel != .overlay || ribbon.contains("o") }
        let given = panels.map(\.panel.rawValue).sorted()
        guard given == ribbon.map({ String($0) }).sorted() else {
            throw SakkError(
                "printer.ribbon.other", source: "artwork", subject: attempt.rawValue,
                text: "The artwork gives panels \(given.joined()), the ribbon of the cell is \(ribbon).",
                remedy: "Use a ribbon that fits the product's artwork.")
        }
        return PreparedDocument(
            attempt: document.attempt, record: document.record, mrz: document.mrz, chip: document.chip,
            rendered: RenderedDocument(
                sides: rendered.sides, panels: panels, fields: rendered.fields, ribbon: ribbon, dpi: rendered.dpi),
            portrait: document.portrait)
    }

    func draft(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> any DocumentDraft {
        try await inner.draft(record, for: attempt)
    }
}
