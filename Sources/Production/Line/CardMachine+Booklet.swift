import Ground
import Ledger
import Stations

/// The part of a booklet's life that a card has not: its own number is read and bound, and only then the document is
/// finished.
extension CardMachine {
    mutating func identified(_ seen: Seen, _ booklet: SeenBooklet, _ status: PrinterStatus) -> [CardAction] {
        guard let rule = limits.booklets else { return [] }
        switch rule.judge(booklet, seen, limits) {
        case .refused(let refused): return refuse(refused, seen, status)
        case .ours(let blank, let number):
            self.blank = blank
            guard case .card(let card) = seen else { return handle(.identified(seen, status)) }
            self.number = number
            chip = card.chip
            phase = .completing
            return [
                .commit([
                    conclude(.done, ["seen": "fresh"]),
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: attempt),
                    .bind(attempt, blank, card.chip), .number(attempt, number),
                ]), .complete,
            ]
        }
    }

    /// The document with its number is there: from now on it is as with a card.
    mutating func completed(_ sodHash: Bytes, panels: Int) -> [CardAction] {
        self.sodHash = sodHash
        self.panels = panels
        phase = .personalising
        return [
            .commit([
                .document(attempt, sodHash: sodHash), intend(.personalise, ["sod_hash": .string(sodHash.hex)]),
            ]), .personalise,
        ]
    }

    /// Nothing was written, but the number is bound: booklet and number are spoiled. The same record would come to the
    /// same end with every booklet.
    mutating func completionFailed(_ error: SakkError) -> [CardAction] {
        kill(reason: CardMachine.content + error.code.rawValue, before: [])
    }

    /// Head of the reasons that are the record's fault.
    static let content = "record.content:"

    /// Named, placed and left alone: the row of what was fed goes where the booklet goes, and the cell holds.
    private mutating func refuse(_ refused: RefusedBooklet, _ seen: Seen, _ status: PrinterStatus) -> [CardAction] {
        let outcome: SakkError.Outcome = refused.reason == "booklet.absent" ? .unknown : .done
        var changes = [
            conclude(
                outcome, ["seen": .string(refused.reason), "number": refused.number.map(JSONValue.string) ?? .null])
        ]
        let chip: FoundCard? = if case .card(let card) = seen { card } else { nil }
        strangeChip = chip?.chip
        switch refused.row {
        case .gone(let expected):
            if let expected {
                changes.append(.move(expected, from: .line, to: .held, reason: "exit.unknown", attempt: attempt))
            }
            phase = .done
            return [
                .commit(changes),
                .finish(RefusedBooklet.words(refused.reason, nil, expected ?? blank, "no known place")),
            ]
        case .blank(let row, let account):
            strange = row
            if account != .held {
                changes.append(.move(row, from: account, to: .held, reason: refused.reason, attempt: nil))
            }
        case .stranger:
            let name = [refused.number ?? chip.map { String($0.chip.rawValue.prefix(16)) } ?? "nameless"]
            let stranger = BlankID(
                stock: "found", serial: (name + [attempt.rawValue, String(tries[.feed] ?? 1)]).joined(separator: "/"))
            strange = stranger
            let free = chip.flatMap { $0.blank == nil ? $0.chip : nil }
            changes.append(.admit(stranger, to: .quarantine, chip: free, reason: refused.reason))
        }
        return leave(.refused(refused.reason, refused.number), status, before: changes)
    }
}
