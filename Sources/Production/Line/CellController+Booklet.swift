import Ground
import Ledger
import Stations

extension CellController {
    /// A cell for booklets has a reader for their numbers, and one for cards has none.
    func demandReader() throws(SakkError) {
        guard (configuration.booklets == nil) != (stations.booklets == nil) else { return }
        throw hold(
            "line.booklet.reader",
            stations.booklets == nil
                ? "The product's number is its booklet's, and the cell has no reader for it."
                : "The cell reads numbers of booklets, and the product's number is not its booklet's.",
            "Correct the line's file: product and machine do not belong together.")
    }

    /// What lies in the machine by its own number; nil in a cell for cards.
    func seeBooklet() async throws(SakkError) -> SeenBooklet? {
        guard let reader = stations.booklets else { return nil }
        let reading = try await act("line.booklet.read.before", "line.booklet.read.after") {
            () async throws(SakkError) in
            try await reader.read()
        }
        var known: BookletQuery.Booklet?
        if case .booklet(let identity) = reading, let number = identity.number {
            known = try await store.read(BookletQuery(number))
        }
        let next = try await store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).first?.blank
        return SeenBooklet(reading: reading, known: known, expected: next)
    }

    /// Why the booklet in the machine must not be worked on: nil for the bound one, open at its data page, and for cards.
    ///
    /// `booklet.absent` is thrown: where it is must be found out first.
    func astray(_ machine: CardMachine) async throws(SakkError) -> String? {
        guard let seen = try await seeBooklet() else { return nil }
        guard case .booklet(let identity) = seen.reading else {
            throw SakkError(
                "booklet.absent", source: "cell \(configuration.cell)", subject: machine.attempt.rawValue,
                outcome: .unknown, text: "The machine is empty where the booklet \(machine.number ?? "") should lie.",
                remedy: "Look into the machine and both boxes, and bring it to the desk reader.")
        }
        guard let number = identity.number else { return "booklet.unreadable" }
        if number != machine.number { return "booklet.number.differs" }
        return identity.page == .data ? nil : "booklet.page"
    }

    /// The blank that a card from the hopper is: the next one, or the one whose number can be read on it.
    func spare() async throws(SakkError) -> BlankID? {
        guard let seen = try await seeBooklet() else {
            return try await store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).first?.blank
        }
        return seen.known.flatMap { $0.account == .line && $0.line == configuration.line ? $0.blank : nil }
    }

    /// What is made of a record whose number is its booklet's before the booklet is there.
    func draft(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> any DocumentDraft {
        try await stations.preparation.draft(record, for: attempt)
    }

    /// Finishes the document with the number that is bound.
    func complete(_ machine: CardMachine, _ draft: (any DocumentDraft)?) async throws(SakkError) -> PreparedDocument {
        guard let number = machine.number else {
            throw hold("line.sequence", "No number is bound.", "Stop the line and call the engineer.")
        }
        var ready = draft
        if ready == nil {
            let record = try stations.verification.verify(try await store.envelope(of: machine.production))
            ready = try await self.draft(record, for: machine.attempt)
        }
        guard let ready, ready.attempt == machine.attempt else {
            throw hold("line.sequence", "The draft is another attempt's.", "Stop the line and call the engineer.")
        }
        let document = try await act("line.complete.before", "line.complete.after") { () async throws(SakkError) in
            try await ready.complete(number: number)
        }
        // what goes on chip and page is asked for once more, not believed
        guard document.chip.access.documentNumber == number, document.record.documentNumber == number else {
            throw hold(
                "line.booklet.number", "The document was prepared with another number than the booklet's.",
                "Stop the line and call the engineer.", subject: machine.attempt.rawValue)
        }
        try Preflight.check(document, configuration)
        return document
    }
}
