import Ground
import Ledger
import Stations

extension CardMachine {
    mutating func intend(_ step: Step, _ facts: [String: JSONValue]) -> Change {
        tries[step, default: 0] += 1
        let key = StepKey(attempt, step, try: tries[step, default: 1])
        open = key
        return .intend(key, facts: facts)
    }

    /// The result of the act that is open.
    mutating func conclude(_ outcome: SakkError.Outcome, _ facts: [String: JSONValue] = [:]) -> Change {
        guard let key = open else {
            return .note(kind: "line.sequence", subjects: [attempt.rawValue], facts: ["text": "nothing was open"])
        }
        open = nil
        return .conclude(key, outcome: outcome, facts: facts)
    }

    /// What the books say once the card has left by the exit that its fate names.
    func left(_ fate: Fate) -> [Change] {
        let card = strange ?? blank
        let exit = Change.exit(card, fate.exit)
        switch fate {
        case .good:
            return [
                exit, .move(blank, from: .cell, to: .good, reason: "produced", attempt: attempt),
                .attempt(attempt, .produced, reason: nil), .record(production, .produced, reason: nil),
            ]
        case .spoil(let reason, let death):
            return [
                exit, .move(blank, from: .cell, to: .spoiled, reason: reason, attempt: attempt),
                .attempt(attempt, .spoiled, reason: reason),
                CardMachine.after(reason, faultsBefore: faultsBefore, production, death: death, limits: limits),
            ]
        case .dead(let reason):
            return [exit, .move(blank, from: .cell, to: .spoiled, reason: reason, attempt: attempt)]
        case .hold(let reason):
            return [
                exit, .move(blank, from: .cell, to: .held, reason: reason, attempt: attempt),
                .attempt(attempt, .held, reason: reason), .record(production, .held, reason: reason),
            ]
        case .known, .foreign, .swapped, .refused: return [exit]
        }
    }

    /// The record goes to the head of the queue; it waits when its number may be alive on the old chip (DESIGN 3) or is
    /// void, or when an engineer should look first.
    static func after(
        _ reason: String, faultsBefore: Int, _ production: ProductionID, death: ChipDeath, limits: LineConfiguration
    ) -> Change {
        if reason == CellController.withdrawn { return .record(production, .withdrawn, reason: reason) }
        // an engineer or the authority must look: every booklet would come to the same end
        if reason.hasPrefix(content) { return .record(production, .held, reason: reason) }
        // void at once: the authority is told, and no card gets it again
        if limits.renumbersRemakes { return .record(production, .held, reason: Books.numberIsVoid) }
        if death == .unconfirmed { return .record(production, .held, reason: "chip.death.unconfirmed") }
        if faultsBefore + (Recovery.isInterruption(reason) ? 0 : 1) >= limits.attemptsPerRecord {
            return .record(production, .held, reason: "attempts.limit")
        }
        return .record(production, .queued, reason: "remake")
    }

    func end(_ fate: Fate) -> CardEnd {
        switch fate {
        case .good: return .produced
        case .spoil(let reason, _): return .spoiled(reason)
        case .dead: return .deadOnArrival
        case .hold(let reason): return .heldCard(reason)
        case .refused(let reason, let number):
            return RefusedBooklet.words(reason, number, strange ?? blank, "the reject box, on top")
        case .known(let owner):
            let name = owner.map { "attempt \($0)" } ?? "no attempt"
            return .holdCell(
                "line.card.known", "The hopper gave a card that is in the books already: \(name).",
                "Take the top card of the reject box to the desk reader, check the hopper, then go on.")
        case .foreign:
            return .holdCell(
                "line.card.foreign", "The hopper gave a personalised card that is not in the books.",
                "Take the top card of the reject box to the supervisor, check the hopper, then go on.")
        case .swapped:
            return .holdCell(
                "line.card.swapped", "Another card lay in the machine than the one that was written: \(attempt).",
                "Look for the missing card, bring it and the top card of the reject box to the desk reader.")
        }
    }
}
