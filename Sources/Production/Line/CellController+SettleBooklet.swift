public import Ground
import Ledger
import Stations

extension CellController {
    /// Reasons after which a booklet that nothing was written to may be laid into the hopper again.
    private static let mayGoBack: Set<String> = [
        "booklet.number.other", "booklet.page", "exit.unknown", "found.in.cell",
    ]

    /// Settles a booklet that nothing was written to, by the number that a person read from it and typed twice.
    ///
    /// It is spoiled, and its number void; or, where only its turn or its page was wrong, laid behind the others of the
    /// hopper. When the number is another than the one that was expected for an unreadable booklet, or for one that left
    /// by an unknown exit before it was read, the expected one lies in the hopper still; a booklet of another line goes back
    /// there.
    /// Errors: `settle.number.differs`, `settle.booklet.unknown`, `settle.booklet.written`, `settle.card.unexpected`.
    func settleBooklet(_ number: String, _ again: String, goesBack: Bool, by actor: String) async throws(SakkError)
        -> Settlement
    {
        guard number == again else {
            throw hold(
                "settle.number.differs", "The two numbers differ.", "Read the number once more and type it twice.")
        }
        guard let known = try await store.read(BookletQuery(number)) else {
            throw hold(
                "settle.booklet.unknown", "No booklet of this number was received.", "Take it to the supervisor.",
                subject: number)
        }
        guard known.attempt == nil else {
            throw hold(
                "settle.booklet.written", "This booklet may have been written to: its chip must be looked at.",
                "Lay it on the desk reader (sakk card settle), or destroy it before two people.", subject: number)
        }
        var changes: [Change] = [
            .note(kind: "booklet.settled", subjects: [known.blank.rawValue, actor], facts: ["number": .string(number)])
        ]
        let reason: String
        switch known.account {
        case .held, .quarantine, .missing: reason = try await store.blanks(.blank(known.blank)).first?.reason ?? ""
        case .line:
            // another one than was expected: that one was not fed
            let notFed = try await expectedUnseen()
            guard notFed.count == 1, let expected = notFed.first else { throw unexpected(number) }
            reason = expected.reason
            if goesBack, known.line != configuration.line {
                // its own line's books have it in the hopper, and there it lies again
                changes.append(.move(expected.blank, from: .held, to: .line, reason: "booklet.named", attempt: nil))
                try await commit(changes)
                return Settlement(
                    decision: .back, attempt: nil, blank: known.blank,
                    text: "It belongs to \(known.line). Lay it behind the others of the hopper there.")
            }
            changes += [
                .move(known.blank, from: .line, to: .held, reason: reason, attempt: nil), .exit(known.blank, .reject),
                .move(expected.blank, from: .held, to: .line, reason: "booklet.named", attempt: nil),
            ]
        default: throw unexpected(number)
        }
        let account: Account = known.account == .line ? .held : known.account
        if goesBack {
            guard account == .held, !known.isVoid, CellController.mayGoBack.contains(reason) else {
                throw hold(
                    "settle.booklet.back", "This booklet may not go back into the hopper (\(reason)).",
                    "Settle it as spoiled.", subject: number)
            }
            changes += [
                .move(known.blank, from: .held, to: .line, reason: "booklet.back", attempt: nil),
                .stock(.load(known.blank, configuration.line, configuration.cell)),
            ]
        } else {
            changes.append(
                .move(
                    known.blank, from: account, to: .spoiled, reason: reason.isEmpty ? "booklet.settled" : reason,
                    attempt: nil))
        }
        try await commit(changes)
        return Settlement(
            decision: goesBack ? .back : .spoiled, attempt: nil, blank: known.blank,
            text: goesBack
                ? "Lay it behind the others of the hopper of \(configuration.cell)."
                : "The booklet is spoiled and its number void. Lay it into the reject box.")
    }

    /// Booklets that the books take for one that this cell fed, without anybody having read its number: it could not be
    /// read, or it left by an unknown exit before.
    private func expectedUnseen() async throws(SakkError) -> [BlankReport] {
        var expected: [BlankReport] = []
        for blank in try await store.blanks(.account(configuration.line, .held, limit: 1000))
        where blank.reason == "booklet.unreadable" || blank.reason == "exit.unknown" {
            guard blank.hopper ?? configuration.cell == configuration.cell, let number = blank.number,
                let known = try await store.read(BookletQuery(number)), known.attempt == nil
            else { continue }
            expected.append(blank)
        }
        return expected
    }

    private func unexpected(_ number: String) -> SakkError {
        hold(
            "settle.card.unexpected", "This booklet is not one that waits to be settled.",
            "Take it to the supervisor: it is a good document, or a fresh one of hopper or vault.", subject: number)
    }
}

extension LineController {
    /// Settles a booklet of this cell that nothing was written to, by the number that a person read and typed twice.
    ///
    /// Errors: `settle.number.differs`, `settle.booklet.unknown`, `settle.booklet.written`, `settle.booklet.back`,
    /// `settle.card.unexpected`, `line.cells`.
    public func settleBooklet(
        _ number: String, again: String, goesBack: Bool = false, cell: CellID? = nil, by actor: String
    ) async throws(SakkError) -> Settlement {
        if !lease.isTaken { try await takeOver() }
        guard let controller = cells.first(where: { cell == nil || $0.configuration.cell == cell }) else {
            throw SakkError(
                "line.cells", source: "line \(line)", subject: cell?.rawValue, text: "The line has no such cell.",
                remedy: "Name one of its cells.")
        }
        return try await controller.settleBooklet(number, again, goesBack: goesBack, by: actor)
    }
}
