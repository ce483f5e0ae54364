import Stations
import Ground

extension Change {
    /// The journal row of this change. `openSeq` gives the row of an intent that a result answers.
    func entry(_ context: Transition, openSeq: (StepKey) throws -> Int64?) throws -> JournalEntry {
        let cell = context.cell?.rawValue
        switch self {
        case .intend(let key, let facts):
            return JournalEntry(
                "step.intent", [key.attempt.rawValue],
                facts.merging(Change.step(key).merging(["cell": .optional(cell)]) { $1 }) { $1 })
        case .conclude(let key, let outcome, let facts):
            return JournalEntry(
                "step.result", [key.attempt.rawValue], cause: try openSeq(key),
                facts.merging(Change.step(key).merging(["outcome": .string(outcome.rawValue)]) { $1 }) { $1 })
        case .attempt(let attempt, let state, let reason):
            return JournalEntry(
                "attempt.state", [attempt.rawValue],
                ["state": .string(state.rawValue), "reason": .optional(reason)])
        case .bind(let attempt, let blank, let chip):
            return JournalEntry("attempt.bound", [attempt.rawValue, blank.rawValue, chip.rawValue])
        case .number(let attempt, let number):
            return JournalEntry("attempt.numbered", [attempt.rawValue], ["number": .string(number)])
        case .document(let attempt, let hash):
            return JournalEntry("attempt.document", [attempt.rawValue], ["sod_hash": .string(hash.hex)])
        case .death(let attempt, let death):
            return JournalEntry("chip.death", [attempt.rawValue], ["death": .string(death.rawValue)])
        case .identify(let blank, let chip):
            return JournalEntry("blank.chip", [blank.rawValue, chip.rawValue])
        case .register, .move, .hopper, .admit, .exit, .record, .release, .withdraw, .stopList:
            guard let entry = stockEntry(cell) ?? queueEntry else { throw SQLFailure.shape("change") }
            return entry
        case .stock(let change): return change.entry
        case .people(let change): return change.entry
        case .verdict(let change): return change.entry
        case .trust(let change): return change.entry
        case .command, .answer:
            guard let entry = commandEntry else { throw SQLFailure.shape("change") }
            return entry
        case .machine(let state, let code, let text, let remedy):
            return Change.entry(UnitState(state: state, code: code, text: text, remedy: remedy), context)
        case .unit(let unit): return Change.entry(unit, context)
        case .note(let kind, let subjects, let facts):
            guard !Projector.kinds.contains(kind) else { throw SQLFailure.shape("note \(kind)") }
            return JournalEntry(kind, subjects, facts)
        }
    }

    /// `release` ends the attempt in a row of its own.
    var before: JournalEntry? {
        guard case .release(let attempt, _) = self else { return nil }
        return JournalEntry(
            "attempt.state", [attempt.rawValue],
            ["state": .string(AttemptState.dropped.rawValue), "reason": "released"])
    }

    private static func step(_ key: StepKey) -> [String: JSONValue] {
        ["step": .string(key.step.rawValue), "try": .count(key.number)]
    }

    private func stockEntry(_ cell: String?) -> JournalEntry? {
        switch self {
        case .register(let blank, let stock, let lot, let ordinal):
            JournalEntry(
                "blank.registered", [blank.rawValue],
                [
                    "lot": .string(lot), "ordinal": .count(ordinal), "stock": .string(stock),
                    "to": .string(Account.vault.rawValue), "reason": "received",
                ])
        case .move(let blank, let from, let to, let reason, let attempt):
            JournalEntry(
                "blank.moved", [blank.rawValue],
                [
                    "from": .string(from.rawValue), "to": .string(to.rawValue), "reason": .string(reason),
                    "attempt": .optional(attempt?.rawValue),
                ])
        case .hopper(let blank, let line, let cell):
            JournalEntry(
                "blank.loaded", [blank.rawValue],
                ["line": .string(line.rawValue), "cell": .string(cell.rawValue)])
        case .admit(let blank, let account, let chip, let reason):
            JournalEntry(
                "blank.found", [blank.rawValue],
                [
                    "reason": .string(reason), "to": .string(account.rawValue), "chip": .optional(chip?.rawValue),
                ])
        case .exit(let blank, let exit):
            JournalEntry(
                "blank.exit", [blank.rawValue], ["cell": .optional(cell), "exit": .string(exit.rawValue)])
        default: nil
        }
    }

    private var queueEntry: JournalEntry? {
        switch self {
        case .record(let production, let state, let reason):
            JournalEntry(
                "record.state", [production.rawValue],
                ["state": .string(state.rawValue), "reason": .optional(reason)])
        case .release(_, let production):
            JournalEntry(
                "record.state", [production.rawValue],
                ["state": .string(RecordState.queued.rawValue), "untouched": .bool(true)])
        case .withdraw(let production, let reason):
            JournalEntry("record.withdrawn", [production.rawValue], ["reason": .string(reason)])
        case .stopList(let authority, let number, let issued, let nextUpdate):
            JournalEntry(
                "stoplist.taken", [authority],
                [
                    "number": .integer(number), "issued": .integer(issued.microseconds),
                    "next_update": .integer(nextUpdate.microseconds),
                ])
        default: nil
        }
    }

    private static func entry(_ unit: UnitState, _ context: Transition) -> JournalEntry {
        JournalEntry(
            "machine.state", [context.log.rawValue, context.cell?.rawValue ?? ""],
            [
                "state": .string(unit.state.word), "mode": .string(unit.mode.rawValue), "code": .optional(unit.code),
                "text": .string(unit.text), "remedy": .string(unit.remedy), "product": .optional(unit.product),
                "batch": .optional(unit.batch),
            ])
    }
}
