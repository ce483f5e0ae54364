import Ground
import Ledger
import Stations

/// What must be right before anything is fed: each failure is a hold with code, words and remedy.
enum Preflight {
    /// What the cell says about itself, without moving a card.
    struct Situation: Sendable {
        var printer: PrinterIdentity
        var status: PrinterStatus
        /// The next blank of the hopper in the books.
        var blank: BlankID?
    }

    /// - Parameter feeds: there is a document to make, so that a blank is needed.
    static func check(_ situation: Situation, _ configuration: LineConfiguration, feeds: Bool) throws(SakkError) {
        func refuse(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
            SakkError(code, source: "cell \(configuration.cell)", text: text, remedy: remedy)
        }
        guard !configuration.product.isEmpty, !configuration.stock.isEmpty else {
            throw refuse(
                "line.profile", "The cell has no product or stock.", "Name the product's profile in the line's file.")
        }
        if !configuration.knownFirmware.isEmpty,
            !configuration.knownFirmware.contains(situation.printer.firmware)
        {
            throw refuse(
                "printer.firmware", "The printer's firmware \(situation.printer.firmware) is not a known one.",
                "Qualify it and add it to the model file, or load a known one.")
        }
        if feeds, let blank = situation.blank, !blank.rawValue.hasPrefix(configuration.stock + ":") {
            throw refuse(
                "line.stock.other", "The next blank is \(blank), the product needs \(configuration.stock).",
                "Load the right blanks and enter them.")
        }
        try check(situation.status, configuration, feeds: feeds)
    }

    /// What the printer says of itself: before a run, and before each card of it.
    static func check(
        _ status: PrinterStatus, _ configuration: LineConfiguration, feeds: Bool
    ) throws(SakkError) {
        let source = "cell \(configuration.cell)"
        for (reason, code, text, remedy) in refusals
        where status.reasons.contains(reason) && (feeds || reason != .mediaEmpty) {
            throw SakkError(code, source: source, text: text, remedy: remedy)
        }
        if let left = status.counters.ribbonRemaining, left < 1 {
            throw SakkError(
                "printer.ribbon.end", source: source, text: "No card is left on the ribbon.",
                remedy: "Put a new ribbon in.")
        }
    }

    /// The ribbon that the prepared document was separated for.
    static func check(_ document: PreparedDocument, _ configuration: LineConfiguration) throws(SakkError) {
        guard let ribbon = configuration.ribbon, ribbon != document.rendered.ribbon else { return }
        throw SakkError(
            "printer.ribbon.other", source: "cell \(configuration.cell)",
            text: "The document needs a \(document.rendered.ribbon) ribbon, the cell has \(ribbon).",
            remedy: "Put the right ribbon in and correct the line's file.")
    }

    private static let refusals: [(PrinterStateReason, SakkError.Code, String, String)] = [
        (.coverOpen, "printer.cover.open", "The printer's cover is open.", "Close the cover."),
        (.hardwareFault, "printer.fault", "The printer reports a hardware fault.", "Call the engineer."),
        (.mediaEmpty, "printer.hopper.empty", "The hopper is empty.", "Load blanks and enter them."),
        (.markerSupplyMissing, "printer.ribbon.missing", "There is no ribbon.", "Put a ribbon in."),
        (.markerSupplyEmpty, "printer.ribbon.end", "The ribbon is used up.", "Put a new ribbon in."),
        (
            .cleaningRequired, "printer.cleaning", "The printer must be cleaned.",
            "Run the cleaning card, then go on."
        ),
        (
            .fuserOverTemperature, "printer.head.hot", "The head or a heater of the printer is too hot.",
            "Let it cool down with the cover closed."
        ),
        (.outputAreaFull, "printer.output.full", "The good box is full.", "Empty the good box."),
        (.rejectAreaFull, "printer.reject.full", "The reject box is full.", "Empty the reject box."),
    ]
}

extension CellController {
    /// Asks the cell after it was reconciled and before it executes.
    func preflight(feeds: Bool) async throws(SakkError) {
        guard let identity else { return }
        let next = try await store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).first
        try Preflight.check(
            Preflight.Situation(printer: identity, status: try await stations.printer.status(), blank: next?.blank),
            configuration, feeds: feeds)
    }
}
